import { expect, test } from 'vitest'
import { withoutNoise } from '../src/app/panels/rate.ts'

test('a box shows the number that a run takes, however small, without the noise of its factor', () => {
  for (const typed of [0, 0.1, 0.05, 0.07, 1.1, 0.29, 33.333333, 1e-7, 1e-9, -0.003, 250_000.01, 9.99999])
    expect(withoutNoise((typed / 100) * 100)).toBe(typed)
})
