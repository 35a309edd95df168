import { BarStrategy, type BarEvent, sma } from 'outcry'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { report } from '#analysis'
import type { Program } from '#compile'
import { randomWalk, syntheticData, type SyntheticRequest } from '#data'
import { run as runWhole, type RunOptions, type RunRecord, verify } from '#engine'
import type { StoredDocument } from '../src/app/documents/document.ts'
import { PageDocuments } from '../src/app/documents/store.ts'
import { Library, type Sample } from '../src/app/library.svelte.ts'
import { initialTerms } from '../src/app/run.ts'
import { Playground } from '../src/app/playground.svelte.ts'
import type { Machinery } from '../src/app/machinery.ts'
import type { Outcome, RunEvents, RunRequest } from '../src/app/sandbox/sandbox.ts'
import type { Shared } from '../src/app/share/shared.ts'

class Crossover extends BarStrategy {
  fast = this.input('fast', 5, { min: 2, max: 50, step: 1 })
  slow = this.input('slow', 20, { min: 5, max: 200, step: 1 })
  fastAverage = this.indicator(sma(this.fast))
  slowAverage = this.indicator(sma(this.slow))

  async onBar({ target: bar }: BarEvent) {
    if (this.fastAverage.crossedAbove(this.slowAverage)) await this.target(bar.instrument, 0.9)
    if (this.fastAverage.crossedBelow(this.slowAverage)) await this.closeAll(bar.instrument)
  }
}

const sample = (id: string): Sample => ({
  id,
  file: `${id}.ts`,
  name: id,
  thesis: '',
  load: async () => ({ source: sourceOf(id), program: { code: id, map: '' } }),
})
const sourceOf = (id: string) => `this.input('fast', 5) // ${id}`

/** Documents in memory; `blocked` is a browser that keeps nothing. */
class Shelf extends PageDocuments {
  blocked = false
  override async all() {
    this.#check()
    return super.all()
  }
  override async get(id: string) {
    this.#check()
    return super.get(id)
  }
  override async put(document: StoredDocument) {
    this.#check()
    return super.put(document)
  }
  #check() {
    if (this.blocked) throw new Error('blocked')
  }
}

/** Runs the crossover in this thread; a run begins when `open` lets it. */
class Bench implements Machinery {
  readonly requests: RunRequest[] = []
  compiled = 0
  gate: Promise<void> = Promise.resolve()
  outcome: Outcome | undefined
  forge = (record: RunRecord) => record
  /** Whether the library lacks what is asked for. */
  missing = false
  readonly #data = randomWalk({ bars: 500 })
  readonly #longer = { ...randomWalk({ bars: 700 }), id: 'longer' }
  /** Four instruments, of which one gives the rate of another. */
  readonly #abroad = {
    ...this.#data,
    id: 'abroad',
    instruments: (
      [
        ['A', 'USD'],
        ['B', 'GBP'],
        ['C', 'GBP'],
        ['D', 'JPY'],
        ['EURJPY', 'JPY'],
      ] as const
    ).map(([name, currency]) => ({
      ...this.#data.instruments[0]!,
      instrument: { ...this.#data.instruments[0]!.instrument, name, currency },
    })),
  }
  loading: Promise<void> = Promise.resolve()
  #stop: (() => void) | undefined

