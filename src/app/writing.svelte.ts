/** Which zone times are told in: that of the exchange, UTC, or the reader's own. */
export type ShownZone = 'exchange' | 'utc' | 'local'

/** How the reader wants numbers and times written. What is drawn with them follows when they change. */
class Writing {
  /** Locale of the numbers; undefined is the browser's own. */
  locale = $state<string>()
  zone = $state<ShownZone>('exchange')
  /** Dates as ISO 8601 has them, or as the locale does. */
  dates = $state<'iso' | 'locale'>('iso')
}

/** The one choice that all figures on the page are written by. */
export const writing = new Writing()
