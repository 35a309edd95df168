import * as v from 'valibot'
import type { DataSet } from '#data'
import {
  AsideKind,
  changesSince,
  checkCash,
  checkSettings,
  Chronicle,
  engineVersion,
  handlerNames,
  type Journal,
  type JournalEntry,
  orderFlags,
  OrderMark,
  orderTypes,
  refusalCodes,
  RequestKind,
  requestWords,
  type RunRecord,
  selfTrades,
} from '#engine'
import { InstrumentType, OrderFlag, OrderType } from '#market'
import { entryFields, identitiesOf, type JournalEnd, type JournalHead, lineOf } from './journal-file.ts'
import { readJson } from './json-text.ts'
import { limits } from './limits.ts'
import { marketSchema, ranInputsSchema, ranSettingsSchema } from './settings.ts'
import {
  fields,
  listOf,
  oneOf,
  readAs,
  type Schema,
  text,
  Unreadable,
  whole,
  within,
  yesOrNo,
} from './untrusted.ts'

/** UTF-16 units of the first line, and of any other. */
export const longestHead = 2_000_000
export const longestLine = 100_000

/** A file that is no journal, or that says something else than its run comes to. */
export class JournalFileError extends Error {
  override readonly name = 'JournalFileError'

  constructor(line: number, found: string, expected: string) {
    super(`Line ${line}: ${found}; expected ${expected}.`)
  }
}

/** A line of a file, and whether a line break follows. */
export interface FileLine {
  readonly text: string
  readonly isWhole: boolean
}

/** A journal that was read back. */
export interface ReadJournal {
  readonly head: JournalHead
  readonly journal: Journal
  /** Undefined where the file ends before it. */
  readonly end: JournalEnd | undefined
  /** Lines between head and end. */
  readonly lines: number
}

const safe = Number.MAX_SAFE_INTEGER
const name = text(200)
/** What stands here is printed to terminals. */
const legibleName = text(200, {
  pattern: /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u,
  words: 'without control characters',
})
const digestSchema = text(64, { pattern: /^[0-9a-f]{64}$/, words: '64 hexadecimal digits' })
const step = within(0, Number.MAX_VALUE)

const headSchema: Schema<JournalHead> = fields({
  journal: v.literal(1, '1, the layout that is known here; a newer version of outcry may have written it'),
  engine: text(20, { least: 1, pattern: /^[\w.+-]+$/, words: 'a version such as 1.2' }),
  settings: ranSettingsSchema,
  data: listOf(
    fields({
      id: text(2000),
      bars: v.optional(whole(0, safe)),
      sha256: v.optional(digestSchema),
      synthetic: v.optional(marketSchema),
      recorded: v.optional(
        fields({
          start: within(-safe, safe),
          end: within(-safe, safe),
          priceStep: step,
          barSeconds: v.optional(step),
          latency: v.optional(step),
        }),
      ),
    }),
    100,
    1,
  ),
  instruments: listOf(
    fields({
      name,
      type: oneOf(Object.values(InstrumentType)),
      exchange: name,
      currency: name,
      tickSize: step,
      lotSize: step,
      multiplier: step,
      timeZone: name,
    }),
    10_000,
  ),
  strategies: listOf(
    fields({
      name: v.optional(legibleName),
      handlers: listOf(oneOf(handlerNames), handlerNames.length),
      ownCosts: yesOrNo,
      cash: within(0, Number.MAX_VALUE),
      inputs: v.optional(ranInputsSchema),
    }),
    1000,
    1,
  ),
})

const endSchema: Schema<JournalEnd> = fields({
  end: oneOf(['complete', 'stopped', 'cut']),
  moves: whole(0, safe),
  lines: whole(0, safe),
  digest: digestSchema,
})

const wholes = ['move', 'strategy', 'order', 'after', 'pair', 'named', 'namedAfter', 'namedPair']
const flags = ['hidden', 'reduceOnly', 'toLimit']
const numbers = [
  ...['time', 'microseconds', 'price', 'volume', 'stopPrice', 'trail', 'trailPercent', 'display'],
  ...['notional', 'protectionPrice'],
  ...['open', 'high', 'low', 'close', 'fee', 'rate', 'slippage', 'answer'],
]

