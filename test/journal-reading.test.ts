import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DataSet } from '#data'
import { Chronicle, createRun, type Journal, replay, type RunRecord, verify } from '#engine'
import {
  differencesOf,
  type FileLine,
  journalFile,
  JournalWriting,
  readJournal,
  replayJournal,
  Session,
} from '#session'
import { type BarEvent, BarStrategy, Instrument, Order, Side, type Strategy } from 'outcry'
import { breathe, dataSet, market, run, series, settings } from './market.ts'
import { candle, sends, steps } from './random-strategy.ts'

type Asked = Omit<Parameters<typeof createRun>[0], 'strategy'> & { readonly data: DataSet }

const written = async (record: RunRecord, data: DataSet | readonly DataSet[]) => {
  const pieces: Uint8Array[] = []
  for await (const piece of journalFile(record, data, 'jsonl')) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** The lines of a text as a file has them. */
const linesOf = (text: string): FileLine[] => {
  const lines = text.split('\n').map((text) => ({ text, isWhole: true }))
  const rest = lines.pop()!.text
  return rest === '' ? lines : [...lines, { text: rest, isWhole: false }]
}

const replayed = async (text: string, data: DataSet | readonly DataSet[]) =>
  replayJournal(await readJournal(linesOf(text)), data, linesOf(text))

/** What a run writes while it goes on, by the parts of its journal. */
async function along(strategy: new () => Strategy, { data, settings }: Asked) {
  const parts: Journal[] = []
  let text = ''
  let chronicle: Chronicle | undefined
  let writing: JournalWriting | undefined
  const take = async () => {
    while (!(await writing!.advance())) text += Buffer.from(writing!.take()).toString()
    text += Buffer.from(writing!.take()).toString()
  }
  const session = new Session((log) => createRun({ strategy, data, settings, log }), {
    now: () => 0,
    breathe,
    onJournal: async (part) => {
      parts.push(part)
      if (chronicle) chronicle.feed(part)
      else {
        chronicle = new Chronicle(part, data, settings)
        chronicle.follow()
        writing = new JournalWriting('jsonl', chronicle, part, data, { settings, inputs: [settings.inputs] })
      }
      await take()
    },
  })
  const record = await session.run()
  chronicle!.end()
  await take()
  await writing!.end({ end: 'complete' })
  return { text: text + Buffer.from(writing!.take()).toString(), parts, record }
}

/** A strategy that does all that another does, tells of it, has a job that does some, and says what its fills cost. */
const tells = (base: ReturnType<typeof sends>, seconds: number) =>
  class extends base {
    override onStart() {
      this.every(seconds * 1000, () => this.log('at', this.now(), this.orders().length))
      // No whole number of microseconds.
      this.periodic(() => this.next(), { seconds: (seconds * 7) / 3 })
      return super.onStart()
    }
    slippage() {
      return this.now() % 2 ? 0.125 : 0
    }
    transactionCost() {
      return -0
    }
  }

describe('a journal that is written and read back comes to the same run', () => {
  test('on bars, whatever is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.array(candle, { minLength: 1, maxLength: 12, size: 'max' }),
        fc.boolean(),
        async (steps, candles, isTold) => {
          const data = dataSet(
            series({ name: 'X', lotSize: 0.01 }, candles),
            series({ name: 'Y' }, candles, 2),
          )
          const strategy = isTold ? tells(sends(steps), 30_000) : sends(steps)
          const asked = { data, settings: settings({ cash: 1000, leverage: 4 }) }
          const record = await run({ ...asked, strategy })
          const text = await written(record, data)
          expect((await replayed(text, data)).digest).toBe(record.digest)
          const inParts = await along(strategy, asked)
          expect(inParts.record.digest).toBe(record.digest)
          expect(inParts.text).toBe(text)
        },
      ),
      { numRuns: 80 },
    )
  }, 120_000)

  test('on a market that makes itself, whatever is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom(0, 1000, 5_000_000),
        fc.nat(1000),
        async (steps, latency, seed) => {
          const synthetic = { seed, seconds: 20, agents: 30, barSeconds: 2, latency }
          const data = { id: 's', name: 'S', provenance: 'made', instruments: [], synthetic }
          const asked = { data, settings: settings({ cash: 1e6, leverage: 4 }) }
          const record = await run({ ...asked, strategy: tells(sends(steps), 3) })
          const text = await written(record, data)
          expect((await replayed(text, data)).digest).toBe(record.digest)
          expect((await along(tells(sends(steps), 3), asked)).text).toBe(text)
        },
      ),
      { numRuns: 15 },
    )
  }, 120_000)

  test('with orders of strangers, orders that were never sent or sent twice, and several strategies', async () => {
    class Odd extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close === 12) await this.kill('enough')
        if (close === 11) {
          this.restrictTradingHours({ start: '09:00', end: '10:00' })
          await this.buy(instrument, 1)
        }
        if (close !== 10) return
        await this.newOrder({ instrument: new Instrument({ name: 'NOPE' }), side: Side.BUY, volume: 1 })
        await this.buy(instrument, 1, { exchange: 'nowhere' })
        const unsent = new Order({ instrument, side: Side.SELL, volume: 1, price: 14 })
        await this.cancelOrder(unsent)
        const first = new Order({ instrument, side: Side.BUY, volume: 3, trail: { percent: 3 } })
        await this.buy(instrument, 1, { after: unsent })
        await this.newOrder(first)
        await this.newOrder(first)
        await this.sell(instrument, 1, { price: 15, pair: first })
        await this.changeOrder(first, { volume: 2 })
        await this.newOrder(unsent)
      }
    }
    const [one, two] = [market(10, 11, 12, 13), { ...market(9, 10, 10, 12), id: 'other' }]
    const strategies = [Odd, Odd].map((strategy, at) => ({ strategy, name: `s${at}` }))
    const record = await run({ strategies, data: [one, two], settings: settings() })
    const text = await written(record, [one, two])
    expect(text).toContain('"objection":"OUTSIDE_HOURS"')
    const again = await replayed(text, [one, two])
    expect(again.digest).toBe(record.digest)
    expect(again.strategies!.map(({ name, digest }) => [name, digest])).toEqual(
      record.strategies!.map(({ name, digest }) => [name, digest]),
    )
    expect(again.journal.orders).toEqual(record.journal.orders)
    expect(again.journal.requests).toEqual(record.journal.requests)
  })
})

