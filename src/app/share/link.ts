import * as v from 'valibot'
import type { Source } from '#compile'
import { byName, configurationBounds, fields, listOf, readAs, text, Unreadable } from '#session'
import { abbreviated, spelledOut } from './abbreviations.ts'
import { bounds, type DataReference, longestId, readShared, type Shared } from './shared.ts'
import { linkUpgrades, newest, upgraded } from './upgrades.ts'

/*
 * A link is `#s1.` and base64url(deflate-raw(JSON)). It stands behind the `#`, which no browser sends to a server. The
 * JSON has short names and leaves out what is usual, so that small strategies make short links:
 *
 *   n name    f the file's text, or texts by name, the main one first; both with abbreviations
 *   d id of the data    m request for a synthetic market    i [name, first time, last time, bars] of imported data
 *   s settings that are not the usual ones    p inputs    v [instrument, from, to]
 *   b strategies beside it, each [name, text or texts, inputs, share]    w share of the strategy itself
 *   c [return, buy and hold, sharpe, drawdown, trades, costs, bars]    g digest and marks    e engine
 */

/** Why a link cannot be opened, in words for the person who pressed it. */
export class BadLink extends Error {
  override readonly name = 'BadLink'
}

/** What a link of form `s1` leaves out. It is part of the form: other usual settings need another form. */
const usual = {
  name: 'Shared strategy',
  file: 'strategy.ts',
  data: 'aapl',
  settings: {
    cash: 10_000,
    costs: { commission: 0.001, slippage: 0.0005 },
    fill: 'next-open',
    leverage: 1,
    seed: 1,
  },
} as const

const digestLength = 16
const newestLink = newest(linkUpgrades)

const filesSchema = v.union(
  [text(bounds.inflated), byName(text(bounds.fileName), text(bounds.inflated), bounds.files)],
  "a file's text, or at most 8 texts by name",
)

/** What version 1 of the form holds. Only its shape: the bounds of what it stands for are those of `Shared`. */
const wireSchema = fields({
  n: v.optional(v.unknown()),
  f: filesSchema,
  d: v.optional(text(longestId)),
  m: v.optional(v.unknown()),
  i: v.optional(listOf(v.unknown(), 4, 4)),
  s: v.optional(v.looseObject({}, 'settings by name')),
  p: v.optional(v.unknown()),
  v: v.optional(listOf(v.unknown(), 3, 1)),
  b: v.optional(listOf(listOf(v.unknown(), 4, 3), configurationBounds.strategies - 1, 1)),
  w: v.optional(v.unknown()),
  c: v.optional(listOf(v.unknown(), 7, 7)),
  g: v.optional(text(128, { least: digestLength })),
  e: v.optional(v.unknown()),
})

/** The link's part behind the address, with its `#`. */
export async function encodeLink(shared: Shared): Promise<string> {
  const json = JSON.stringify(compact(shared))
  const packed = await through(
    new Blob([json]).stream(),
    new CompressionStream('deflate-raw'),
    Number.POSITIVE_INFINITY,
  )
  return `#s${newestLink}.${base64url(packed)}`
}

/**
 * What a link holds.
 *
 * @throws BadLink in words for the person who pressed it
 */
export async function decodeLink(fragment: string): Promise<Shared> {
  const [, version = '', payload = ''] = /^#?s(\d+)\.(.*)$/s.exec(fragment) ?? []
  if (fragment.length > bounds.encoded)
    throw new BadLink(
      `The link has ${fragment.length.toLocaleString('en')} characters; at most ${bounds.encoded.toLocaleString('en')} are read. Ask for it as a file.`,
    )
  if (!/^[1-9]\d{0,3}$/.test(version)) throw new BadLink('This is not a link that Outcry made.')
  if (Number(version) > newestLink)
    throw new BadLink(
      `The link has form ${version}, from a newer Outcry than this one, which reads up to form ${newestLink}. Reload the page, and try again.`,
    )
  const stray = /[^\w-]/.exec(payload)
  if (stray)
    throw new BadLink(
      `The link has a character that no such link has, at place ${stray.index + 1} of ${payload.length}. It was changed on its way; ask for it again, or as a file.`,
    )
  const bytes = fromBase64url(payload)
  if (!bytes) throw new BadLink(cutOff)
  const wire = parsed(await unpacked(bytes))
  try {
    return readShared(
      expanded(readAs(wireSchema, upgraded(wire, Number(version), linkUpgrades), 'link')),
      'link',
    )
  } catch (error) {
    if (error instanceof RangeError || error instanceof Unreadable)
      throw new BadLink(`The link does not hold what it should: ${error.message}`)
    throw error
  }
}

const cutOff = 'The link is incomplete: it was cut off or changed on its way. Ask for it again, or as a file.'

async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  // In small pieces, since one piece may unpack to a thousand times its size before there is a chance to stop.
  let at = 0
  const pieces = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.subarray(at, (at += 256)))
    },
  })
  try {
    return await through(pieces, new DecompressionStream('deflate-raw'), bounds.inflated)
  } catch (error) {
    if (error instanceof BadLink) throw error
    throw new BadLink(cutOff)
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new BadLink('The link unpacks to something that is not a shared strategy. Outcry did not make it.')
  }
}

