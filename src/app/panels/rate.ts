/** What one unit of a currency is worth in another: six digits that tell. */
export const rate = (value: number): string => String(Number(value.toPrecision(6)))

/**
 * A number as it stands in a box: without the noise of binary fractions that a factor brings, however small it is. What is
 * shown is what a run takes.
 */
export const withoutNoise = (value: number): number => Number(value.toPrecision(12))