class Buys extends BarStrategy {
  override onStart() {
    this.every('12h', () => {})
  }
  async onBar({ target: { instrument, close } }: BarEvent) {
    this.log('close', close)
    if (close === 10) await this.buy(instrument, 5)
    if (close === 12) await this.sell(instrument, 2, { price: 13 })
    if (close === 13) await this.closeAll()
  }
}
const rising = market(10, 11, 12, [12, 14, 12, 13], 14, 15)
const journalOf = async () =>
  written(await run({ strategy: Buys, data: rising, settings: settings() }), rising)

describe('a run that is ended from outside', () => {
  test('leaves a journal that can be read and replayed, wherever its file ends', async () => {
    const whole = await journalOf()
    const lines = whole.trimEnd().split('\n')
    let bars = 0
    for (let kept = 1; kept < lines.length; kept++) {
      for (const rest of ['', lines[kept]!.slice(0, 9)]) {
        const text = `${lines.slice(0, kept).join('\n')}\n${rest}`
        const told = await readJournal(linesOf(text))
        expect(told.end).toBe(undefined)
        const record = await replayJournal(told, rising, linesOf(text))
        expect(record.bars).toBeGreaterThanOrEqual(bars)
        bars = record.bars
      }
    }
    // What happened last is not sure to be all there.
    expect(bars).toBe(5)
  })

  test.each([
    ['a scheduled job', [0]],
    ['a scheduled job of the first of two strategies', [0, 1]],
    ['a scheduled job of the second of two strategies', [1, 0]],
    ['a handler', [2]],
  ])('comes to what its journal does where %s stops it', async (_, chosen) => {
    class Job extends BarStrategy {
      override onStart() {
        this.every(40_000_000, () => {
          throw new Error('bang')
        })
      }
      override onBar() {}
    }
    class Idle extends BarStrategy {
      override onBar() {}
    }
    class Fails extends BarStrategy {
      override onBar() {
        if (this.now() > 0) throw new Error('bang')
      }
    }
    const data = dataSet(
      series({ name: 'X', lotSize: 0.01 }, [4, 4, 4, 4]),
      series({ name: 'Y' }, [4, 4, 4, 4], 2),
    )
    const all = [Job, Idle, Fails]
    const strategies = chosen.map((at, place) => ({ name: `n${place}`, strategy: all[at]! }))
    const asked = strategies.length > 1 ? { strategies } : { strategy: strategies[0]!.strategy }
    const run = createRun({ ...asked, data, settings: settings({}) })
    await expect(run.complete(breathe)).rejects.toThrow('bang')
    const record = run.record()
    const text = await written(record, data)
    expect(text).toContain(`"end":"stopped","moves":${record.stoppedAt}`)
    expect(text).toContain(record.digest)
    expect((await replayed(text, data)).digest).toBe(record.digest)
    expect(replay(record.journal, data, record.settings, record.stoppedAt).digest).toBe(record.digest)
    expect(verify(record, data)).toEqual({ agrees: true })
  })

  test('tells its journal in parts, each at a rest of its own', async () => {
    const first = await along(Buys, { data: rising, settings: settings() })
    const second = await along(Buys, { data: rising, settings: settings() })
    expect(first.parts.length).toBeGreaterThan(4)
    expect(second.parts).toEqual(first.parts)
    expect(first.record.journal.requests.move.length).toBe(0)
  })
})

