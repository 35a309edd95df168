import type { DataSet } from '#data'
import { createRun, type Run, type RunSettings, verify } from '#engine'
import {
  type Command,
  emptyJournal,
  limits,
  load,
  type LogRow,
  type Message,
  pack,
  type Progress,
  Reader,
  RunFailed,
  script,
  Session,
  type SessionHost,
  type StrategyRequest,
  strategyOf,
  sumsOf,
} from '#session'
import { build } from 'esbuild'
import * as outcry from 'outcry'
import { type Bar, BarStrategy, type BarEvent, Indicator, sma, Strategy } from 'outcry'
import { createContext, runInContext } from 'node:vm'
import { beforeAll, describe, expect, test } from 'vitest'
import { breathe, run as runWhole } from './market.ts'
import { readRecord } from './reading.ts'

const day = 86_400_000_000

/** Daily bars whose close climbs and falls in a triangle of 40 days. */
function data(bars: number): DataSet {
  const price = Float64Array.from({ length: bars }, (_, i) => 100 + Math.abs((i % 40) - 20))
  const time = Float64Array.from({ length: bars }, (_, i) => (i + 1) * day)
  const columns = { time, open: price, high: price, low: price, close: price, volume: price }
  const instruments = [{ instrument: { name: 'AAA' }, bars: columns }]
  return { id: 'triangle', name: 'Triangle', provenance: 'Made for this test.', instruments }
}

const settings: RunSettings = {
  cash: 10_000,
  costs: { commission: 0.001, slippage: 0.0005 },
  fill: 'next-open',
  seed: 7,
  leverage: 1,
  inputs: {},
}

class Crossover extends BarStrategy {
  fast = this.indicator(sma(this.input('fast', 3, { min: 2, max: 50, step: 1 })))
  slow = this.indicator(sma(9))
  override onBar({ target: bar }: BarEvent) {
    if (this.fast.crossedAbove(this.slow)) return void this.target(bar.instrument, 0.9)
    if (this.fast.crossedBelow(this.slow)) return void this.target(bar.instrument, 0)
  }
}

/** A host whose clock goes on by a fixed step with every look at it. */
function host(step: number, listen: Partial<SessionHost> = {}): SessionHost {
  let now = 0
  return { now: () => (now += step), breathe: () => new Promise((done) => setImmediate(done)), ...listen }
}

const session = (strategy: new () => Strategy, bars: number, listen?: Partial<SessionHost>, step = 1) =>
  new Session((log) => createRun({ strategy, data: data(bars), settings, log }), host(step, listen))

async function failureOf(session: Session) {
  const error: unknown = await session.run().then(
    () => undefined,
    (error) => error,
  )
  if (!(error instanceof RunFailed)) throw new Error('The run did not fail')
  return error.failure
}

