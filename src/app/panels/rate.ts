/** What one unit of a currency is worth in another: six digits that tell. */
export const rate = (value: number): string => String(Number(value.toPrecision(6)))
