import { fstatSync, statSync } from 'node:fs'
import type { Level, OrderBook } from '#book'
import { BookCommands, LobsterReplay } from '#exchange'
import { headOf, linesOf, linesOfInput } from './cli-lines.ts'
import { readOptions } from './cli-options.ts'
import { withMend } from './cli-recorded.ts'
import { UsageError } from './cli-usage.ts'
import { count, counted, optionLines } from './cli-words.ts'

const options = {
  format: [
    'FORMAT',
    `lobster (time,type,id,size,price x 10000,direction) or jsonl, where the
${' '.repeat(26)}file does not show it; what comes from standard input is jsonl`,
  ],
  orderbook: ['FILE', 'LOBSTER book file of the same messages: every row is compared'],
  levels: ['NUMBER', 'prices a side that are printed, and compared (10)'],
  every: ['NUMBER', 'print the book after every so many messages (only at the end)'],
  from: ['TIME', 'print from this time on: HH:MM:SS or seconds after midnight'],
} as const

/** How `outcry book` is called. */
export const bookHelp = `outcry book FILE [options]     replays order-by-order messages and prints the book
outcry book -                  reads operations as JSON lines and writes events

${optionLines(options)}
  --json                  JSON lines; the last is { rows, rowsDiffering, firstDiffering, adopted, trades }

Files may be packed with gzip or zip. Orders that rested before the messages begin are taken
from the first row of the book file, where one is given. Of operations the events are written,
and with --every or --levels the book as LEVELS. Operations, one object a line:

  {"op":"book","tick":0.01,"lot":1,"profile":"exchange","allocation":"price-time",
   "selfTrade":"none","reachedStop":"trigger","lowestPrice":0}  first line, optional: tick
   and lot are 0.0001 without it, the rest as here
  {"op":"add","id":1,"side":"BUY","type":"LIMIT","price":10.5,"quantity":3,"flag":"NONE"}
  {"op":"cancel","id":1}   {"op":"change","id":1,"quantity":2,"price":10.4,"stopPrice":10.3}
  {"op":"levels","n":5}    {"op":"find","id":1}    {"op":"massCancel","owner":7}
  {"op":"position","owner":7,"quantity":-3}        {"op":"endDay"}
  {"op":"halt"}            {"op":"auction"}        {"op":"resume","reference":10.4}

Profile is exchange or aat, allocation price-time or pro-rata, selfTrade none, cancel-newest,
cancel-oldest or cancel-both, reachedStop trigger or reject. Type and flag may be left out; an
order may also have owner, stopPrice, cap, notional, toLimit, display, hidden, reduceOnly,
trail, trailPercent, pairWith and a selfTrade of its own, and every operation a time and a
note, which the book does not look at. A field of another name is an error. The quantity of a
change counts what has traded already. While an auction collects nothing trades; resume
uncrosses at one price, of several the nearest to the reference.

The answers are OPEN, TRADE, FILL, CHANGE, CANCEL, REJECT (with a code and the numbers, or the
reason, that decided), TRIGGERED and PHASE events with a sequence number, LEVELS and FOUND for
questions, and ERROR for a line that is no operation: no JSON, a field that is not known, or a
value that is not of its kind. A REJECT is the book's own answer and no failure.

Exit codes: 0 done, 2 wrong usage or files, or at least one line that was no operation.`

interface BookCall {
  readonly file: string
  readonly format: 'lobster' | 'jsonl'
  /** Whether the file looks like a book file instead. */
  readonly isBook: boolean
  readonly orderbook: string | undefined
  readonly levels: number | undefined
  readonly every: number
  readonly from: number
  readonly json: boolean
}

/**
 * Carries out `outcry book`.
 *
 * @throws UsageError when it was called wrongly or a file has not the layout it should
 */
export async function book(args: readonly string[]): Promise<void> {
  const call = read(args)
  if (call.format === 'jsonl') await operate(call)
  else await replay(call)
}

function read(args: readonly string[]): BookCall {
  const { files, given, json } = readOptions(args, options, 'book')
  const [file] = files
  if (file === undefined || files.length > 1)
    throw new UsageError(`Give one file of messages, or - for operations.\n\n${bookHelp}`)
  const format = given.get('format')
  if (format !== undefined && format !== 'lobster' && format !== 'jsonl')
    throw new UsageError(`--format is '${format}'; expected lobster or jsonl`)
  const whole = (name: 'levels' | 'every') => {
    const value = given.get(name)!
    if (!/^\d{1,9}$/.test(value) || Number(value) === 0)
      throw new UsageError(`--${name} is '${value}'; expected a whole number from 1 up`)
    return Number(value)
  }
  for (const path of [file, given.get('orderbook')])
    if (path !== undefined && path !== '-' && !statSync(path, { throwIfNoEntry: false })?.isFile())
      throw new UsageError(notRead(path))
  if (file === '-' && fstatSync(0).isDirectory())
    throw new UsageError(
      'Standard input is a folder; expected operations as JSON lines, as in outcry book - < operations.jsonl',
    )
  const layout = file === '-' ? 'operations' : headOf(file).layout
  const shown = format ?? (layout === 'operations' ? 'jsonl' : 'lobster')
  for (const name of ['orderbook', 'from'] as const)
    if (shown === 'jsonl' && given.has(name))
      throw new UsageError(
        `--${name} belongs to messages in the LOBSTER layout; ${file === '-' ? 'standard input' : file} has operations.`,
      )
  return {
    file,
    format: shown,
    isBook: layout === 'book',
    orderbook: given.get('orderbook'),
    levels: given.has('levels') ? whole('levels') : undefined,
    every: given.has('every') ? whole('every') : Infinity,
    from: given.has('from') ? secondsOf(given.get('from')!) : -Infinity,
    json,
  }
}

