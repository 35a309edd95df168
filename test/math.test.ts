import { expect, test } from 'vitest'
import { exp, log, power, random } from '#market'

/** Distance in units of the last place of `expected`. */
function ulps(actual: number, expected: number): number {
  if (Object.is(actual, expected) || actual === expected) return 0
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, Math.abs(expected))
  const last = bits.getBigUint64(0)
  bits.setBigUint64(0, last + 1n)
  return Math.abs(actual - expected) / (bits.getFloat64(0) - Math.abs(expected))
}

/** Largest distance over many seeded arguments. */
function worst(count: number, measure: (next: () => number) => number): number {
  const source = random(1)
  let most = 0
  for (let i = 0; i < count; i++) most = Math.max(most, measure(source.next))
  return most
}

test('the logarithm is within two units in the last place over the whole range', () => {
  expect(worst(100_000, (next) => ulpsOf(log, Math.log, Math.pow(10, 600 * next() - 300)))).toBeLessThan(2)
  expect(worst(100_000, (next) => ulpsOf(log, Math.log, 0.5 + next()))).toBeLessThan(2)
  expect(ulpsOf(log, Math.log, 5e-324)).toBeLessThan(2)
})

test('the exponential is within two units in the last place over the whole range', () => {
  expect(worst(100_000, (next) => ulpsOf(exp, Math.exp, 1400 * next() - 700))).toBeLessThan(2)
  expect(worst(100_000, (next) => ulpsOf(exp, Math.exp, next() - 0.5))).toBeLessThan(2)
})

test('a power is within two units in the last place, for growth over years and for huge results', () => {
  const compare = (x: number, y: number) => ulps(power(x, y), Math.pow(x, y))
  expect(worst(100_000, (next) => compare(100 * next(), 10 * next() - 5))).toBeLessThan(2)
  expect(worst(100_000, (next) => compare(1 + next(), 900 * next()))).toBeLessThan(2)
})

test('the edges are those of the platform', () => {
  for (const x of [0, 1, 2, Infinity])
    for (const y of [-Infinity, -2, 0, 0.5, 3, Infinity])
      if (x !== 1) expect(ulps(power(x, y), Math.pow(x, y)), `${x} to the power ${y}`).toBeLessThan(2)
  expect([log(0), log(-1), log(Infinity), log(1), log(NaN)]).toEqual([-Infinity, NaN, Infinity, 0, NaN])
  expect([exp(0), exp(-Infinity), exp(Infinity), exp(-800), exp(800)]).toEqual([1, 0, Infinity, 0, Infinity])
  expect(exp(NaN)).toBeNaN()
  expect(power(-8, 1 / 3)).toBeNaN()
  expect(power(1.1, 2000)).toBe(Math.pow(1.1, 2000))
})

function ulpsOf(ours: (x: number) => number, platform: (x: number) => number, x: number): number {
  return ulps(ours(x), platform(x))
}