describe('a session', () => {
  test('ends with the very record of a run in one go, however it is sliced', async () => {
    const whole = await runWhole({ strategy: Crossover, data: data(2000), settings })
    for (const step of [0, 1, 7, 100]) {
      const record = await session(Crossover, 2000, {}, step).run()
      expect(record.digest).toBe(whole.digest)
      expect(record.orders.time.length).toBeGreaterThan(50)
    }
  })

  test('tells the equity curve piece by piece, whole and at most 60 times a second', async () => {
    const told: Progress[] = []
    const at: number[] = []
    // Fifty bars take a millisecond.
    const paced: Session = session(Crossover, 5000, {
      now: () => paced.bars / 50,
      onProgress: (progress) => {
        told.push(progress)
        at.push(progress.bars / 50)
      },
    })
    const record = await paced.run()
    expect(told.length).toBeGreaterThan(1)
    expect(at.slice(1).every((time, i) => time - at[i]! >= 1000 / 60)).toBe(true)
    const points = told.flatMap(({ equity }) => [...equity.value])
    expect(points).toEqual([...record.equity.value.slice(0, points.length)])
    expect(told.at(-1)!.bars).toBeLessThanOrEqual(5000)
    expect(told.every(({ total }) => total === 5000)).toBe(true)
  })

  test('tells how far it is in the middle of many slow bars, too', async () => {
    const told: number[] = []
    // A bar takes 0.3 s; of 20,000 79 lie between two rests.
    const slow: Session = session(Crossover, 20_000, {
      now: () => slow.bars * 300,
      onProgress: ({ bars }) => told.push(bars),
    })
    await slow.run()
    const gaps = told.slice(1).map((bars, i) => bars - told[i]!)
    expect(Math.max(...gaps)).toBeLessThan(6)
    const whole = await runWhole({ strategy: Crossover, data: data(20_000), settings })
    expect((await session(Crossover, 20_000, { onProgress: () => {} }, 40).run()).digest).toBe(whole.digest)
  })

  test('waits when it is told to, shows what it did so far, and comes to the same in the end', async () => {
    const whole = await runWhole({ strategy: Crossover, data: data(200), settings })
    const session: Session = new Session(
      (log) => createRun({ strategy: Crossover, data: data(200), settings, log }),
      {
        now: () => (clock += 20),
        breathe: async () => {},
        onProgress: ({ bars }) => {
          if (bars >= 50 && bars < 120) session.pause()
        },
        onPause: () => {
          const record = session.soFar()!
          waited.push(record.bars)
          expect(record.equity.time.length).toBe(record.bars)
          setTimeout(() => session.goOn())
        },
      },
    )
    let clock = 0
    const waited: number[] = []
    expect((await session.run()).digest).toBe(whole.digest)
    expect(waited.length).toBeGreaterThan(0)
  })

  test('that is to wait before its first bar waits after it, when there is something to look at', async () => {
    const waited: number[] = []
    const waiting: Session = session(Crossover, 200, {
      onStart: () => waiting.pause(),
      onPause: () => {
        waited.push(waiting.soFar()!.bars)
        setTimeout(() => waiting.goOn())
      },
    })
    await waiting.run()
    expect(waited).toEqual([1])
  })

  test('goes on for as many bars as it is let, and waits again', async () => {
    const whole = await runWhole({ strategy: Crossover, data: data(200), settings })
    const steps = [1, 1, 5, 64]
    const waited: number[] = []
    const session: Session = new Session(
      (log) => createRun({ strategy: Crossover, data: data(200), settings, log }),
      {
        now: () => 0,
        breathe: async () => {},
        onStart: () => {
          session.pause()
          session.goOn(10)
        },
        onPause: () => {
          waited.push(session.soFar()!.bars)
          setTimeout(() => session.goOn(steps.shift()))
        },
      },
    )
    expect((await session.run()).digest).toBe(whole.digest)
    expect(waited).toEqual([10, 11, 12, 17, 81])
  })

  test('declares the inputs before it runs', async () => {
    let declared: readonly { name: string }[] = []
    await session(Crossover, 10, { onStart: ({ declarations }) => (declared = declarations) }).run()
    expect(declared.map(({ name }) => name)).toEqual(['fast'])
  })

  test('stops where it is told to, at a rest', async () => {
    const stopping: Session = session(Crossover, 5000, {
      now: () => stopping.bars / 50,
      onProgress: () => stopping.stop(),
    })
    const failure = await failureOf(stopping)
    expect(failure.message).toMatch(/^Stopped after \d+ of 5000 bars\.$/)
    expect(stopping.bars).toBeLessThan(5000)
  })

  test('names the handler, the bar and the time of a mistake', async () => {
    class Wrong extends BarStrategy {
      override onBar({ target }: BarEvent) {
        if (target.time === (5 * day) / 1000) throw new RangeError('no such level')
      }
    }
    expect(await failureOf(session(Wrong, 10))).toMatchObject({
      name: 'RangeError',
      message: 'no such level',
      handler: 'onBar',
      bar: 5,
      time: 5 * day,
      stack: expect.stringContaining('session.test.ts'),
    })
  })

  test('fails on a promise that is rejected and that nobody waits for', async () => {
    const session: Session = new Session(
      (log) => createRun({ strategy: Crossover, data: data(3000), settings, log }),
      host(1, {
        breathe: async () => session.reject(new Error('gone astray')),
      }),
    )
    expect(await failureOf(session)).toMatchObject({ message: 'gone astray', handler: 'promise' })
  })

  test('refuses names, texts and volumes that no page could take, where they are given', async () => {
    class Silent extends Indicator {
      override update() {}
    }
    class Breaks extends Indicator {
      override update() {
        throw new Error('broken')
      }
    }
    const made = (make: (strategy: Strategy) => unknown) =>
      failureOf(
        session(
          class extends BarStrategy {
            made = make(this)
            override onBar() {}
          },
          3,
        ),
      )
    const message = async (make: (strategy: Strategy) => unknown) => (await made(make)).message
    expect(await message((s) => s.indicator(new Silent('', 'price')))).toBe(
      "An indicator's name is 0 letters long; expected a text of 1 to 200",
    )
    expect(await message((s) => s.indicator(new Silent('x', 'y'.repeat(201))))).toMatch(/pane is 201 letters/)
    expect(await made((s) => s.indicator(new Breaks('x', 'price')))).toMatchObject({
      ...{ handler: 'indicator', bar: 1, message: 'broken' },
    })
    expect(await message((s) => s.input('a', 'x'.repeat(2001)))).toMatch(/a value of 2001 letters/)
    expect(await message((s) => s.input('a', 1, { label: 'safe \u202elive' }))).toMatch(
      /a label with the unseen letter U\+202E, which turns the writing around it round/,
    )
    expect(await message((s) => s.input('a', 1, { label: 'x'.repeat(201) }))).toMatch(
      /a label of 201 letters/,
    )
    expect(await message((s) => s.input('a', 'x', { choices: Array(201).fill('x') }))).toMatch(/201 choices/)
    expect(await message((s) => Array.from({ length: 101 }, (_, i) => s.input(`a${i}`, i)))).toBe(
      "A strategy may declare 100 inputs; 'a100' would be one more",
    )
  })

  test('takes an input of any name, and refuses a volume beyond all counting as it was asked for', async () => {
    class Odd extends BarStrategy {
      size = this.input('constructor', 4)
      override async onBar({ target: bar }: BarEvent) {
        this.log(this.size, (await this.buy(bar.instrument, 1.7e308)).accepted)
      }
    }
    const run = session(Odd, 1)
    expect([...(await run.run()).orders.volume]).toEqual([1.7e308])
    expect(run.logs.map(({ text }) => text)).toEqual(['4 false'])
  })

  test('gives what a handler calls and does not await its turn before the next bar', async () => {
    class Forgets extends BarStrategy {
      override onBar({ target: bar }: BarEvent) {
        if (this.now() === 3 * (day / 1000)) void this.turn(bar)
      }
      async turn(bar: Bar) {
        await this.closeAll()
        await this.enter(bar)
        await Promise.all([this.enter(bar), this.enter(bar)])
        this.log(this.now() === bar.time, (await this.sell(bar.instrument, 1)).accepted)
      }
      async enter(bar: Bar) {
        return this.buy(bar.instrument, 1)
      }
    }
    const whole = await runWhole({ strategy: Forgets, data: data(3000), settings })
    expect([...whole.fills.bar]).toEqual([3, 3, 3, 3])
    for (const step of [0.001, 30]) {
      const sliced = session(Forgets, 3000, {}, step)
      expect((await sliced.run()).digest).toBe(whole.digest)
      expect(sliced.logs.map(({ text }) => text)).toEqual(['true true'])
    }
  })

  test('refuses a request that comes when no handler runs, since when that is depends on the machine', async () => {
    class Late extends BarStrategy {
      override onBar({ target: bar }: BarEvent) {
        if (this.now() === 3 * (day / 1000)) void this.later(bar)
      }
      async later(bar: Bar) {
        await null
        await this.buy(bar.instrument, 1).catch(() => {})
      }
      override buy(...order: Parameters<Strategy['buy']>) {
        try {
          return super.buy(...order)
        } catch (error) {
          this.log(error)
          return Promise.reject(error)
        }
      }
    }
    const run = session(Late, 3000, {}, 30)
    expect((await run.run()).orders.time).toHaveLength(0)
    expect(run.logs.map(({ text }) => text)).toEqual([
      'Error: buy was called when no handler was running. Await it, and what leads to it, in the handler, or schedule it',
    ])
  })

  test('says in one sentence that functions called each other without end', async () => {
    class Deep extends BarStrategy {
      override onBar(event: BarEvent): void {
        this.onBar(event)
      }
    }
    expect((await failureOf(session(Deep, 3))).message).toBe(
      'Functions called each other too deeply: one of them calls itself without end.',
    )
  })

  test('survives whatever is thrown', async () => {
    const hostile = {
      get message(): string {
        throw new Error('not even this')
      },
    }
    const bare = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error('nor this')
        },
      },
    )
    for (const thrown of ['a text', undefined, null, 42, hostile, Object.create(null), bare]) {
      class Throws extends BarStrategy {
        override onBar() {
          throw thrown
        }
      }
      const failure = await failureOf(session(Throws, 3))
      expect(typeof failure.message).toBe('string')
      expect(failure.message).not.toBe('')
    }
  })

  test('counts a line that repeats the one before', async () => {
    class Chatty extends BarStrategy {
      override onBar({ target }: BarEvent) {
        this.log('same')
        if (target.time === (4 * day) / 1000) this.log.warn('other')
      }
    }
    const chatty = session(Chatty, 6)
    await chatty.run()
    expect(chatty.logs.map(({ text, count, level, bar }) => [text, count, level, bar])).toEqual([
      ['same', 4, 'info', 1],
      ['other', 1, 'warn', 4],
      ['same', 2, 'info', 5],
    ])
  })

  test('keeps 10,000 lines of the log and says how many it did not keep', async () => {
    class Flood extends BarStrategy {
      line = 0
      override onBar() {
        for (let i = 0; i < 2100; i++) this.log(`line ${this.line++}`)
      }
    }
    const flood = session(Flood, 5)
    await flood.run()
    expect(flood.logs).toHaveLength(limits.logRows)
    expect(flood.logs.at(-1)!.text).toBe('The log is full: 501 further lines were not kept.')
  })
})

