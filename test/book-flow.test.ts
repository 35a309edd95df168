import { expect, test } from 'vitest'
import { knownSums, storedFlow, sums } from './bench/order-flow.ts'

for (const name of ['w4k', 'w64k']) {
  const flow = storedFlow(name)
  if (!flow) console.log(`skipped: the workload ${name} is not here`)
  test.skipIf(!flow)(
    `a million operations of ${name} trade and rest as every other correct book does`,
    () => {
      expect(sums(flow!)).toEqual(knownSums[name])
    },
  )
}
