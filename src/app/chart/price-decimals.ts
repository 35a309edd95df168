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