describe('a default export', () => {
  test.each([
    [{}, 'The default export is missing.'],
    [{ default: 42 }, 'The default export is of type number.'],
    [{ default: class Mine {} }, 'The default export is Mine, which does not extend Strategy.'],
    [{ default: () => {} }, 'The default export is default, which does not extend Strategy.'],
  ])('that is no strategy is told: %o', (exports, start) => {
    expect(() => strategyOf(exports)).toThrow(start)
  })
})

/** What arrives at the page from a worker's script: engine and program in a realm of their own, a real channel between. */
async function throughTheWall(
  code: string | readonly string[],
  command: RunSettings,
  bars: number,
  run = engine,
  trace = false,
  strategies?: readonly StrategyRequest[],
) {
  const { port1: page, port2: worker } = new MessageChannel()
  const listeners: Record<string, (event: object) => void> = {}
  const scope: Record<string, unknown> = {
    performance,
    MessageChannel,
    TextEncoder,
    fetch,
    setTimeout,
    postMessage: (packet: unknown, transfer: ArrayBuffer[]) => worker.postMessage(packet, transfer),
    addEventListener: (type: string, listen: (event: object) => void) => (listeners[type] = listen),
  }
  scope['self'] = scope
  const context = createContext(scope)
  const said: Message[] = []
  const reader = new Reader({ data: data(bars), settings: command, trace, ...(strategies && { strategies }) })
  const program =
    typeof code === 'string'
      ? script.open + code + script.close
      : script.openSeveral + code.join(script.next) + script.closeSeveral
  try {
    runInContext(run + program, context, { filename: 'strategy.js' })
    worker.onmessage = (event: MessageEvent) => listeners['message']!(event)
    await new Promise<void>((resolve, reject) => {
      page.onmessage = (event: MessageEvent) => {
        try {
          const message = reader.read(event.data)
          said.push(message)
          page.postMessage({ type: 'read' } satisfies Command)
          if (message.type === 'finished' || message.type === 'failed') resolve()
        } catch (error) {
          reject(error as Error)
        }
      }
      page.postMessage({ type: 'data', data: data(bars) } satisfies Command)
      page.postMessage({
        type: 'run',
        settings: command,
        trace,
        ...(strategies && { strategies }),
      } satisfies Command)
    })
  } finally {
    page.close()
  }
  return { said, context }
}

let engine = ''
let crossover = ''

const bundle = async (contents: string) => {
  const { compile } = await import('#compile')
  const result = await compile(
    { build },
    { files: { 'strategy.ts': contents }, entry: 'strategy.ts' },
    Object.keys(outcry),
  )
  if (!result.ok) throw new Error(result.diagnostics[0]!.message)
  return result.program.code
}

