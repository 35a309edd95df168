import type { DataSet, FlowBlock } from '#data'
import type { InstrumentSpec } from '#market'
import { type ImportedSet, sha256, type Source } from '../store/imported-set.ts'
import { importedPrefix, type View } from '../store/view.ts'

/** What is said of recorded orders besides their columns. */
export interface Recording {
  readonly layout: 'lobster' | 'operations'
  readonly spec: InstrumentSpec
  /** What one unit of a message's price is worth. */
  readonly priceStep: number
  /** Microseconds UTC of the first and the last message. */
  readonly start: number
  readonly end: number
  readonly messages: number
  /** Of all kinds. */
  readonly trades: number
  /** Where its times and the orders before its first message come from, in sentences. */
  readonly said: string
  /** Blocks that its columns are stored in. */
  readonly blocks: number
}

/** Recorded orders that are about to be stored. */
export interface NewRecording {
  readonly name: string
  readonly summary: string
  readonly sources: readonly Source[]
  readonly recording: Omit<Recording, 'blocks'>
  readonly blocks: readonly FlowBlock[]
  /** Lines that could not be read and are left out. */
  readonly leftOut: ImportedSet['leftOut']
}

/** Columns of a block in the order in which they are hashed. */
const columnNames = ['time', 'kind', 'id', 'side', 'price', 'size'] as const

/** Bytes that a row of a block takes. */
const rowBytes = 4 * 8 + 2

/**
 * The id of recorded orders by their content: what is in the columns and what a unit of price and size is worth. No name
 * counts, so the same orders are recognised wherever they come from.
 */
async function recordedId({ recording, blocks }: NewRecording): Promise<string> {
  const { start, end, priceStep, spec } = recording
  const lines = ['orders', `${start} ${end} ${priceStep} ${spec.lotSize ?? 1}`]
  for (const block of blocks) {
    const digests = await Promise.all(
      columnNames.map((name) => sha256(block[name] as Float64Array<ArrayBuffer>)),
    )
    lines.push(`${block.length} ${digests.join(' ')}`)
  }
  return importedPrefix + (await sha256(new TextEncoder().encode(lines.join('\n'))))
}

/** Everything of new recorded orders but their columns, as the library lists it. */
export async function recordedEntry(made: NewRecording): Promise<ImportedSet> {
  const { name, summary, sources, recording, blocks, leftOut } = made
  const now = Date.now()
  return {
    id: await recordedId(made),
    name,
    tags: [],
    instruments: [],
    rows: recording.messages,
    from: recording.start,
    to: recording.end,
    bytes: blocks.reduce((sum, { length }) => sum + length * rowBytes, 0),
    sources,
    summary,
    view: {},
    leftOut,
    created: now,
    used: now,
    recording: { ...recording, blocks: blocks.length },
  }
}

/** Recorded orders as something to run on, in the bars and with the delay that a view asks for. */
export function recordedData(
  set: ImportedSet,
  address: string,
  { barSeconds, latency }: View,
  blocks: readonly FlowBlock[],
): DataSet {
  const { spec, priceStep, start, end, said } = set.recording!
  return {
    id: address,
    name: set.name,
    provenance: [
      `Recorded orders from ${set.sources.map(({ name }) => name).join(' and ')}: ${set.summary}. ${said}`,
      ...(set.leftOut.count > 0
        ? [
            set.leftOut.count === 1
              ? 'A line that could not be read was left out.'
              : `${set.leftOut.count.toLocaleString('en-US')} lines that could not be read were left out.`,
          ]
        : []),
      "Nobody in the recording reacts to the strategy's orders.",
    ].join(' '),
    instruments: [],
    recorded: {
      instrument: spec,
      priceStep,
      start,
      end,
      ...(barSeconds === undefined ? {} : { barSeconds }),
      ...(latency === undefined ? {} : { latency }),
      messages: blocks,
    },
  }
}