  load: Machinery['load'] = async (id) => {
    if (id === 'gone' || (this.missing && id.startsWith('imported:')))
      throw new Error('the server answered 404')
    await this.loading
    return this.#of(id)
  }
  report: Machinery['report'] = async (record, id) => ({ record, report: report(record, this.#of(id)) })
  journal: Machinery['journal'] = async () => new Blob()
  messages: Machinery['messages'] = async () => {
    throw new RangeError('made no book')
  }
  verify: Machinery['verify'] = async (record, id) => verify(record, this.#of(id))
  #of(id: string) {
    if (id.startsWith('synthetic:'))
      return syntheticData(JSON.parse(id.slice('synthetic:'.length)) as SyntheticRequest)
    return id === 'abroad' ? this.#abroad : id === 'longer' ? this.#longer : this.#data
  }
  /** Nothing was worked out ahead, unless a test says so. */
  firstRun: Machinery['firstRun'] = async () => {
    throw new Error('the server answered 404')
  }
  compile: Machinery['compile'] = async ({ files, entry }) => {
    this.compiled++
    return files[entry]!.includes('syntax error')
      ? {
          ok: false,
          diagnostics: [
            {
              file: entry,
              line: 3,
              column: 7,
              length: 1,
              message: 'Expected ")" but found "{".',
              severity: 'error',
              source: 'compile',
            },
          ],
        }
      : { ok: true, program: { code: files[entry]!, map: '' }, diagnostics: [] }
  }
  now: Machinery['now'] = () => performance.now()
  spare: Machinery['spare'] = () => this.sandbox

  readonly sandbox = {
    prepare: async (_program?: Program) => {},
    pause: async () => {},
    goOn: async () => {},
    watch: async () => {},
    stop: async () => this.#stop?.(),
    dispose: () => {},
    run: async (request: RunRequest, events?: RunEvents): Promise<Outcome> => {
      this.requests.push(request)
      const stopped = new Promise<Outcome>((resolve) => {
        this.#stop = () => resolve({ kind: 'stopped', bar: 7, logs: [] })
      })
      const finished = this.gate.then(async (): Promise<Outcome> => {
        if (this.outcome) return this.outcome
        const record = this.forge(
          await run({ strategy: Crossover, data: request.data, settings: request.settings }),
        )
        events?.onStart?.({ declarations: record.declarations, total: record.bars })
        return { kind: 'finished', record, logs: [] }
      })
      return Promise.race([stopped, finished])
    },
  }
}

/** In one task: this strategy leaves nothing behind that would need another. */
const run = (options: RunOptions) => runWhole(options, async () => {})

let shelf: Shelf
let bench: Bench
const samples = [sample('sma-crossover'), sample('hold'), { ...sample('quoting'), data: 'synthetic' }]
const open = () => new Playground(new Library(samples, shelf), bench)
const settled = () => new Promise((resolve) => setTimeout(resolve, 30))

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
  shelf = new Shelf()
  bench = new Bench()
})
afterEach(() => vi.unstubAllGlobals())

test('nothing runs while rates of currencies are missing: all of them are told, with the way to set them', async () => {
  const playground = open()
  await playground.start()
  const runs = bench.requests.length
  playground.setTerms({ money: { currency: 'EUR', rates: { USD: 0.9 } } })
  await vi.waitFor(() => expect(playground.phase).toBe('idle'))
  const before = bench.requests.length
  expect(before).toBe(runs + 1)
  // Other data under a currency that was set before.
  await playground.chooseData('abroad')
  expect(playground.message).toMatchObject({
    tone: 'warn',
    text: 'Nothing ran: the account is in EUR, and there is no rate for GBP (B and 1 more).',
    action: { label: 'Set the rate', tab: 'terms', focus: 'rates' },
  })
  playground.setTerms({ money: { currency: 'CHF' } })
  await vi.waitFor(() => expect(playground.message?.action?.label).toBe('Set the rates'))
  expect(playground.message?.text).toContain(
    'there are no rates for USD (A), GBP (B and 1 more) and JPY (D and 1 more).',
  )
  expect(bench.requests.length).toBe(before)
  playground.setTerms({ money: { currency: 'CHF', rates: { USD: 0.9, GBP: 1.1, JPY: 0.006 } } })
  await vi.waitFor(() => expect(playground.result?.data.id).toBe('abroad'))
  expect(playground.message).toBeUndefined()
})

test('the first screen runs the first sample without the compiler', async () => {
  const playground = open()
  await playground.start()
  expect(playground.result?.record.bars).toBe(500)
  expect(playground.result?.report.trades.side.length).toBeGreaterThan(0)
  expect(bench.compiled).toBe(0)
})

test('the first screen shows what was worked out ahead, and its own run comes to the same', async () => {
  const data = await bench.load('aapl')
  const record = await run({ strategy: Crossover, data, settings: { ...initialTerms, inputs: {} } })
  bench.firstRun = async () => ({ data, record, report: report(record, data) })
  let begin = () => {}
  bench.gate = new Promise((resolve) => (begin = resolve))
  const playground = open()
  const starting = playground.start()
  await settled()
  expect(playground.phase).toBe('running')
  expect(playground.result?.record).toBe(record)
  begin()
  await starting
  expect(playground.result?.record).toBe(record)
  expect(playground.result?.milliseconds).toBeGreaterThan(0)
  expect(playground.ghost).toBeUndefined()
})

test('a visit to something else does not ask for what was worked out ahead', async () => {
  localStorage.setItem(
    'outcry.visit',
    JSON.stringify({ document: 'sample:hold', data: 'aapl', terms: initialTerms }),
  )
  let asked = false
  bench.firstRun = async () => {
    asked = true
    throw new Error('not needed')
  }
  const playground = open()
  await playground.start()
  expect(playground.library.id).toBe('sample:hold')
  expect(asked).toBe(false)
})

test('while a run is under way only the newest slider position is kept for the next', async () => {
  const playground = open()
  await playground.start()
  let release!: () => void
  bench.gate = new Promise((resolve) => (release = resolve))
  for (const fast of [6, 7, 8, 9]) playground.setInput('fast', fast)
  release()
  await settled()
  expect(bench.requests.map(({ settings }) => settings.inputs['fast'])).toEqual([undefined, 6, 9])
  expect(playground.result?.record.inputs['fast']).toBe(9)
})

test('what is said of something else while a run is under way is still said when the run ends', async () => {
  const playground = open()
  await playground.start()
  let release!: () => void
  bench.gate = new Promise((resolve) => (release = resolve))
  void playground.run()
  await vi.waitFor(() => expect(playground.phase).toBe('running'))
  playground.tell({ tone: 'error', text: 'That file was not opened.' })
  release()
  await vi.waitFor(() => expect(playground.phase).toBe('idle'))
  expect(playground.message?.text).toBe('That file was not opened.')
  await playground.run()
  expect(playground.message).toBeUndefined()
})

test('runs that end before there is a history are there for it to begin with, in their order', async () => {
  const playground = open()
  await playground.start()
  playground.setInput('fast', 6)
  await vi.waitFor(() => expect(playground.result?.record.inputs['fast']).toBe(6))
  expect(playground.early.map(({ record }) => record.inputs['fast'])).toEqual([5, 6])
})

test('the ghost is the run before a drag, not each step of it', async () => {
  const playground = open()
  await playground.start()
  const before = playground.result!.record.equity
  await new Promise((resolve) => setTimeout(resolve, 750))
  playground.setInput('fast', 9)
  await settled()
  playground.setInput('fast', 12)
  await settled()
  expect(playground.ghost).toBe(before)
})

test('a result is checked after it is shown, and one that was made up is told apart', async () => {
  const playground = open()
  await playground.start()
  const standing = () => playground.check.of(playground.result?.record)
  expect(standing()).toEqual({ kind: 'checking' })
  await vi.waitFor(() => expect(standing()).toEqual({ kind: 'agrees' }))
  bench.forge = (record) => ({
    ...record,
    equity: { ...record.equity, value: record.equity.value.map((value) => value * 2) },
    digest: 'f'.repeat(64),
  })
  await playground.run()
  await vi.waitFor(() => expect(standing()).toMatchObject({ kind: 'differs' }))
  bench.verify = () => Promise.reject(new Error('The worker is gone.'))
  await playground.run()
  await vi.waitFor(() => expect(standing()).toEqual({ kind: 'unchecked', reason: 'The worker is gone.' }))
})

test('an input that is put back to its default is no longer sent', async () => {
  const playground = open()
  await playground.start()
  playground.setInput('fast', 9)
  await settled()
  playground.setInput('fast', 5)
  await settled()
  expect(bench.requests.at(-1)!.settings.inputs).toEqual({})
})

test('an input that the edited code no longer names is not sent', async () => {
  const playground = open()
  await playground.start()
  playground.setInput('slow', 50)
  await settled()
  playground.edit("this.input('fast', 5)")
  await playground.run()
  expect(bench.requests.at(-1)!.settings.inputs).toEqual({})
})

test('code that does not compile runs nothing and says where', async () => {
  const playground = open()
  await playground.start()
  const before = playground.result
  playground.edit('syntax error')
  await playground.run()
  expect(bench.requests.length).toBe(1)
  expect(playground.result).toBe(before)
  expect(playground.outdated).toBe(true)
  expect(playground.message).toMatchObject({ tone: 'error', place: { line: 3, column: 7 } })
  expect(playground.problems[0]).toMatchObject({ line: 3, source: 'compile' })
})

test('an error of the strategy is a problem with its line, its bar and its time', async () => {
  const playground = open()
  await playground.start()
  bench.outcome = {
    kind: 'failed',
    logs: [],
    error: {
      name: 'TypeError',
      message: 'x is undefined',
      stack: '',
      handler: 'onBar',
      bar: 42,
      time: 1_577_836_800_000_000,
      position: { file: 'sma-crossover.ts', line: 12, column: 5 },
    },
  }
  await playground.run()
  expect(playground.problems[0]).toMatchObject({ line: 12, bar: 42, source: 'run' })
  expect(playground.moment).toEqual({ time: 1_577_836_800_000_000 })
  bench.outcome = undefined
  await playground.run()
  expect(playground.problems).toEqual([])
})

test('what an earlier run failed of is no problem of the run that was stopped', async () => {
  const playground = open()
  await playground.start()
  const error = { name: 'Error', message: 'no', stack: '', handler: 'onBar', bar: 1, time: 0 }
  bench.outcome = { kind: 'failed', logs: [], error }
  await playground.run()
  expect(playground.problems).toHaveLength(1)
  bench.outcome = { kind: 'stopped', logs: [], bar: 7 }
  await playground.run()
  expect(playground.problems).toEqual([])
})

test('Stop ends a run that never would, and the next run works', async () => {
  const playground = open()
  await playground.start()
  bench.gate = new Promise(() => {})
  const endless = playground.run()
  await settled()
  await playground.stop()
  await endless
  expect(playground.phase).toBe('idle')
  expect(playground.message?.text).toContain('Stopped after 7 bars')
  bench.gate = Promise.resolve()
  await playground.run()
  expect(playground.message).toBeUndefined()
})

test('prices that cannot be loaded are told, and nothing runs', async () => {
  const playground = open()
  await playground.start()
  await playground.chooseData('gone')
  expect(playground.dataProblem).toContain('the server answered 404')
  expect(playground.data).toBeUndefined()
  expect(playground.result).toBeUndefined()
  expect(bench.requests.length).toBe(1)
})

test('a slider that moves while other prices load waits for them', async () => {
  const playground = open()
  await playground.start()
  let arrive!: () => void
  bench.loading = new Promise((resolve) => (arrive = resolve))
  const choosing = playground.chooseData('longer')
  playground.setInput('fast', 9)
  await settled()
  expect(bench.requests.length).toBe(1)
  arrive()
  await choosing
  await settled()
  expect(bench.requests.slice(1).every(({ data }) => data.id === 'longer')).toBe(true)
  expect(playground.result?.record.bars).toBe(700)
  expect(playground.result?.record.inputs['fast']).toBe(9)
})

test('an edited sample is kept within a second, opens again on the next visit, and can be taken back', async () => {
  const playground = open()
  await playground.start()
  playground.edit('// mine')
  expect(playground.library.edited).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect((await shelf.get('sample:sma-crossover'))?.files).toEqual({ 'sma-crossover.ts': '// mine' })

  const next = open()
  await next.start()
  expect(next.library.text).toBe('// mine')
  expect(next.result).toBeUndefined()
  await next.revert()
  expect(next.library.text).toBe(sourceOf('sma-crossover'))
  expect(await shelf.get('sample:sma-crossover')).toBeUndefined()
  await next.takeBack()
  expect(next.library.text).toBe('// mine')
})

test('a draft that ran to its end runs again on the next visit without the compiler', async () => {
  const playground = open()
  await playground.start()
  playground.edit("// mine 'fast'")
  await playground.run()
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(bench.compiled).toBe(1)
  const next = open()
  await next.start()
  expect(next.result?.source.files).toEqual({ 'sma-crossover.ts': "// mine 'fast'" })
  expect(bench.compiled).toBe(1)
})

test('a draft that did not run to its end waits to be run on the next visit', async () => {
  const playground = open()
  await playground.start()
  playground.edit('// endless')
  bench.outcome = { kind: 'stopped', bar: 3, logs: [] }
  await playground.run()
  await new Promise((resolve) => setTimeout(resolve, 700))
  const next = open()
  await next.start()
  expect(next.library.text).toBe('// endless')
  expect(next.result).toBeUndefined()
  expect(bench.requests.length).toBe(2)
})

test('where the browser keeps nothing, editing and running still work', async () => {
  shelf.blocked = true
  const playground = open()
  await playground.start()
  playground.edit('// mine')
  await playground.library.flush()
  expect(playground.library.saving).toBe('blocked')
  await playground.run()
  expect(playground.result?.source.files['sma-crossover.ts']).toBe('// mine')
})

test('a copy of a sample runs at once and leaves the sample alone', async () => {
  const playground = open()
  await playground.start()
  await playground.duplicate()
  expect(playground.result?.document).toBe(playground.library.id)
  expect(playground.library.sample).toBeUndefined()
  expect(bench.compiled).toBe(0)
  playground.edit('// mine')
  await playground.openSample('sma-crossover')
  expect(playground.library.text).toBe(sourceOf('sma-crossover'))
  const [mine] = playground.library.own
  expect((await playground.library.documentOf(mine!.id))?.files).toEqual({ 'sma-crossover.ts': '// mine' })
})

test('going to another strategy keeps the changes of the one before', async () => {
  const playground = open()
  await playground.start()
  playground.edit('// mine')
  await playground.openSample('hold')
  expect(playground.library.text).toBe(sourceOf('hold'))
  await playground.openSample('sma-crossover')
  expect(playground.library.text).toBe('// mine')
})

const short = { seconds: 120, agents: 100 }

test('the lines that are marked are those of a strategy: another with files of the same names has its own, a copy the same', async () => {
  const playground = open()
  await playground.start()
  const [file] = Object.keys(playground.library.source.files) as [string]
  playground.stopAt(file, [12, 14])
  const text = { files: { [file]: 'class Other {}' }, entry: file, program: undefined }
  await playground.take([{ name: 'Other', ...text }])
  expect(Object.keys(playground.library.source.files)).toEqual([file])
  expect(playground.stops).toEqual({})
  playground.stopAt(file, [2])
  await playground.openSample('sma-crossover')
  expect(playground.stops).toEqual({ [file]: [12, 14] })
  await playground.duplicate()
  expect(playground.stops).toEqual({ [file]: [12, 14] })
  playground.stopAt(file, [])
  await playground.openSample('sma-crossover')
  expect(playground.stops).toEqual({ [file]: [12, 14] })
})

test('a synthetic market is shown as the run has made it, and its seed decides it', async () => {
  const playground = open()
  await playground.start()
  playground.setMarket(short)
  expect(playground.market).toBeUndefined()
  await playground.chooseData('synthetic')
  expect(playground.data?.instruments[0]?.bars.close.length).toBe(12)
  expect(playground.result?.record.books.length).toBe(1)
  const first = playground.result!.record.equity
  const close = playground.data!.instruments[0]!.bars.close
  playground.setMarket({ ...short, seed: 2 })
  // The market before stays until the new one is made.
  expect(playground.result?.asked.synthetic?.seed).toBeUndefined()
  await vi.waitFor(() => expect(playground.result?.asked.synthetic?.seed).toBe(2))
  expect(playground.data!.instruments[0]!.bars.close).not.toEqual(close)
  playground.setMarket(short)
  await vi.waitFor(() => expect(playground.result?.asked.synthetic?.seed).toBeUndefined())
  expect(playground.data!.instruments[0]!.bars.close).toEqual(close)
  expect(playground.result!.record.equity).toEqual(first)
})

test('of markets asked for while one is being made, only the newest is made next', async () => {
  const playground = open()
  playground.setMarket(short)
  await playground.start()
  await playground.chooseData('synthetic')
  const before = bench.requests.length
  let release!: () => void
  bench.gate = new Promise((resolve) => (release = resolve))
  for (const seed of [2, 3, 4, 5]) playground.setMarket({ ...short, seed })
  await settled()
  release()
  await vi.waitFor(() => expect(playground.result?.asked.synthetic?.seed).toBe(5))
  expect(bench.requests.length - before).toBeLessThanOrEqual(2)
})

test('a market and its settings are there again on the next visit', async () => {
  const playground = open()
  await playground.start()
  playground.setMarket({ ...short, seed: 7 })
  await playground.chooseData('synthetic')
  const again = open()
  await again.start()
  expect(again.market).toEqual({ ...short, seed: 7 })
  expect(again.result?.record.digest).toBe(playground.result!.record.digest)
})

test('a sample that needs an order book brings the market and tells the way back', async () => {
  const playground = open()
  playground.setMarket(short)
  await playground.start()
  await playground.openSample('quoting')
  expect(playground.switched).toEqual({
    sample: 'quoting',
    from: 'aapl',
    fromName: expect.any(String),
    to: 'synthetic',
  })
  expect(playground.result?.record.books.length).toBe(1)
  await playground.chooseData('aapl')
  expect(playground.switched).toBeUndefined()
  expect(playground.result?.record.books).toEqual([])
  await playground.openSample('quoting')
  await playground.openSample('hold')
  expect([playground.switched, playground.dataId]).toEqual([undefined, 'synthetic'])
})

test('a selected trade brings its instrument and its bar to the book', async () => {
  const playground = open()
  await playground.start()
  playground.selectedTrade = 1
  const row = playground.result!.report.trades.entryBar[1]!
  expect(playground.bookAt?.time).toBe(playground.data!.instruments[0]!.bars.time[row])
})

const shared: Shared = {
  name: 'From a friend',
  source: { files: { 'theirs.ts': sourceOf('theirs') }, entry: 'theirs.ts' },
  data: { kind: 'synthetic', market: { ...short, seed: 9 } },
  settings: { ...initialTerms, cash: 50_000, inputs: { fast: 7 } },
}

test('what came in a link waits to be run, keeps nothing, and leaves the visitor’s choices as they were', async () => {
  const playground = open()
  await playground.start()
  playground.setTerms({ cash: 20_000 })
  await settled()
  const kept = [localStorage.getItem('outcry.visit'), await shelf.all()]
  const runs = bench.requests.length
  await playground.openShared(shared)
  playground.setInput('fast', 8)
  playground.setMarket({ ...short, seed: 10 })
  await settled()
  expect(bench.requests.length).toBe(runs)
  expect([playground.received, playground.result, playground.library.source]).toEqual([
    shared,
    undefined,
    shared.source,
  ])
  await playground.run()
  expect(bench.requests.at(-1)).toMatchObject({ settings: { cash: 50_000, inputs: { fast: 8 } } })
  expect([localStorage.getItem('outcry.visit'), await shelf.all()]).toEqual(kept)
  await playground.openSample('hold')
  expect([playground.received, playground.terms.cash, playground.market]).toEqual([
    undefined,
    20_000,
    undefined,
  ])
  expect(playground.result?.asked.synthetic).toBeUndefined()
})

test('what came in a link is kept as one’s own strategy once it is changed or asked for, settings and all', async () => {
  for (const how of ['edit', 'keepReceived', 'duplicate'] as const) {
    const playground = open()
    await playground.openShared(shared)
    if (how === 'edit') playground.edit('changed', 'theirs.ts')
    else await playground[how]()
    await playground.library.flush()
    expect(playground.library.id).toMatch(/^own:/)
    expect(playground.received).toBe(shared)
    expect((await shelf.get(playground.library.id))?.name).toBe('From a friend')
    const again = open()
    await again.start()
    expect([again.library.name, again.terms.cash, again.market?.seed]).toEqual(['From a friend', 50_000, 9])
  }
})

test('prices that a link asks for are looked at as its author did, once their file is there', async () => {
  const hash = `imported:${'a'.repeat(64)}`
  const playground = open()
  bench.missing = true
  await playground.openShared({
    ...shared,
    data: { kind: 'imported', id: `${hash}+4h`, name: 'BTC', from: 0, to: 1, bars: 2 },
  })
  expect(playground.dataProblem).toBeDefined()
  bench.missing = false
  await playground.chooseData(hash)
  expect([playground.dataId, playground.dataProblem]).toEqual([`${hash}+4h`, undefined])
})
