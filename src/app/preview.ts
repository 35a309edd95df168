import type { Sample } from './library.svelte.ts'
import type { Curve, Terms } from './run.ts'
import type { Machinery } from './machinery.ts'

/**
 * Runs samples as they came, one after the other, and tells of each its equity or, as text, why there is none. Goes on
 * while `tell` returns true.
 */
export async function preview(
  machinery: Machinery,
  samples: readonly Sample[],
  terms: Terms,
  tell: (sample: Sample, outcome: Curve | string) => boolean,
): Promise<void> {
  const sandbox = machinery.spare()
  try {
    for (const sample of samples) {
      const [data, { program }] = await Promise.all([machinery.load(sample.data ?? 'aapl'), sample.load()])
      const outcome = await sandbox.run({ program, data, settings: { ...terms, inputs: {} } })
      const finished = outcome.kind === 'finished'
      if (!tell(sample, finished ? outcome.record.equity : 'It did not run to its end.')) break
    }
  } finally {
    sandbox.dispose()
  }
}
