import { expect, test } from 'vitest'
import { decodeFlow, knownSums, sums } from './bench/order-flow.ts'
import { storedWords } from './bench/stored-flow.ts'

for (const name of ['w4k', 'w64k']) {
  const words = storedWords(name)
  if (!words) console.log(`skipped: the workload ${name} is not here`)
  test.skipIf(!words)(
    `a million operations of ${name} trade and rest as every other correct book does`,
    () => {
      expect(sums(decodeFlow(name, words!))).toEqual(knownSums[name])
    },
  )
}
