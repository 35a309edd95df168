import { expect, test } from 'vitest'
import { onGrid } from '../src/app/kit/grid.ts'
import { inputValueOf } from '../src/app/known-inputs.ts'
import { withoutNoise } from '../src/app/panels/rate.ts'

test('a box shows the number that a run takes, however small, without the noise of its factor', () => {
  for (const typed of [0, 0.1, 0.05, 0.07, 1.1, 0.29, 33.333333, 1e-7, 1e-9, -0.003, 250_000.01, 9.99999])
    expect(withoutNoise((typed / 100) * 100)).toBe(typed)
})

test('a box for whole numbers takes whole numbers, and one in steps those but for the noise of fractions', () => {
  for (const whole of [0, 7, -3, 4_294_967_295]) expect(onGrid(whole, 0, 1)).toBe(true)
  for (const almost of [1e-9, 6.999_999_9, 0.5, NaN]) expect(onGrid(almost, 0, 1)).toBe(false)
  expect(onGrid(0.1 + 0.2, 0, 0.1)).toBe(true)
  expect(onGrid(0.35, 0.05, 0.1)).toBe(true)
  expect(onGrid(0.4, 0.05, 0.1)).toBe(false)
  expect(onGrid(1e-9)).toBe(true)
})

test('an input of the name that something of every object has is shown as what a run takes', () => {
  for (const name of ['toString', 'constructor', 'valueOf', 'fast']) {
    expect(inputValueOf({ name, value: 1 }, {})).toBe(1)
    expect(inputValueOf({ name, value: 1 }, { [name]: 2 })).toBe(2)
  }
})