beforeAll(async () => {
  const result = await build({
    entryPoints: ['workers/session.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    target: 'es2022',
    alias: { outcry: './src/index.ts' },
  })
  engine = result.outputFiles[0]!.text.trimEnd()
  crossover = await bundle(`import { BarStrategy, sma, type BarEvent } from 'outcry'
export default class Crossover extends BarStrategy {
  fast = this.indicator(sma(this.input('fast', 3, { min: 2, max: 50, step: 1 })))
  slow = this.indicator(sma(9))
  onBar({ target: bar }: BarEvent) {
    if (this.fast.crossedAbove(this.slow)) return void this.target(bar.instrument, 0.9)
    if (this.fast.crossedBelow(this.slow)) return void this.target(bar.instrument, 0)
  }
}`)
})

const digestOf = ({ said }: { said: Message[] }) => {
  const message = said.at(-1)!
  return message.type === 'finished' ? message.record.digest : message.type
}
const last = ({ said }: { said: Message[] }) => said.at(-1)!
const logs = ({ said }: { said: Message[] }): LogRow[] =>
  said.flatMap((message) => (message.type === 'log' ? message.rows : []))
const strategy = (body: string, start = '') =>
  bundle(
    `import { BarStrategy, Side, type BarEvent } from 'outcry'\n${start}\nexport default class extends BarStrategy {\n${body}\n}`,
  )

describe('through the wall', () => {
  test('the engine is one line of script', () => {
    expect(engine.split('\n')).toHaveLength(1)
  })

  test('a run arrives as the record it has here', async () => {
    const here = await runWhole({
      strategy: strategyOf(load(crossover, outcry)),
      data: data(3000),
      settings: { ...settings, inputs: { fast: 4 } },
    })
    const there = last(await throughTheWall(crossover, { ...settings, inputs: { fast: 4 } }, 3000))
    expect(there).toEqual({ type: 'finished', record: here })
  })

  test('a strategy that throws while it is read, and one without a strategy, are told', async () => {
    expect(
      last(await throughTheWall(await strategy('onBar() {}', 'throw new Error("too early")'), settings, 9)),
    ).toMatchObject({
      failure: {
        message: 'too early',
        handler: 'module',
        bar: 0,
        stack: expect.stringMatching(/strategy\.js:\d+/),
      },
    })
    expect(last(await throughTheWall(await bundle('export default [1].at(0)'), settings, 9))).toMatchObject({
      failure: { name: 'TypeError', message: expect.stringContaining('of type number') },
    })
  })

  test('an input that the strategy does not declare is told', async () => {
    const wrong = { ...settings, inputs: { slwo: 4 } }
    expect(last(await throughTheWall(crossover, wrong, 9))).toMatchObject({
      failure: { message: expect.stringContaining('slwo') },
    })
  })

  test('notes on orders arrive with the record', async () => {
    const said = await throughTheWall(
      await strategy(
        `async onBar({ target }: BarEvent) { await this.buy(target.instrument, 1, { note: { at: target.close } }) }`,
      ),
      settings,
      3,
    )
    expect(last(said)).toMatchObject({
      record: {
        notes: [
          { order: 1, note: '{"at":120}' },
          { order: 2, note: '{"at":119}' },
          { order: 3, note: expect.stringMatching(/^{"at":\d+}$/) },
        ],
      },
    })
  })

  test('console writes to the log with the time of the market', async () => {
    const said = await throughTheWall(
      await strategy(`onBar({ target }: BarEvent) { console.warn('close', target.close, { a: [1] }) }`),
      settings,
      2,
    )
    expect(logs(said)).toMatchObject([
      { level: 'warn', bar: 1, time: day, text: 'close 120 { a: [1] }', count: 1 },
      { level: 'warn', bar: 2, time: 2 * day, text: 'close 119 { a: [1] }', count: 1 },
    ])
  })

  test('a run that is traced also tells where each of its orders was sent', async () => {
    const code = await strategy(`  #bars = 0
  async onBar({ target: { instrument } }: BarEvent) {
    this.#bars++
    if (this.#bars === 2) await this.buy(instrument, 1)
    if (this.#bars === 4) await this.#leave(instrument)
    if (this.#bars === 6) await this.buy(instrument, 1)
  }
  async #leave(instrument: BarEvent['target']['instrument']) {
    await this.sell(instrument, 1)
  }`)
    const plain = await throughTheWall(code, settings, 10)
    expect(plain.said.map(({ type }) => type)).not.toContain('origins')
    const traced = await throughTheWall(code, settings, 10, engine, true)
    const told = traced.said.find((message) => message.type === 'origins')
    expect([...told!.orders]).toEqual([0, 1, 2])
    const lines = code.split('\n')
    const line = (order: number) =>
      lines[
        Number(
          /strategy\.js:(\d+):\d+\)?$/m.exec(
            told!.stacks[order]!.slice(told!.stacks[order]!.search(/(onBar|leave)/)),
          )![1],
        ) - 2
      ]
    expect(line(0)).toContain('.buy(')
    expect(line(1)).toContain('.sell(')
    expect(digestOf(traced)).toBe(digestOf(plain))
  })

  test('a run that fails leaves what it did until then', async () => {
    const code = await strategy(`  #bars = 0
  async onBar({ target: { instrument } }: BarEvent) {
    this.#bars++
    if (this.#bars === 2) await this.buy(instrument, 1)
    if (this.#bars === 5) throw new Error('enough')
  }`)
    const { said } = await throughTheWall(code, settings, 10)
    expect(said.map(({ type }) => type).slice(-2)).toEqual(['partial', 'failed'])
    const { record } = said.find((message) => message.type === 'partial')!
    expect([record.bars, record.fills.time.length, record.equity.time.length]).toEqual([5, 1, 5])
  })

  test('time is that of the market, in UTC, and chance that of the seed', async () => {
    const code = await strategy(`onBar() {
      const now = new Date()
      console.log(Date.now(), +now, now.getHours(), now.getTimezoneOffset(), String(new Date(2020, 0, 1)))
      console.log(new Date('2020-03-01 12:00').toISOString(), Date.parse('2020-03-01T12:00'), Date.parse('1 Mar 2020 12:00 +0100'))
      console.log(new now.constructor().toISOString(), now.toLocaleString(), new Intl.DateTimeFormat().format())
      console.log(Intl.DateTimeFormat().resolvedOptions().timeZone, (1234.5).toLocaleString(), Date().slice(0, 15))
      console.log(Math.random(), Math.exp(1), 2 ** 3)
    }`)
    const first = logs(await throughTheWall(code, settings, 1)).map(({ text }) => text)
    expect(first.slice(0, 4)).toEqual([
      '86400000 86400000 0 0 Wed Jan 01 2020 00:00:00 GMT+0000 (UTC)',
      '2020-03-01T12:00:00.000Z 1583064000000 1583060400000',
      '1970-01-02T00:00:00.000Z 1/2/1970, 12:00:00 AM 1/2/1970',
      'UTC 1,234.5 Fri Jan 02 1970',
    ])
    expect(logs(await throughTheWall(code, settings, 1)).map(({ text }) => text)).toEqual(first)
    const other = logs(await throughTheWall(code, { ...settings, seed: 8 }, 1)).map(({ text }) => text)
    expect(other[4]).not.toBe(first[4])
  })

  test('nothing but the language is left in the scope, however it is asked for', async () => {
    const said = await throughTheWall(
      await strategy(
        '',
        `const seen = new Set<string>()
         for (let level: object | null = globalThis; level && level !== Object.prototype; level = Object.getPrototypeOf(level))
           for (const name of Object.getOwnPropertyNames(level)) if (Reflect.get(globalThis, name) !== undefined) seen.add(name)
         throw new Error([...seen].filter((name) => /^[a-z]|Web|Worker|Shared|Atomics|Weak[^MS]/.test(name)).sort().join(' '))`,
      ),
      settings,
      1,
    )
    expect(last(said)).toMatchObject({
      failure: {
        message:
          'console decodeURI decodeURIComponent encodeURI encodeURIComponent escape globalThis isFinite isNaN outcry parseFloat parseInt unescape',
      },
    })
  })
})

