import { importBars } from '../../src/data/import/import.ts'
import { Papa } from '../../src/data/import/papa.ts'

/** Bars of the workload. */
export const count = 1_000_000
const published = { open: 91209708.875, close: 91209721.890625, volume: 50008237374, time: 499990000000000 }

/** Bars as columns. */
export interface Columns {
  /** Milliseconds. */
  time: ArrayLike<number>
  open: ArrayLike<number>
  high: ArrayLike<number>
  low: ArrayLike<number>
  close: ArrayLike<number>
  volume: ArrayLike<number>
}

/** Compares sums of columns with those that the workload publishes; throws where one differs. */
export function check(name: string, { time, open, close, volume }: Columns): void {
  const sums = { rows: time.length, open: 0, close: 0, volume: 0, time: 0 }
  for (let i = 0; i < time.length; i++) {
    sums.open += open[i]!
    sums.close += close[i]!
    sums.volume += volume[i]!
    sums.time += time[i]! % 1e9
  }
  const want = { rows: count, ...published }
  if (
    JSON.stringify(sums) !==
    JSON.stringify({
      rows: want.rows,
      open: want.open,
      close: want.close,
      volume: want.volume,
      time: want.time,
    })
  )
    throw new Error(`${name} gives other sums: ${JSON.stringify(sums)}`)
}

/** For this layout alone: commas, a header, times to the second in UTC, plain decimals, no mistakes. */
export function byHand(pieces: readonly Uint8Array[]): Columns {
  let capacity = 1 << 16
  let columns = Array.from({ length: 6 }, () => new Float64Array(capacity))
  let rows = 0
  let rest = new Uint8Array(0)
  let header = true
  const powers = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
  const cycle = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
  for (const piece of pieces) {
    let data = piece
    if (rest.length > 0) {
      data = new Uint8Array(rest.length + piece.length)
      data.set(rest)
      data.set(piece, rest.length)
    }
    const end = data.lastIndexOf(10) + 1
    let p = 0
    if (header) {
      p = data.indexOf(10) + 1
      header = false
    }
    while (p < end) {
      if (rows === capacity) {
        capacity *= 2
        columns = columns.map((column) => {
          const larger = new Float64Array(capacity)
          larger.set(column)
          return larger
        })
      }
      const two = (at: number) => (data[at]! - 48) * 10 + data[at + 1]! - 48
      const year = two(p) * 100 + two(p + 2)
      const month = two(p + 5)
      const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      const days =
        (year - 1970) * 365 +
        Math.floor((year - 1969) / 4) -
        Math.floor((year - 1901) / 100) +
        Math.floor((year - 1601) / 400) +
        cycle[month - 1]! +
        (leap && month > 2 ? 1 : 0) +
        two(p + 8) -
        1
      columns[0]![rows] = ((days * 24 + two(p + 11)) * 60 + two(p + 14)) * 60_000 + two(p + 17) * 1000
      p += 21
      for (let field = 1; field < 6; field++) {
        let value = 0
        let c = data[p++]!
        while (c >= 48) {
          value = value * 10 + (c - 48)
          c = data[p++]!
        }
        if (c === 46) {
          const from = p
          c = data[p++]!
          while (c >= 48) {
            value = value * 10 + (c - 48)
            c = data[p++]!
          }
          value /= powers[p - 1 - from]!
        }
        columns[field]![rows] = value
      }
      rows++
    }
    rest = data.slice(end)
  }
  const [time, open, high, low, close, volume] = columns.map((column) => column.subarray(0, rows)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  return { time, open, high, low, close, volume }
}

/** By the importer. */
export async function byUs(pieces: readonly Uint8Array[]): Promise<Columns> {
  const { instruments, skippedCount } = await importBars(pieces, { name: 'bench.csv' })
  if (skippedCount > 0) throw new Error(`${skippedCount} rows were skipped`)
  const { time, ...prices } = instruments[0]!.bars
  return { time: time.map((value) => value / 1000), ...prices }
}

/** By Papa Parse with typed conversion. */
export function byPapa(bytes: Uint8Array): Columns {
  const columns: Record<keyof Columns, number[]> = {
    time: [],
    open: [],
    high: [],
    low: [],
    close: [],
    volume: [],
  }
  const text = new TextDecoder().decode(bytes)
  Papa.parse<never>(text, {
    header: true,
    dynamicTyping: true,
    skipEmptyLines: true,
    step: ({ data }) => {
      const row = data as Record<string, number | Date>
      columns.time.push(new Date(row.timestamp!).getTime())
      columns.open.push(row.open as number)
      columns.high.push(row.high as number)
      columns.low.push(row.low as number)
      columns.close.push(row.close as number)
      columns.volume.push(row.volume as number)
    },
  })
  return columns
}

/** A file in pieces such as a disk or a network gives them. */
export const inPieces = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / 262_144) }, (_, i) =>
    bytes.subarray(i * 262_144, (i + 1) * 262_144),
  )

/** Checks the sums of all three, then lets them take turns; the best of each counts. Milliseconds. */
export async function race(bytes: Uint8Array): Promise<{ hand: number; us: number; papa: number }> {
  const pieces = inPieces(bytes)
  check('the hand-written parser', byHand(pieces))
  check('the importer', await byUs(pieces))
  check('Papa Parse', byPapa(bytes))
  const best = { hand: Infinity, us: Infinity, papa: Infinity }
  for (let round = 0; round < 5; round++) {
    best.hand = Math.min(best.hand, await measure(() => byHand(pieces)))
    best.us = Math.min(best.us, await measure(() => importBars(pieces, { name: 'bench.csv' })))
    if (round < 2) best.papa = Math.min(best.papa, await measure(() => byPapa(bytes)))
  }
  return best
}

/** Milliseconds of some work. */
async function measure(work: () => unknown): Promise<number> {
  ;(globalThis as { gc?: () => void }).gc?.()
  const start = performance.now()
  await work()
  return performance.now() - start
}
