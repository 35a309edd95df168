/**
 * A million bars of the shared workload as CSV, 63.7 MB in pieces of 256 KB, into columns: our importer against a
 * byte parser written by hand for this one layout, and against Papa Parse with typed conversion. The sums of the
 * columns are checked first. The three take turns, and the best of each counts.
 */
import { importBars } from '../../src/data/import/import.ts'
import { spawnSync } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importInChromium } from './import-chromium.ts'
import { count, race } from './import-parsers.ts'
import { workload } from './workload.ts'

const bars = workload(process.env.OUTCRY_BENCH_FILE === undefined ? count : 1)

function file(): Uint8Array {
  const lines = ['timestamp,open,high,low,close,volume']
  for (let i = 0; i < count; i++)
    lines.push(
      `${new Date(bars.time[i]! / 1000).toISOString().slice(0, 19)}Z,${bars.open[i]},${bars.high[i]},${bars.low[i]},${bars.close[i]},${bars.volume[i]}`,
    )
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}

// Memory is measured in a process of its own that streams the file from the disk.
const streamed = process.env.OUTCRY_BENCH_FILE
if (streamed !== undefined) {
  const { rss } = process.memoryUsage
  const before = rss()
  let peak = before
  const stream = createReadStream(streamed, { highWaterMark: 262_144 }) as AsyncIterable<Uint8Array>
  const { instruments } = await importBars(stream, { onProgress: () => (peak = Math.max(peak, rss())) })
  peak = Math.max(peak, rss())
  console.log(JSON.stringify({ before, peak, rows: instruments[0]!.bars.time.length }))
  process.exit()
}

const bytes = file()
const best = await race(bytes)
const row = (name: string, time: number) =>
  console.log(
    `${name.padEnd(36)}${time.toFixed(0).padStart(6)} ms ${(bytes.length / 1e3 / time).toFixed(0).padStart(5)} MB/s`,
  )
console.log(`1,000,000 bars, ${(bytes.length / 1e6).toFixed(1)} MB, sums as published`)
row('by hand, for this layout alone', best.hand)
row('importBars', best.us)
row('Papa Parse with typed conversion', best.papa)
console.log(
  `importBars takes ${(best.us / best.hand).toFixed(2)} times the hand-written parser (at most 2), and Papa Parse ${(best.papa / best.us).toFixed(1)} times importBars (at least 10)`,
)

const folder = mkdtempSync(join(tmpdir(), 'outcry-bench-'))
const path = join(folder, 'bars.csv')
writeFileSync(path, bytes)
const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url)], {
  env: { ...process.env, OUTCRY_BENCH_FILE: path },
  encoding: 'utf8',
})
const { before, peak, rows } = JSON.parse(child.stdout) as { before: number; peak: number; rows: number }
const columns = rows * 6 * 8
const megabytes = (size: number) => `${(size / 1e6).toFixed(0)} MB`
console.log(
  `memory: ${megabytes(columns)} of columns; streamed from disk the process grew by ${megabytes(peak - before)}, ${((peak - before) / columns).toFixed(2)} times the columns (at most 3), to ${megabytes(peak)}`,
)
await importInChromium(path, row)
rmSync(folder, { recursive: true })