describe('several strategies through the wall', () => {
  const seats: StrategyRequest[] = [
    { name: 'trend', inputs: { fast: 4 }, share: 0.25 },
    { name: 'notes', inputs: {} },
    { name: 'again', inputs: {} },
  ]
  const notes = () =>
    strategy(`luck = Math.random()
  async onBar({ target }: BarEvent) {
    if (Math.random() < 0.3) await this.buy(target.instrument, 1, { note: { at: target.close } })
    if (target.close > 118) this.log('high', this.luck)
    console.log(target.close)
  }`)

  test('arrive as the record they have here, with the parts, notes and lines of each', async () => {
    const code = [crossover, await notes(), crossover]
    const there = await throughTheWall(code, settings, 300, engine, false, seats)
    const message = last(there)
    if (message.type !== 'finished') throw new Error(JSON.stringify(message))
    const { record } = message
    const [trend, noted, again] = record.strategies!
    expect(record.strategies!.map(({ name, settings: { cash } }) => [name, cash])).toEqual([
      ['trend', 2500],
      ['notes', 3750],
      ['again', 3750],
    ])
    expect([trend!.inputs, again!.inputs]).toEqual([{ fast: 4 }, { fast: 3 }])
    expect([trend!.plots.length, noted!.plots.length]).toEqual([2, 0])
    expect(verify(record, data(300))).toEqual({ agrees: true })
    // Each does what it would do alone with the same cash, its chance included.
    for (const [at, part] of record.strategies!.entries()) {
      const alone = { ...settings, cash: part.settings.cash, inputs: seats[at]!.inputs }
      expect(digestOf(await throughTheWall(code[at]!, alone, 300))).toBe(part.digest)
    }
    const ids = [...record.owners!.orders].flatMap((owner, row) => (owner === 1 ? [row + 1] : []))
    expect(ids.length).toBeGreaterThan(20)
    expect(record.notes!.map(({ order }) => order)).toEqual(ids)
    expect(noted!.notes!.map(({ order }) => order)).toEqual(ids.map((_, at) => at + 1))
    const rows = logs(there)
    expect(new Set(rows.map(({ strategy }) => strategy))).toEqual(new Set([1]))
    expect(rows.some(({ text }) => text.startsWith('high'))).toBe(true)
    expect(there.said.find(({ type }) => type === 'started')).toMatchObject({
      strategies: [[{ name: 'fast' }], [], [{ name: 'fast' }]],
    })
  })

  test('tell which of them failed, and leave what all did until then', async () => {
    const failing = await strategy(`#bars = 0
  onBar() {
    if (++this.#bars === 20) throw new Error('enough')
  }`)
    const { said } = await throughTheWall([crossover, failing, crossover], settings, 40, engine, false, seats)
    expect(said.at(-1)).toMatchObject({
      type: 'failed',
      failure: { message: 'enough', strategy: 1, bar: 20 },
    })
    const partial = said.find(({ type }) => type === 'partial')
    expect(partial).toMatchObject({ record: { bars: 20, strategies: [{ bars: 20 }, {}, {}] } })
  })

  test.each([
    ['while it is read', 'throw new Error("too early")', '', { handler: 'module', message: 'too early' }],
    [
      'while it is made',
      '',
      'x = (() => { throw new Error("made") })()',
      { handler: 'constructor', message: 'made' },
    ],
  ])('tell which of them failed %s', async (_, start, body, expected) => {
    const failing = await strategy(body, start)
    const told = await throughTheWall([crossover, crossover, failing], settings, 9, engine, false, seats)
    expect(last(told)).toMatchObject({ failure: { ...expected, strategy: 2 } })
  })

  test('are refused where anything of a part is not what an engine sends', async () => {
    const all = [Crossover, Crossover].map((strategy, at) => ({ strategy, name: `s${at}`, inputs: {} }))
    const record = await runWhole({ strategies: all, data: data(200), settings })
    const reading = (change: (record: Record<string, any>) => void) => {
      const copy = structuredClone(record) as Record<string, any>
      change(copy)
      const reader = new Reader({ data: data(200), settings, strategies: all })
      const started = { type: 'started', declarations: [], strategies: [[], []], total: 200 }
      reader.read({ head: JSON.stringify(started), columns: [] })
      return () => {
        for (const { inputs, declarations, plots, equity, digest } of copy['strategies']) {
          const part = {
            inputs,
            declarations,
            plots,
            curve: { value: equity.value, cash: equity.cash },
            digest,
          }
          reader.read(pack({ type: 'part', part }))
        }
        return readRecord(reader, copy as typeof record)
      }
    }
    expect(reading(() => {})()).toEqual({ type: 'finished', record })
    const forgeries: ((record: Record<string, any>) => void)[] = [
      (r) => (r['owners'].orders[0] = 2),
      (r) => (r['owners'].orders[0] = -1),
      (r) => (r['owners'].orders = new Int32Array(1)),
      (r) => (r['owners'].refusals = new Int32Array(7)),
      (r) => delete r['owners'],
      (r) => r['strategies'].pop(),
      (r) => r['strategies'].push(r['strategies'][0]),
      (r) => (r['strategies'][1].equity.value[3] = NaN),
      (r) => (r['strategies'][1].equity.cash = new Float64Array(3)),
      (r) => (r['strategies'][1].equity.value = new Float64Array(201)),
      (r) => (r['strategies'][0].plots[0].instrument = 1),
      (r) => (r['strategies'][0].plots[0].values = new Float64Array(201)),
      (r) => (r['strategies'][0].plots[0].name = ''),
      (r) => (r['strategies'][0].plots = Array.from({ length: 65 }, () => r['strategies'][0].plots[0])),
      (r) => (r['strategies'][0].digest = 'x'),
      (r) => (r['strategies'][0].inputs = { fast: 'three' }),
      (r) => (r['strategies'][0].declarations[0].kind = 'script'),
      (r) => (r['journal'].strategies[0].cash = 1),
      (r) => r['journal'].strategies.pop(),
    ]
    for (const forge of forgeries) expect(reading(forge), forge.toString()).toThrow('what no run sends')
    // What an engine could have sent, and only a replay can find out.
    for (const [forge, difference] of [
      [(r: any) => (r.owners.orders[0] = 1 - r.owners.orders[0]), 'Owner of order 1'],
      [(r: any) => (r.strategies[1].equity.value[150] += 1), 'Of s1, value 151'],
      [(r: any) => (r.strategies[1].digest = 'a'.repeat(64)), 'the digest of s1 is aaaaaaaaaaaa'],
    ] as const) {
      const message = reading(forge)()
      if (message.type !== 'finished') throw new Error(message.type)
      const verdict = verify(message.record, data(200))
      expect(verdict.agrees ? '' : verdict.difference).toContain(difference)
    }
  })

  test('are not taken from a run of one', async () => {
    const alone = await runWhole({ strategy: Crossover, data: data(50), settings })
    const reader = new Reader({ data: data(50), settings })
    reader.read({ head: JSON.stringify({ type: 'started', declarations: [], total: 50 }), columns: [] })
    const { inputs, declarations, plots, equity, digest } = alone
    const part = { inputs, declarations, plots, curve: equity, digest }
    expect(() => reader.read(pack({ type: 'part', part }))).toThrow('what no run sends')
  })
})

