const formats = new Map<string, Intl.NumberFormat>()

function format(key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  let found = formats.get(key)
  if (!found) formats.set(key, (found = new Intl.NumberFormat(undefined, options)))
  return found
}

/** A number with a fixed count of decimals and the true minus sign. */
export function fixed(value: number, decimals: number): string {
  const text = format(`fixed ${decimals}`, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(Math.abs(value))
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text
}

/** As {@link fixed}, with a plus before a gain. */
export const signed = (value: number, decimals: number): string =>
  value > 0 && /[1-9]/.test(fixed(value, decimals)) ? `+${fixed(value, decimals)}` : fixed(value, decimals)

/** A fraction as a percentage with its sign. */
export const percent = (fraction: number, decimals = 1): string => `${signed(fraction * 100, decimals)} %`

/** A volume: as many decimals as it needs, at most eight. */
export const volume = (value: number): string => format('volume', { maximumFractionDigits: 8 }).format(value)

/** A large number in few characters, such as `1.3M`. */
export const compact = (value: number): string =>
  format('compact', { notation: 'compact', maximumFractionDigits: 1 }).format(value)

/** An amount of money: cents until they no longer matter. */
export const money = (value: number): string => fixed(value, Math.abs(value) < 10_000 ? 2 : 0)

/** Decimals to show a price with: those of its tick, else enough for about six digits. */
export function priceDecimals(tickSize: number | undefined, price: number): number {
  if (tickSize && tickSize > 0) {
    let decimals = 0
    while (
      decimals < 10 &&
      Math.abs(tickSize * 10 ** decimals - Math.round(tickSize * 10 ** decimals)) > 1e-9
    )
      decimals++
    return Math.max(decimals, tickSize < 1 ? 2 : 0)
  }
  const size = Math.abs(price)
  return !(size > 0) || size >= 10 ? 2 : size >= 1 ? 4 : Math.min(10, 5 - Math.floor(Math.log10(size)))
}