describe('a journal is not believed', () => {
  const altered = async (change: (lines: string[]) => void) => {
    const lines = (await journalOf()).trimEnd().split('\n')
    change(lines)
    return replayed(`${lines.join('\n')}\n`, rising)
  }
  const inLine = (at: number, change: (entry: Record<string, any>) => void) => (lines: string[]) => {
    const number = at < 0 ? lines.length + at : at
    const entry = JSON.parse(lines[number]!) as Record<string, any>
    change(entry)
    lines[number] = JSON.stringify(entry)
  }
  const find = (event: string, change: (entry: Record<string, any>) => void) => (lines: string[]) =>
    inLine(
      lines.findIndex((line) => line.includes(`"event":"${event}"`)),
      change,
    )(lines)

  test.each<[string, (lines: string[]) => void, string]>([
    ['an empty file', (lines) => lines.splice(0, lines.length), 'Line 1: ""; expected the head of a journal'],
    ['no head', (lines) => lines.shift(), 'Line 1: {"move":1'],
    ['no JSON', (lines) => (lines[3] = '{"move":'), 'Line 4: "{\\"move\\":"; expected one JSON object'],
    ['a list', (lines) => (lines[3] = '[]'), 'Line 4: []; expected one JSON object'],
    ['another layout', inLine(0, (head) => (head['journal'] = 2)), 'Line 1: head.journal is 2; expected 1'],
    [
      'a field of the head that is not known',
      inLine(0, (head) => (head['more'] = 1)),
      'Line 1: head.more is there',
    ],
    ['no settings', inLine(0, (head) => delete head['settings']), 'Line 1: head.settings is nothing'],
    [
      'settings that no run has',
      inLine(0, (head) => (head['settings'].seed = -1)),
      'Line 1: head.settings.seed is -1',
    ],
    ['other cash', inLine(0, (head) => (head['strategies'][0].cash = 7)), 'The strategies begin with 7'],
    [
      'a handler that is none',
      inLine(0, (head) => (head['strategies'][0].handlers = ['onNothing'])),
      'Line 1:',
    ],
    [
      'another instrument',
      inLine(0, (head) => (head['instruments'][0].lotSize = 2)),
      'Line 1: instruments are X',
    ],
    ['a field that is not known', inLine(3, (entry) => (entry['more'] = 1)), 'Line 4: a field "more"'],
    ['an event that is none', inLine(3, (entry) => (entry['event'] = 'BOUGHT')), 'Line 4: event is "BOUGHT"'],
    ['no move', inLine(3, (entry) => delete entry['move']), 'Line 4: move is missing; expected a number'],
    [
      'a text for a number',
      inLine(3, (entry) => (entry['move'] = '1')),
      'Line 4: move is "1"; expected a whole number',
    ],
    ['a number for a text', find('NEW ORDER', (entry) => (entry['type'] = 7)), 'type is 7; expected a text'],
    ['a request without a volume', find('NEW ORDER', (entry) => delete entry['volume']), 'volume is missing'],
    ['a request without its number', find('NEW ORDER', (entry) => delete entry['named']), 'named is missing'],
    [
      'a request for an order that is not there',
      find('NEW ORDER', (entry) => (entry['named'] = 9)),
      'named is 9',
    ],
    [
      'a request of a strategy that is not there',
      find('NEW ORDER', (entry) => (entry['strategy'] = 1)),
      'strategy is 1',
    ],
    [
      'another volume',
      find('NEW ORDER', (entry) => (entry['volume'] = 6)),
      'Line 5: volume is 5; expected 6, what the run comes to with ORDER',
    ],
    [
      'a volume that no order has',
      find('NEW ORDER', (entry) => (entry['volume'] = -5)),
      'Order volume is -5',
    ],
    ['a request at another time', find('NEW ORDER', (entry) => (entry['time'] += 1)), 'Line 5: time is'],
    [
      'another fill',
      find('MY FILL', (entry) => (entry['price'] = 9)),
      'price is 9; expected 11, what the run comes to with MY FILL',
    ],
    ['another bar', find('BAR', (entry) => (entry['close'] = 9)), 'Line 2'.slice(0, 5)],
    ['a line less', (lines) => void lines.splice(9, 1), 'lines between the head and this one'],
    ['a line more', (lines) => void lines.splice(9, 0, lines[9]!), 'lines between the head and this one'],
    ['a line twice and another gone', (lines) => (lines[5] = lines[4]!), 'Line 6:'],
    [
      'two lines in the other order',
      (lines) => void ([lines[2], lines[3]] = [lines[3]!, lines[2]!]),
      'Line 4:',
    ],
    [
      'an earlier move',
      (lines) => void lines.splice(9, 0, lines.splice(2, 1)[0]!),
      'Line 10: move is 1; expected at least',
    ],
    ['a job that was not due', find('TIMER', (entry) => (entry['move'] = 2)), 'Line'],
    ['another digest', inLine(-1, (end) => (end['digest'] = 'a'.repeat(64))), `digest is ${'a'.repeat(64)}`],
    ['an end that is none', inLine(-1, (end) => (end['end'] = 'soon')), "end.end is 'soon'"],
    [
      'something after the end',
      (lines) => lines.push(lines[3]!),
      'another line; expected the end of the file',
    ],
    ['a line without end', (lines) => (lines[3] = `{"text":"${'x'.repeat(200_000)}"}`), 'Line 4: more than'],
    [
      'thousands of values in its head',
      inLine(0, (head) => (head['data'] = Array.from({ length: 30_000 }, () => 1))),
      'Line 1:',
    ],
    [
      'cash that the strategies do not have',
      inLine(0, (head) => (head['settings'] = { ...(head['settings'] as object), cash: 1e300 })),
      'Line 1: The strategies begin with',
    ],
    [
      'a strategy a thousand times',
      inLine(0, (head) => (head['strategies'] = Array(1000).fill((head['strategies'] as unknown[])[0]))),
      'Line 1: The strategies begin with',
    ],
    [
      'an engine that colours the terminal',
      inLine(0, (head) => (head['engine'] = '9.9\u001b[31m')),
      "Line 1: head.engine is '9.9\\u{1b}[31m'; expected a text",
    ],
    [
      'a strategy whose name turns the line round',
      inLine(0, (head) => ((head['strategies'] as { name?: string }[])[0]!.name = 'a\u202eb')),
      "name is 'a\\u{202e}b'; expected",
    ],
    ['an event that turns the line round', inLine(3, (entry) => (entry['event'] = '\u202e')), '"\\u{202e}"'],
    [
      'a field twice, the first of which is false',
      (lines) => (lines[3] = lines[3]!.replace('{', '{"move":7,')),
      'Line 4: line.move is there twice',
    ],
    [
      'a field twice in its head',
      (lines) => (lines[0] = lines[0]!.replace('{', '{"engine":"9.9",')),
      'Line 1: head.engine is there twice',
    ],
    [
      'a field twice in its end',
      (lines) => lines.push(lines.pop()!.replace('{', '{"end":"stopped",')),
      'end.end is there twice',
    ],
    ['more moves than there were', inLine(-1, (end) => (end['moves'] += 1)), 'moves is'],
    ['a prototype', (lines) => (lines[0] = lines[0]!.replace('{', '{"__proto__":{},')), 'Line 1:'],
  ])('with %s', async (_, change, complaint) => {
    await expect(altered(change)).rejects.toThrow(complaint)
  })

  test('and where data or engine are others it is said which', async () => {
    const text = (await journalOf()).replace('"engine":"0.', '"engine":"9.')
    const other = market(10, 11, 12, [12, 14, 12, 13], 14, 16)
    const told = await readJournal(linesOf(text))
    expect(differencesOf(told, rising)).toEqual([
      {
        of: 'engine',
        sentence: expect.stringMatching(/^The journal was made by engine 9\.\d+\.\d+, and this is 0\./),
      },
    ])
    expect(differencesOf(told, other)[1]).toEqual({
      of: 'data',
      sentence: expect.stringMatching(/^The data are not those .*"sha256":/),
    })
    await expect(replayJournal(told, other, linesOf(text))).rejects.toThrow('open is 15; expected 16')
  })
})