describe('the page does not believe', () => {
  const expected = { data: data(10), settings }
  const head = (value: object, columns: unknown[] = []) => ({ head: JSON.stringify(value), columns })
  const started = head({ type: 'started', declarations: [], total: 10 })
  const f = (...values: number[]) => Float64Array.from(values)

  test.each<[string, unknown[]]>([
    ['what is no packet', [null]],
    ['a text alone', ['{}']],
    ['a head that is no text', [{ head: {}, columns: [] }]],
    ['a head that is no JSON', [{ head: '{', columns: [] }]],
    ['a head without end', [{ head: `"${'x'.repeat(limits.head)}"`, columns: [] }]],
    ['a message of a type of its own', [started, head({ type: 'eval', code: '1' })]],
    ['progress before the start', [head({ type: 'progress', bars: 1, time: 1 }, [f(1), f(1)])]],
    ['two starts', [started, started]],
    [
      'a start with an input without a kind',
      [head({ type: 'started', total: 1, declarations: [{ name: 'a' }] })],
    ],
    [
      'a number input that is text',
      [head({ type: 'started', total: 1, declarations: [{ name: 'a', kind: 'number', value: '1' }] })],
    ],
    ['more bars than the data has', [started, head({ type: 'progress', bars: 11, time: 1 }, [f(), f()])]],
    [
      'bars that go back',
      [
        started,
        head({ type: 'progress', bars: 5, time: 1 }, [f(), f()]),
        head({ type: 'progress', bars: 4, time: 1 }, [f(), f()]),
      ],
    ],
    [
      'an equity curve longer than the data',
      [started, head({ type: 'progress', bars: 5, time: 1 }, [new Float64Array(11), new Float64Array(11)])],
    ],
    ['an equity of NaN', [started, head({ type: 'progress', bars: 5, time: 1 }, [f(1), f(NaN)])]],
    ['an equity of Infinity', [started, head({ type: 'progress', bars: 5, time: 1 }, [f(1), f(Infinity)])]],
    [
      'columns of another kind',
      [started, head({ type: 'progress', bars: 5, time: 1 }, [new Float32Array(1), f(1)])],
    ],
    [
      'objects that look like columns',
      [started, head({ type: 'progress', bars: 5, time: 1 }, [{ length: 0 }, { length: 0 }])],
    ],
    [
      'log lines out of order',
      [head({ type: 'log', rows: [{ index: 5, level: 'info', time: null, bar: 0, text: '', count: 1 }] })],
    ],
    [
      'a log level of its own',
      [head({ type: 'log', rows: [{ index: 0, level: '<b>', time: null, bar: 0, text: '', count: 1 }] })],
    ],
    [
      'a log line without end',
      [
        head({
          type: 'log',
          rows: [{ index: 0, level: 'info', time: null, bar: 0, text: 'x'.repeat(2001), count: 1 }],
        }),
      ],
    ],
    ['a note that is no JSON', [started, head({ type: 'notes', rows: [{ order: 1, note: 'why' }] })]],
    ['a note on no order', [started, head({ type: 'notes', rows: [{ order: 0, note: '1' }] })]],
    [
      'two notes on one order',
      [started, head({ type: 'notes', rows: [1, 1].map((order) => ({ order, note: '1' })) })],
    ],
    [
      'a note without end',
      [started, head({ type: 'notes', rows: [{ order: 1, note: `"${'x'.repeat(500)}"` }] })],
    ],
    [
      'more notes than are kept',
      [
        started,
        head({ type: 'notes', rows: Array.from({ length: 9999 }, (_, i) => ({ order: i + 1, note: '1' })) }),
        head({ type: 'notes', rows: [1, 2].map((i) => ({ order: 9999 + i, note: '1' })) }),
      ],
    ],
    [
      'anything after the end',
      [
        head({
          type: 'failed',
          failure: { name: 'E', message: 'm', stack: '', handler: 'h', bar: 0, time: null },
        }),
        started,
      ],
    ],
    [
      'a log line of a time that no calendar has',
      [
        head({
          type: 'log',
          rows: [{ index: 0, level: 'info', time: 1e300, bar: 0, text: '', count: 1 }],
        }),
      ],
    ],
    [
      'a failure at a time that no calendar has',
      [
        head({
          type: 'failed',
          failure: { name: 'E', message: 'm', stack: '', handler: 'h', bar: 0, time: -1e19 },
        }),
      ],
    ],
    [
      'progress at a time that no calendar has',
      [started, head({ type: 'progress', bars: 1, time: 1e300 }, [f(), f()])],
    ],
    [
      'an equity at a time that no calendar has',
      [started, head({ type: 'progress', bars: 1, time: 1 }, [f(1e300), f(1)])],
    ],
    [
      'an equity that goes back in time',
      [started, head({ type: 'progress', bars: 2, time: 1 }, [f(2, 1), f(1, 1)])],
    ],
    [
      'an equity that goes back in time from one word of progress to the next',
      [
        started,
        head({ type: 'progress', bars: 1, time: 1 }, [f(2), f(1)]),
        head({ type: 'progress', bars: 2, time: 1 }, [f(), f()]),
        head({ type: 'progress', bars: 2, time: 1 }, [f(2), f(1)]),
      ],
    ],
    [
      'two inputs of one name',
      [
        head({
          type: 'started',
          total: 1,
          declarations: [1, 2].map((value) => ({ name: 'a', kind: 'number', value })),
        }),
      ],
    ],
    [
      'an input with a choice twice',
      [
        head({
          type: 'started',
          total: 1,
          declarations: [{ name: 'a', kind: 'choice', value: 'x', choices: ['x', 'y', 'x'] }],
        }),
      ],
    ],
    [
      'where orders were sent, which nobody asked for',
      [started, head({ type: 'origins', stacks: [] }, [new Int32Array(0)])],
    ],
    [
      'fields of a prototype',
      [head(JSON.parse('{"__proto__":{"type":"started","declarations":[],"total":1}}') as object)],
    ],
  ])('%s', (_, packets) => {
    const reader = new Reader(expected)
    const read = packets.slice(0, -1).map((packet) => reader.read(packet))
    expect(read).toHaveLength(packets.length - 1)
    expect(() => reader.read(packets.at(-1))).toThrow(
      /^The strategy's worker sent what no run sends: expected .+, found .+\.$/s,
    )
  })

  test('a record in which anything is not what an engine leaves behind', async () => {
    class Writes extends Crossover {
      onStart() {
        this.log('begins')
      }
    }
    const record = await runWhole({ strategy: Writes, data: data(200), settings })
    expect(record.fills.time.length).toBeGreaterThan(2)
    const read = (change: (record: Record<string, any>) => void) => {
      const copy = structuredClone(record) as Record<string, any>
      change(copy)
      const reader = new Reader({ data: data(200), settings })
      reader.read({ head: JSON.stringify({ type: 'started', declarations: [], total: 200 }), columns: [] })
      return () => readRecord(reader, copy as typeof record)
    }
    expect(read(() => {})()).toMatchObject({ record: { digest: record.digest } })
    const forgeries: ((record: Record<string, any>) => void)[] = [
      (r) => (r['digest'] = 'x'.repeat(64)),
      (r) => (r['bars'] = 201),
      (r) => (r['fills'].price[0] = NaN),
      (r) => (r['fills'].order[0] = 10_000),
      (r) => (r['fills'].instrument[0] = 1),
      (r) => (r['fills'].side[0] = 2),
      (r) => (r['fills'].rule[0] = 9),
      (r) => (r['fills'].bar[0] = -1),
      (r) => r['fills'].time.reverse(),
      (r) => (r['fills'].fee = new Float64Array(1)),
      (r) => (r['orders'].volume[0] = Infinity),
      (r) => (r['equity'].value[3] = -Infinity),
      (r) => (r['equity'].time[3] = 0),
      (r) => (r['equity'].time = new Float64Array(201)),
      (r) => (r['plots'][0].instrument = 1),
      (r) => (r['plots'][0].name = ''),
      (r) => (r['plots'][0].values = new Float64Array(201)),
      (r) => (r['plots'] = Array.from({ length: 65 }, () => r['plots'][0])),
      (r) => (r['inputs'] = { fast: 'three' }),
      (r) => (r['declarations'][0].kind = 'script'),
      (r) => (r['rules'] = ['x'.repeat(300)]),
      (r) => (r['steps'].kind[0] = 9),
      (r) => (r['steps'].row[1] = 400_000),
      (r) => (r['steps'].row[0] = -1),
      (r) => r['steps'].bars.reverse(),
      (r) => (r['steps'].bars = new Int32Array(0)),
      (r) => (r['journal'].requests.kind[0] = 3),
      (r) => (r['journal'].requests.order[0] = 10_000),
      (r) => (r['journal'].requests.strategy[0] = 1),
      (r) => r['journal'].requests.move.reverse(),
      (r) => (r['journal'].requests.time = new Float64Array(1)),
      (r) => (r['journal'].requests.objection[0] = 200),
      (r) => (r['journal'].orders.instrument[0] = -1),
      (r) => (r['journal'].orders.type[0] = 4),
      (r) => (r['journal'].orders.flag[0] = 60),
      (r) => (r['journal'].orders.after[0] = 0),
      (r) => (r['journal'].orders.exchange[0] = 0),
      (r) => (r['journal'].terms.volume = new Float64Array(1)),
      (r) => (r['journal'].costs.answer = new Int32Array(1)),
      (r) => (r['journal'].strategies = []),
      (r) => (r['journal'].strategies[0].handlers = [99]),
      (r) => (r['journal'].names = ['x'.repeat(300)]),
      (r) => (r['journal'].moves = 1),
      (r) => (r['journal'].moves = -1),
      (r) => (r['journal'].requests.kind = new Uint8Array(limits.requests + 1)),
      (r) => (r['journal'].asides.kind[0] = 5),
      (r) => (r['journal'].asides.text[0] = -1),
      (r) => (r['journal'].asides.text[0] = 1),
      (r) => (r['journal'].asides.request[0] = 1000),
      (r) => (r['journal'].asides.move[0] = 100_000),
      (r) => (r['journal'].asides.move = new Int32Array(2)),
      (r) => (r['journal'].texts = []),
      (r) => (r['journal'].texts = ['x'.repeat(2001)]),
    ]
    for (const forge of forgeries) expect(read(forge), forge.toString()).toThrow('what no run sends')
  })

  test('what is left of a run more often than it was told to wait, and once where it fails', async () => {
    const record = await runWhole({ strategy: Crossover, data: data(10), settings })
    const reader = new Reader({ ...expected, trace: true })
    reader.read(started)
    reader.read(structuredClone(pack({ type: 'journal', part: record.journal })))
    const partial = () => reader.read(structuredClone(pack({ type: 'partial', record })))
    const origins = () => reader.read(head({ type: 'origins', stacks: [] }, [new Int32Array(0)]))
    for (let time = 0; time < 3; time++) {
      reader.mayWait()
      expect(partial()).toMatchObject({ record: { bars: 10 } })
      origins()
    }
    expect(partial()).toMatchObject({ record: { bars: 10 } })
    expect(partial).toThrow('expected a record that was asked for')
    origins()
    origins()
    expect(origins).toThrow('expected places of orders that were asked for')
  })

  test.each([
    [{ timeZone: 'No/Where' }, 'expected a time zone'],
    [{ tickSize: 1e-300 }, 'expected a tickSize from'],
    [{ lotSize: 1e300 }, 'expected a lotSize from'],
    [{}, undefined],
  ])('an instrument that cannot be, with %o', (part, refusal) => {
    const made = { id: 'synthetic', name: 'Made', provenance: 'Test', instruments: [], synthetic: {} }
    const reader = new Reader({ data: made, settings })
    reader.read(head({ type: 'started', declarations: [], total: 360 }))
    reader.ask()
    const spec = {
      ...{ name: 'SYN', type: 'EQUITY', exchange: 'synthetic', currency: 'USD', timeZone: 'UTC' },
      ...{ tickSize: 0.01, lotSize: 1, multiplier: 1 },
      ...part,
    }
    const none = [...Array.from({ length: 5 }, () => f()), new Int32Array(0), new Int32Array(0)]
    const columns = [
      ...none,
      new Int8Array(0),
      ...Array.from({ length: 7 }, () => f()),
      ...[new Int8Array(0), new Int8Array(0)],
      ...Array.from({ length: 6 }, () => f()),
    ]
    const look = () => reader.read(head({ type: 'market', instrument: 0, spec, levels: 0, from: 0 }, columns))
    if (refusal) expect(look).toThrow(refusal)
    else expect(look()).toMatchObject({ type: 'market', spec })
  })

  test('parts of a journal that go back, repeat themselves, are too much, or do not add up', async () => {
    const record = await runWhole({ strategy: Crossover, data: data(200), settings })
    const { journal } = record
    const last = journal.requests.move.length - 1
    const none = { ...emptyJournal(journal.strategies, journal.moves) }
    const sums = sumsOf(journal)
    const read = (...parts: readonly (typeof journal)[]) => {
      const reader = new Reader({ data: data(200), settings })
      reader.read({ head: JSON.stringify({ type: 'started', declarations: [], total: 200 }), columns: [] })
      for (const part of parts) reader.read(structuredClone(pack({ type: 'journal', part })))
      return reader
    }
    expect(read(journal).journal).toEqual(journal)
    const row = (table: object, at: number) =>
      Object.fromEntries(Object.entries(table).map(([name, values]) => [name, values.slice(at, at + 1)]))
    const again = { ...none, moves: journal.moves + 1 }
    for (const [what, part] of [
      ['nothing new', none],
      ['fewer moves', { ...none, moves: journal.moves - 1 }],
      ['an earlier request', { ...again, requests: row(journal.requests, 0) }],
      ['other strategies', { ...again, strategies: [{ ...journal.strategies[0]!, handlers: [] }] }],
      ['too many texts', { ...again, texts: Array.from({ length: limits.texts + 1 }, () => 'x') }],
      [
        'an order that is not there',
        { ...again, requests: { ...row(journal.requests, last), order: Int32Array.of(9e6) } },
      ],
    ] as const)
      expect(() => read(journal, part as typeof journal), what).toThrow('what no run sends')
    for (const journalled of [undefined, { ...sums, requests: sums.requests - 1 }, { ...sums, asides: 0.5 }])
      expect(() =>
        read(journal).read(pack({ type: 'finished', record, ...(journalled && { journalled }) })),
      ).toThrow('what no run sends')
    expect(() => read().read(pack({ type: 'finished', record, journalled: sums }))).toThrow(
      'what no run sends',
    )
    expect(() => read().read({ head: JSON.stringify({ type: 'journal' }), columns: [] })).toThrow(
      'what no run sends',
    )
  })
})