/** Why a path is no file that can be read from its beginning more than once. */
function notRead(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return `There is no file ${path}.`
  return found.isDirectory()
    ? `${path} is a folder; expected a file.`
    : `${path} is a pipe or a device; expected a file, or - for standard input, as in … | outcry book - --format lobster`
}

/** Seconds after midnight of `34200.5` or `09:30:00.5`. */
function secondsOf(text: string): number {
  const [, hours, minutes, seconds = '0'] = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(text) ?? []
  const time =
    hours === undefined ? Number(text) : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  if (text.trim() === '' || !(time >= 0 && time <= 86_400))
    throw new UsageError(`--from is '${text}'; expected a time such as 09:30:00, or seconds after midnight`)
  return time
}

const lines = (path: string) => (path === '-' ? linesOfInput(process.stdin) : linesOf(path))

async function operate({ file, levels, every }: BookCall): Promise<void> {
  const commands = new BookCommands()
  let done = 0
  let told = 0
  let number = 0
  const errors: number[] = []
  for await (const line of lines(file)) {
    const answers = commands.run(line)
    number++
    if (answers.at(-1)?.startsWith('{"event":"ERROR"')) errors.push(number)
    if (line.trim() !== '') done++
    if (done % every === 0 && told !== done) {
      told = done
      answers.push(commands.levels(levels))
    }
    if (answers.length > 0) await write(`${answers.join('\n')}\n`)
  }
  if ((levels !== undefined || every < Infinity) && told !== done) await write(`${commands.levels(levels)}\n`)
  const [first] = errors
  if (first !== undefined)
    throw new UsageError(
      `${counted(errors.length, 'line was', 'lines were')} no operation: line ${first}${errors.length > 1 ? ' first' : ''}; ERROR in the output says why. The others were carried out.`,
    )
}

async function replay(call: BookCall): Promise<void> {
  const { file, orderbook, levels = 10, every, from, json } = call
  const rows = orderbook === undefined ? undefined : notEmpty(linesOf(orderbook, ['book']))
  const replayed = new LobsterReplay(levels)
  let printed = -1
  const print = async () => {
    printed = replayed.summary.rows
    await write(json ? asJson(replayed, levels) : asText(replayed, levels))
  }
  let number = 0
  for await (const message of lines(file)) {
    number++
    if (message.trim() === '') continue
    const row = rows?.next()
    if (row?.done)
      throw new UsageError(
        `${orderbook} ends after ${counted(replayed.summary.rows, 'row')}, before ${file} does.`,
      )
    try {
      replayed.step(message, row?.value)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      const line = number === replayed.summary.rows ? '' : `Line ${number}: `
      const complaint = file === '-' ? error.message : withMend(file, error.message, orderbook)
      const hint = call.isBook
        ? ' It looks like a book file: give the messages, and this file as --orderbook.'
        : ''
      throw new UsageError(`${file}: ${line}${complaint}.${hint}`)
    }
    if (replayed.time >= from && replayed.summary.rows % every === 0) await print()
  }
  if (replayed.summary.rows === 0) throw new UsageError(`${file} has no messages.`)
  if (printed !== replayed.summary.rows) await print()
  const { summary } = replayed
  if (json) await write(`${JSON.stringify(summary)}\n`)
  else {
    const compared =
      rows === undefined
        ? ''
        : summary.rowsDiffering === 0
          ? `; the given book agrees at every row, ${counted(summary.adopted, 'level')} taken from it as they came into sight`
          : `; the given book differs at ${count(summary.rowsDiffering)} of ${counted(summary.rows, 'row')}, first at row ${count(summary.firstDiffering!)}`
    await write(`\n${counted(summary.rows, 'message')}, ${counted(summary.trades, 'trade')}${compared}\n`)
  }
}

function* notEmpty(rows: Iterable<string>): Generator<string> {
  for (const row of rows) if (row.trim() !== '') yield row
}

/** Prices in these files are counted in ten-thousandths. */
const pair = ({ price, quantity }: Level): [number, number] => [price / 10_000, quantity]

function asJson({ book, time, summary }: LobsterReplay, levels: number): string {
  const { bids, asks } = book.levels(levels)
  return `${JSON.stringify({ row: summary.rows, time, bids: bids.map(pair), asks: asks.map(pair) })}\n`
}

/** The ladder, asks above bids, sizes beside the prices. */
function asText({ book, time, summary, halted }: LobsterReplay, levels: number): string {
  const line = (bid: string, price: string, ask: string) =>
    `${bid.padStart(10)}  ${price.padStart(12)}  ${ask.padStart(10)}`.trimEnd()
  const price = ({ price }: Level) => (price / 10_000).toFixed(4)
  const shown: ReturnType<OrderBook['levels']> = book.levels(levels)
  return [
    `\nAfter message ${summary.rows}, ${clock(time)}${halted ? ', halted' : ''}`,
    line('bid', 'price', 'ask'),
    ...shown.asks.map((level) => line('', price(level), String(level.quantity))).reverse(),
    ...shown.bids.map((level) => line(String(level.quantity), price(level), '')),
    '',
  ].join('\n')
}

function clock(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const rest = (seconds % 60).toFixed(6).padStart(9, '0')
  return `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}:${rest}`
}

/** Waits where the reader is slower than the book. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve))
}