const kinds = new Map(
  Object.entries(requestWords).map(([kind, word]) => [word, Number(kind) as RequestKind] as const),
)
const levels: readonly unknown[] = ['debug', 'info', 'warn', 'error']
const events: readonly string[] = [
  ...kinds.keys(),
  ...[
    'NAMED',
    'TIMER',
    'LOG',
    'COST',
    'BAR',
    'TRADE',
    'OPEN',
    'FILL',
    'CANCEL',
    'CHANGE',
    'HALT',
    'CONTINUE',
  ],
  ...['ORDER', 'RECEIVED', 'TRAILED', 'MY FILL', 'CHANGED', 'REFUSED', 'FILLED', 'CANCELLED', 'REJECTED'],
]

/** A value in a few words. Control characters and marks of direction are shown as what they are. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const words = (JSON.stringify(value) ?? String(value)).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`,
  )
  return words.length > 80 ? `${words.slice(0, 80)}…` : words
}

type Parsed = Readonly<Record<string, unknown>>

/** Reads the lines of a journal one after the other, none of which is to be believed, and keeps what a replay needs. */
class JournalReading {
  #number = 0
  #head: JournalHead | undefined
  #end: JournalEnd | undefined
  #lines = 0
  #move = 0
  #isCut = false
  readonly #names: string[] = []
  readonly #texts: string[] = []
  readonly #requests = {
    move: [] as number[],
    time: [] as number[],
    strategy: [] as number[],
    handler: [] as number[],
    kind: [] as number[],
    order: [] as number[],
    objection: [] as number[],
  }
  readonly #orders = {
    instrument: [] as number[],
    side: [] as number[],
    type: [] as number[],
    flag: [] as number[],
    volume: [] as number[],
    price: [] as number[],
    stopPrice: [] as number[],
    trail: [] as number[],
    display: [] as number[],
    hidden: [] as number[],
    after: [] as number[],
    pair: [] as number[],
    exchange: [] as number[],
  }
  readonly #terms = { volume: [] as number[], price: [] as number[], stopPrice: [] as number[] }
  readonly #costs: number[] = []
  readonly #asides = {
    move: [] as number[],
    time: [] as number[],
    strategy: [] as number[],
    kind: [] as number[],
    request: [] as number[],
    text: [] as number[],
  }

  /** Reads the next line. */
  add({ text, isWhole }: FileLine): void {
    this.#number++
    if (this.#end)
      throw this.#wrong('another line', 'the end of the file, since the line before says that it ends')
    if (text.length > (this.#head ? longestLine : longestHead))
      throw this.#wrong(
        `more than ${text.length} letters`,
        this.#head ? `at most ${longestLine}` : `the head of a journal, of at most ${longestHead}`,
      )
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      // What was being written when the run was ended.
      if (this.#head && !isWhole) return void (this.#isCut = true)
      throw this.#wrong(shown(text), this.#head ? 'one JSON object' : 'the head of a journal')
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#wrong(shown(value), this.#head ? 'one JSON object' : 'the head of a journal')
    if (!this.#head) {
      this.#once(text, 'head')
      this.#head = this.#readHead(value)
    } else if (Object.hasOwn(value, 'end')) {
      this.#once(text, 'end')
      this.#end = this.#readEnd(value)
    } else this.#entry(value as Parsed)
  }

  close(): ReadJournal {
    if (!this.#head) {
      this.#number++
      throw this.#wrong('nothing', 'the head of a journal')
    }
    // Of a file that was cut, all but its last move is sure to be whole.
    const moves = this.#end ? this.#end.moves : Math.max(0, this.#move - 1)
    const known = (all: readonly number[]) => {
      let count = all.length
      while (count > 0 && all[count - 1]! > moves) count--
      return count
    }
    const requests = this.#end ? this.#requests.move.length : known(this.#requests.move)
    const asides = this.#end ? this.#asides.move.length : known(this.#asides.move)
    const r = this.#requests
    const o = this.#orders
    const a = this.#asides
    const changes = r.kind.slice(0, requests).filter((kind) => kind === RequestKind.CHANGE).length
    const journal: Journal = {
      strategies: this.#head.strategies.map(({ handlers, ownCosts, cash }) => ({
        handlers: handlers.map((handler) => (handlerNames as readonly string[]).indexOf(handler)),
        ownCosts,
        cash,
      })),
      requests: {
        move: Int32Array.from(r.move.slice(0, requests)),
        time: Float64Array.from(r.time.slice(0, requests)),
        strategy: Int32Array.from(r.strategy.slice(0, requests)),
        handler: Int8Array.from(r.handler.slice(0, requests)),
        kind: Uint8Array.from(r.kind.slice(0, requests)),
        order: Int32Array.from(r.order.slice(0, requests)),
        objection: Uint8Array.from(r.objection.slice(0, requests)),
      },
      orders: {
        instrument: Int32Array.from(o.instrument),
        side: Int8Array.from(o.side),
        type: Uint8Array.from(o.type),
        flag: Uint8Array.from(o.flag),
        volume: Float64Array.from(o.volume),
        price: Float64Array.from(o.price),
        stopPrice: Float64Array.from(o.stopPrice),
        trail: Float64Array.from(o.trail),
        display: Float64Array.from(o.display),
        hidden: Uint8Array.from(o.hidden),
        after: Int32Array.from(o.after),
        pair: Int32Array.from(o.pair),
        exchange: Int32Array.from(o.exchange),
      },
      terms: {
        volume: Float64Array.from(this.#terms.volume.slice(0, changes)),
        price: Float64Array.from(this.#terms.price.slice(0, changes)),
        stopPrice: Float64Array.from(this.#terms.stopPrice.slice(0, changes)),
      },
      costs: { answer: Float64Array.from(this.#costs) },
      asides: {
        move: Int32Array.from(a.move.slice(0, asides)),
        time: Float64Array.from(a.time.slice(0, asides)),
        strategy: Int32Array.from(a.strategy.slice(0, asides)),
        kind: Uint8Array.from(a.kind.slice(0, asides)),
        request: Int32Array.from(a.request.slice(0, asides)),
        text: Int32Array.from(a.text.slice(0, asides)),
      },
      names: this.#names,
      texts: this.#texts,
      moves,
    }
    return { head: this.#head, journal, end: this.#end, lines: this.#lines }
  }

  #wrong(found: string, expected: string): JournalFileError {
    return new JournalFileError(this.#number, found, expected)
  }

  /** Refuses a line in which a field stands twice. */
  #once(text: string, name: string): void {
    const twice = twiceIn(text, name)
    if (twice) throw this.#wrong(...twice)
  }

  /** Reads a line that a schema tells. */
  #read<Value>(schema: Schema<Value>, value: unknown, name: string): Value {
    try {
      return readAs(schema, value, name)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      const { path, found, expected } = error.misfits[0]!
      throw this.#wrong(`${path} is ${found}`, expected)
    }
  }

  #readHead(value: object): JournalHead {
    if (!Object.hasOwn(value, 'journal')) throw this.#wrong(shown(value), 'the head of a journal')
    const head = this.#read(headSchema, value, 'head')
    try {
      checkSettings(head.settings)
      checkCash(head.strategies, head.settings)
    } catch (error) {
      throw this.#wrong((error as Error).message, 'settings that a run can have')
    }
    return head
  }

  #readEnd(value: object): JournalEnd {
    const end = this.#read(endSchema, value, 'end')
    if (end.lines !== this.#lines)
      throw this.#wrong(`${this.#lines} lines between the head and this one`, `${end.lines}, as it says`)
    if (end.moves < this.#move) throw this.#wrong(`moves is ${end.moves}`, `at least ${this.#move}`)
    return end
  }

  #entry(entry: Parsed): void {
    this.#lines++
    for (const [field, value] of Object.entries(entry)) this.#checkField(field, value)
    const event = this.#text(entry, 'event')
    if (!events.includes(event)) throw this.#wrong(`event is ${shown(event)}`, `one of ${events.join(', ')}`)
    const move = this.#figure(entry, 'move')
    if (move < this.#move)
      throw this.#wrong(`move is ${move}`, `at least ${this.#move}, that of the line before`)
    this.#move = move
    const kind = kinds.get(event)
    if (kind !== undefined) this.#request(kind, entry)
    else if (event === 'NAMED') this.#order(entry)
    else if (event === 'TIMER') this.#aside(AsideKind.JOB, entry)
    else if (event === 'LOG') this.#aside((1 + this.#choice(entry, 'level', levels)) as AsideKind, entry)
    else if (event === 'COST') {
      this.#choice(entry, 'function', ['slippage', 'transactionCost'])
      this.#room('answers', this.#costs, limits.costs)
      this.#costs.push(this.#orNaN(entry, 'answer'))
    }
  }

  /** Holds a field against what kind of value it has, whatever the event. */
  #checkField(field: string, value: unknown): void {
    const wrong = (expected: string) => this.#wrong(`${field} is ${shown(value)}`, expected)
    if (!(entryFields as readonly string[]).includes(field))
      throw this.#wrong(`a field ${shown(field)}`, `one of ${entryFields.join(', ')}`)
    if (wholes.includes(field)) {
      if (!(Number.isInteger(value) && Math.abs(value as number) <= 0x7fffffff)) throw wrong('a whole number')
    } else if (numbers.includes(field)) {
      // Of what the market has, a number that is none is written as null.
      if (value !== null && typeof value !== 'number') throw wrong('a number')
    } else if (flags.includes(field)) {
      if (value !== true) throw wrong('true')
    } else if (typeof value !== 'string') throw wrong('a text')
  }

  #text(entry: Parsed, field: string): string {
    const value = entry[field]
    if (typeof value !== 'string') throw this.#wrong(`${field} is missing`, 'a text')
    return value
  }

  #figure(entry: Parsed, field: string): number {
    const value = entry[field]
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw this.#wrong(
        value === undefined ? `${field} is missing` : `${field} is ${shown(value)}`,
        'a number',
      )
    return value
  }

  #orNaN(entry: Parsed, field: string): number {
    return entry[field] === undefined ? NaN : this.#figure(entry, field)
  }

  /** Index of a text among those that it may be. */
  #choice(entry: Parsed, field: string, choices: readonly unknown[]): number {
    const index = choices.indexOf(entry[field])
    if (index < 0) throw this.#wrong(`${field} is ${shown(entry[field])}`, `one of ${choices.join(', ')}`)
    return index
  }

  #strategy(entry: Parsed): number {
    const strategy = this.#figure(entry, 'strategy')
    const { length } = this.#head!.strategies
    if (!(strategy >= 0 && strategy < length))
      throw this.#wrong(`strategy is ${strategy}`, `a place from 0 to ${length - 1}`)
    return strategy
  }

  /** Microseconds UTC. */
  #time(entry: Parsed): number {
    const time = this.#figure(entry, 'time')
    return entry['microseconds'] === undefined ? Math.round(time * 1000) : this.#figure(entry, 'microseconds')
  }

  #room(what: string, rows: readonly unknown[], most: number): void {
    if (rows.length >= most) throw this.#wrong(`more than ${most} ${what}`, 'fewer: no run makes so many')
  }

  #request(kind: RequestKind, entry: Parsed): void {
    const r = this.#requests
    this.#room('requests', r.move, limits.requests)
    const handler = this.#choice(entry, 'handler', [...handlerNames, 'scheduled job'])
    const named = kind === RequestKind.KILL ? -1 : this.#figure(entry, 'named')
    if (kind === RequestKind.NEW && named === this.#orders.side.length) this.#order(entry)
    if (kind !== RequestKind.KILL && (named >= this.#orders.side.length || named === -1))
      throw this.#wrong(`named is ${named}`, `the number of one of ${this.#orders.side.length} orders so far`)
    if (kind === RequestKind.CHANGE) {
      this.#terms.volume.push(this.#figure(entry, 'volume'))
      this.#terms.price.push(this.#orNaN(entry, 'price'))
      this.#terms.stopPrice.push(this.#orNaN(entry, 'stopPrice'))
    }
    r.move.push(this.#move)
    r.time.push(this.#time(entry))
    r.strategy.push(this.#strategy(entry))
    r.handler.push(handler === handlerNames.length ? -1 : handler)
    r.kind.push(kind)
    r.order.push(named)
    r.objection.push(
      entry['objection'] === undefined ? 0 : 1 + this.#choice(entry, 'objection', refusalCodes),
    )
  }

  #order(entry: Parsed): void {
    const o = this.#orders
    this.#room('orders', o.side, limits.namedOrders)
    const named = this.#figure(entry, 'named')
    if (named !== o.side.length) throw this.#wrong(`named is ${named}`, `${o.side.length}, the next number`)
    const earlier = (field: 'namedAfter' | 'namedPair') => {
      if (entry[field] === undefined) return -1
      const number = this.#figure(entry, field)
      if (number >= named || number === -1)
        throw this.#wrong(`${field} is ${number}`, 'the number of an earlier order')
      return number
    }
    const percent = this.#orNaN(entry, 'trailPercent')
    o.instrument.push(this.#instrument(entry))
    o.side.push(this.#choice(entry, 'side', ['buy', 'sell']) === 0 ? 1 : -1)
    o.type.push(this.#choice(entry, 'type', orderTypes))
    o.flag.push(
      entry['flag'] === undefined
        ? orderFlags.indexOf(OrderFlag.NONE)
        : this.#choice(entry, 'flag', orderFlags),
    )
    const byMoney = entry['notional'] !== undefined
    const isMarket = entry['type'] === OrderType.MARKET
    const selfTrade = entry['selfTrade'] === undefined ? 0 : 1 + this.#choice(entry, 'selfTrade', selfTrades)
    o.volume.push(this.#figure(entry, byMoney ? 'notional' : 'volume'))
    o.price.push(this.#orNaN(entry, isMarket ? 'protectionPrice' : 'price'))
    o.stopPrice.push(this.#orNaN(entry, 'stopPrice'))
    o.trail.push(Number.isNaN(percent) ? this.#orNaN(entry, 'trail') : -percent)
    o.display.push(this.#orNaN(entry, 'display'))
    o.hidden.push(
      (entry['hidden'] ? OrderMark.HIDDEN : 0) |
        (entry['reduceOnly'] ? OrderMark.REDUCE_ONLY : 0) |
        (entry['toLimit'] ? OrderMark.TO_LIMIT : 0) |
        (selfTrade * OrderMark.SELF_TRADE) |
        (byMoney ? OrderMark.NOTIONAL : 0),
    )
    o.after.push(earlier('namedAfter'))
    o.pair.push(earlier('namedPair'))
    o.exchange.push(entry['onExchange'] === undefined ? -1 : this.#name(this.#text(entry, 'onExchange')))
  }

  #instrument(entry: Parsed): number {
    if (entry['unknownInstrument'] !== undefined)
      return -1 - this.#name(this.#text(entry, 'unknownInstrument'))
    const name = this.#text(entry, 'instrument')
    const exchange = entry['exchange']
    const index = this.#head!.instruments.findIndex(
      (other) => other.name === name && (exchange === undefined || other.exchange === exchange),
    )
    if (index < 0) throw this.#wrong(`instrument is ${shown(name)}`, 'one of the head')
    return index
  }

  #name(name: string): number {
    const known = this.#names.indexOf(name)
    if (known >= 0) return known
    this.#room('names that the run does not have', this.#names, limits.names)
    return this.#names.push(name) - 1
  }

  #aside(kind: AsideKind, entry: Parsed): void {
    const a = this.#asides
    this.#room('jobs and lines of the log', a.move, limits.asides)
    let index = -1
    if (kind !== AsideKind.JOB) {
      const line = this.#text(entry, 'text')
      if (this.#texts.at(-1) !== line) {
        this.#room('texts', this.#texts, limits.texts)
        this.#texts.push(line)
      }
      index = this.#texts.length - 1
    }
    a.move.push(this.#move)
    a.time.push(this.#time(entry))
    a.strategy.push(this.#strategy(entry))
    a.kind.push(kind)
    a.request.push(this.#requests.move.length)
    a.text.push(index)
  }
}

/**
 * Reads a journal that was written as JSON lines.
 *
 * @throws JournalFileError saying of the first line that is none what was found there and what was expected
 */
export async function readJournal(lines: Iterable<FileLine> | AsyncIterable<FileLine>): Promise<ReadJournal> {
  const reading = new JournalReading()
  for await (const line of lines) reading.add(line)
  return reading.close()
}

/** Something that is not as it was when a journal was made. */
export interface JournalDifference {
  readonly of: 'engine' | 'data'
  readonly sentence: string
}

/** What is not as it was when a journal was made: the engine first, then the data. */
export function differencesOf(
  { head }: ReadJournal,
  data: DataSet | readonly DataSet[],
): readonly JournalDifference[] {
  const differences: JournalDifference[] = []
  if (head.engine !== engineVersion) {
    const changes = changesSince(head.engine)?.join('; ')
    differences.push({
      of: 'engine',
      sentence: `The journal was made by engine ${head.engine}, and this is ${engineVersion}${changes ? `, where ${changes}` : ''}.`,
    })
  }
  const now = identitiesOf(data)
  if (now.length !== head.data.length)
    differences.push({
      of: 'data',
      sentence: `The journal was made on ${head.data.length} data sets, and there are ${now.length}.`,
    })
  for (const [at, was] of head.data.entries()) {
    const is = now[at]
    if (!is) continue
    const { id: __, ...isFacts } = is
    const { id: _, ...wasFacts } = was
    const left = JSON.stringify(sorted(wasFacts))
    const right = JSON.stringify(sorted(isFacts))
    if (left !== right)
      differences.push({
        of: 'data',
        sentence: `The data are not those that the journal was made with: '${is.id}' is ${right}, and '${was.id}' was ${left}.`,
      })
  }
  return differences
}

/** An object with its fields in the order of their names. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, part]) => [name, sorted(part)]))
}

/**
 * Performs the run of a journal without its strategies, and holds every line of the file against what happens.
 *
 * @param lines those that the journal was read from, once more
 * @throws JournalFileError at the first line that says something else
 */
export async function replayJournal(
  { head, journal, end }: ReadJournal,
  data: DataSet | readonly DataSet[],
  lines: Iterable<FileLine> | AsyncIterable<FileLine>,
): Promise<RunRecord> {
  const { settings, strategies } = head
  const stop = end?.end === 'complete' ? undefined : journal.moves
  let chronicle: Chronicle
  try {
    chronicle = new Chronicle(journal, data, settings, stop)
  } catch (error) {
    throw new JournalFileError(1, (error as Error).message, 'a run that there can be on these data')
  }
  const instruments = JSON.stringify(chronicle.instruments.map((one) => sorted({ ...one })))
  if (instruments !== JSON.stringify(head.instruments.map(sorted)))
    throw new JournalFileError(
      1,
      `instruments are ${head.instruments.map(({ name }) => name).join(', ')}`,
      `${instruments}, those of the data`,
    )
  const entries = chronicle.entries()
  let number = 0
  for await (const { text } of lines) {
    number++
    if (number === 1) continue
    if (end && number === end.lines + 2) break
    const parsed = end ? undefined : moveOf(text)
    // Of a file that was cut, the last move is not all there.
    if (!end && !(parsed !== undefined && parsed <= journal.moves)) break
    let next: IteratorResult<JournalEntry>
    try {
      next = entries.next()
    } catch (error) {
      throw new JournalFileError(
        number,
        shown(text),
        `what follows from the lines before: ${(error as Error).message}`,
      )
    }
    if (next.done) throw new JournalFileError(number, shown(text), 'the end: the run comes to nothing more')
    const expected = lineOf(next.value)
    if (expected === text) continue
    const twice = twiceIn(text, 'line')
    if (twice) throw new JournalFileError(number, ...twice)
    const difference = differenceIn(JSON.parse(text) as Parsed, JSON.parse(expected) as Parsed)
    if (difference) throw new JournalFileError(number, ...difference)
  }
  try {
    for (const entry of entries)
      if (end) throw new JournalFileError(number, 'the end', `another line: ${lineOf(entry)}`)
  } catch (error) {
    if (error instanceof JournalFileError) throw error
    throw new JournalFileError(
      number,
      'the end',
      `what follows from the lines before: ${(error as Error).message}`,
    )
  }
  if (end && end.moves !== chronicle.moves)
    throw new JournalFileError(number, `moves is ${end.moves}`, `${chronicle.moves}, what the run comes to`)
  const course = chronicle.record()
  const { strategies: parts, ...account } = course
  if (end && end.digest !== course.digest)
    throw new JournalFileError(number, `digest is ${end.digest}`, `${course.digest}, what the run comes to`)
  const several = strategies.length > 1
  const common = { engine: engineVersion, journal, declarations: [], plots: [] }
  return {
    ...account,
    ...common,
    settings,
    inputs: several ? {} : (strategies[0]!.inputs ?? settings.inputs),
    ...(stop === undefined ? {} : { stoppedAt: stop }),
    ...(parts && {
      strategies: parts.map((part, at) => {
        const { name = `strategy ${at + 1}`, cash, inputs = {} } = strategies[at]!
        return { ...part, ...common, name, settings: { ...settings, cash, inputs }, inputs }
      }),
    }),
  }
}

function moveOf(line: string): number | undefined {
  try {
    return (JSON.parse(line) as { move?: number }).move
  } catch {
    return undefined
  }
}

/** A field that stands twice in a line: what is found, and what is expected. */
function twiceIn(line: string, name: string): readonly [string, string] | undefined {
  const [first] = readJson(line, name).twice
  return first && [`${first.path} is ${first.found}`, first.expected]
}

/** The first field in which two lines differ: what is found, and what is expected. */
function differenceIn(found: Parsed, expected: Parsed): readonly [string, string] | undefined {
  for (const field of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const [left, right] = [found[field], expected[field]]
    if (Object.is(left, right)) continue
    return [
      left === undefined ? `${field} is missing` : `${field} is ${shown(left)}`,
      right === undefined
        ? `no ${field} with ${String(expected['event'])} there`
        : `${shown(right)}, what the run comes to${field === 'event' ? '' : ` with ${String(expected['event'])}`}`,
    ]
  }
  return undefined
}