describe('a record that crosses whole', () => {
  const cross = async (strategy: new () => Strategy, on: DataSet) => {
    const record = await runWhole({ strategy, data: on, settings })
    const reader = new Reader({ data: on, settings })
    reader.read({
      head: JSON.stringify({ type: 'started', declarations: [], total: record.bars }),
      columns: [],
    })
    reader.read(pack({ type: 'refusals', rows: record.refusals }))
    reader.read(pack({ type: 'notes', rows: record.notes ?? [] }))
    const message = readRecord(reader, structuredClone(record))
    expect(message).toEqual({ type: 'finished', record })
    return record
  }

  test('also with orders from before the first bar and for an instrument that is not there', async () => {
    class Early extends BarStrategy {
      async onStart() {
        await this.buy(this.instruments()[0]!, 1)
        await this.buy(new outcry.Instrument({ name: 'NOPE' }), 1)
      }
      onBar() {}
    }
    const { orders } = await cross(Early, data(5))
    expect([[...orders.bar], [...orders.instrument]]).toEqual([
      [-1, -1],
      [0, -1],
    ])
  })

  test('with the market that the run made itself', async () => {
    class Trades extends BarStrategy {
      async onBar({ target: { instrument, open, close } }: BarEvent) {
        await this.target(instrument, close > open ? 0.5 : 0)
      }
    }
    const synthetic = { seed: 3, seconds: 60, agents: 40, barSeconds: 5, instruments: 2 }
    const made = { id: 'synthetic', name: 'Synthetic', provenance: '', instruments: [], synthetic }
    expect((await cross(Trades, made)).market.map(({ bars }) => bars.close.length)).toEqual([12, 12])
  })
})
