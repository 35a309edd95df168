/** Whether a number is whole steps from `min`: to the last bit where these are of 1, else but for the noise of fractions. */
export function onGrid(number: number, min = 0, step?: number): boolean {
  if (step === undefined) return true
  const steps = (number - min) / step
  return Math.abs(steps - Math.round(steps)) <= (step === 1 ? 0 : 1e-6)
}