/** All that comes out of a transform, at most so many bytes. */
async function through(
  source: ReadableStream<Uint8Array<ArrayBuffer>>,
  transform: CompressionStream | DecompressionStream,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = source.pipeThrough(transform as TransformStream<Uint8Array, Uint8Array>).getReader()
  const parts: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > most) {
      void reader.cancel().catch(() => {})
      throw new BadLink(
        `The link unpacks to more than ${most / 1024} KB, which no shared strategy does. It was not opened.`,
      )
    }
    parts.push(value)
  }
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function base64url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0))
  } catch {
    return undefined
  }
}

function compact({
  name,
  source,
  data,
  settings,
  share,
  beside,
  view,
  claims,
}: Shared): v.InferOutput<typeof wireSchema> {
  const { inputs, ...terms } = settings
  const others = Object.fromEntries(
    Object.entries(terms).filter(
      ([key, value]) =>
        JSON.stringify(value) !== JSON.stringify((usual.settings as Record<string, unknown>)[key]),
    ),
  )
  return {
    ...(name !== usual.name && { n: abbreviated(name) }),
    f: compactFiles(source),
    ...(beside && {
      b: beside.map(({ name, source, inputs, share }) => [
        abbreviated(name),
        compactFiles(source),
        inputs,
        ...(share === undefined ? [] : [share]),
      ]),
    }),
    ...(share !== undefined && { w: share }),
    ...(data.kind === 'bundled' && data.id !== usual.data && { d: data.id }),
    ...(data.kind === 'synthetic' && { m: data.market }),
    ...(data.kind === 'imported' && {
      d: data.id,
      i: [data.name, data.from / 1e6, data.to / 1e6, data.bars],
    }),
    ...(Object.keys(others).length > 0 && { s: others }),
    ...(Object.keys(inputs).length > 0 && { p: inputs }),
    ...(view && (view.instrument > 0 || view.from !== undefined) && { v: compactView(view) }),
    ...(claims && {
      c: [...figureNames.map((figure) => claims.figures[figure]), claims.bars],
      g: claims.digest.slice(0, digestLength) + claims.marks,
      e: claims.engine,
    }),
  }
}

/** The text of the only file, or texts by name, the main one first. */
function compactFiles({ files, entry }: Source): string | Record<string, string> {
  const names = [entry, ...Object.keys(files).filter((file) => file !== entry)]
  return names.length === 1 && entry === usual.file
    ? abbreviated(files[entry]!)
    : Object.fromEntries(names.map((file) => [file, abbreviated(files[file]!)]))
}

const compactView = ({ instrument, from, to }: NonNullable<Shared['view']>) =>
  from === undefined || to === undefined ? [instrument] : [instrument, from / 1e6, to / 1e6]

const figureNames = ['totalReturn', 'buyAndHoldReturn', 'sharpe', 'maxDrawdown', 'trades', 'costs'] as const

/** What the short names stand for, with all that was left out; of no checked shape yet. */
function expanded(wire: v.InferOutput<typeof wireSchema>): unknown {
  const { n = usual.name, f, s, p = {}, v: view, b, w, c, g, e } = wire
  let room: number = bounds.inflated
  const source = (f: v.InferOutput<typeof filesSchema>) => {
    const files = typeof f === 'string' ? { [usual.file]: f } : f
    const texts = Object.entries(files).map(([file, short]) => {
      const text = spelledOut(short, room)
      room -= text.length
      return [file, text] as const
    })
    return { files: Object.fromEntries(texts), entry: texts[0]?.[0] ?? usual.file }
  }
  const named = (name: unknown) => (typeof name === 'string' ? spelledOut(name, bounds.inflated) : name)
  return {
    name: named(n),
    source: source(f),
    ...(b && {
      beside: b.map(([name, files, inputs, share], at) => ({
        name: named(name),
        source: source(readAs(filesSchema, files, `link.b[${at}]`)),
        inputs,
        ...(share === undefined ? {} : { share }),
      })),
    }),
    ...(w === undefined ? {} : { share: w }),
    data: expandedData(wire),
    settings: { ...usual.settings, ...s, inputs: p },
    ...(view && {
      view: { instrument: view[0], ...(view.length > 1 && { from: micro(view[1]), to: micro(view[2]) }) },
    }),
    ...(c && {
      claims: {
        engine: e,
        digest: g?.slice(0, digestLength),
        bars: c[6],
        // JSON has no NaN.
        figures: Object.fromEntries(figureNames.map((figure, at) => [figure, c[at] ?? NaN])),
        marks: g?.slice(digestLength),
      },
    }),
  }
}

function expandedData({ d = usual.data, m, i }: v.InferOutput<typeof wireSchema>): unknown {
  if (m !== undefined) return { kind: 'synthetic' satisfies DataReference['kind'], market: m }
  if (!i) return { kind: 'bundled' satisfies DataReference['kind'], id: d }
  const [name, from, to, bars] = i
  return {
    kind: 'imported' satisfies DataReference['kind'],
    id: d,
    name,
    from: micro(from),
    to: micro(to),
    bars,
  }
}

/** Microseconds of seconds; anything else stays what it is, for the check to find. */
const micro = (seconds: unknown) => (typeof seconds === 'number' ? Math.round(seconds * 1e6) : seconds)
