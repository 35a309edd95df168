/** What the benchmark of the importer does inside a page. */
import { importBars } from '../../src/data/import/import.ts'
import { race } from './import-parsers.ts'

const chosen = () => document.querySelector('input')!.files![0]!

async function* pieces(file: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += 1 << 20)
    yield new Uint8Array(await file.slice(at, at + (1 << 20)).arrayBuffer())
}

const page = {
  /** Times of the three parsers on the file, which is held in memory. */
  race: async () => race(new Uint8Array(await chosen().arrayBuffer())),
  /** Streams the file into columns and gives how many rows they have. */
  async stream(): Promise<number> {
    const { instruments } = await importBars(pieces(chosen()), { name: 'bench.csv' })
    return instruments[0]!.bars.time.length
  },
}
export type BenchPage = typeof page
Object.assign(globalThis, { page })
