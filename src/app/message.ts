import type { Position } from '#compile'

/** Something to say above the results, about the latest run. */
export interface Message {
  readonly tone: 'info' | 'warn' | 'error'
  readonly text: string
  readonly place?: Position
  /** Where it is mended. */
  readonly action?: { readonly label: string } & Wanted
}

/** A panel to show, and what in it takes the focus. */
export interface Wanted {
  readonly tab: string
  readonly focus?: 'range' | 'rates'
}
