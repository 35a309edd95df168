import type { DataSet } from '#data'
import type { RunSettings } from '#engine'
import { load, strategyOf } from '#session'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as outcry from 'outcry'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { type Collector, collect } from './collector.ts'
import { browser, limit, openApp, openLab, type OpenPage } from './harness.ts'
import type { Lab } from './page/main.ts'
import { probes, tools } from './probes.ts'
import { run as runHere } from '../market.ts'

/** The test page's own, inside `evaluate`. */
declare const lab: Lab

const crossover = `import { BarStrategy, sma, type BarEvent } from 'outcry'
export default class Crossover extends BarStrategy {
  fast = this.indicator(sma(3))
  slow = this.indicator(sma(9))
  onBar({ target: bar }: BarEvent) {
    if (this.fast.crossedAbove(this.slow)) return void this.target(bar.instrument, 0.9)
    if (this.fast.crossedBelow(this.slow)) return void this.target(bar.instrument, 0)
  }
}`

const strategy = (body: string, start = '') =>
  `import { BarStrategy, type BarEvent } from 'outcry'\n${start}\nexport default class extends BarStrategy {\n  bars = 0\n${body}\n}`

let page: OpenPage
let collector: Collector

beforeAll(async () => {
  collector = await collect()
  page = await openLab()
  await page.evaluate(() => lab.compiler.load())
})
afterAll(() => collector?.close())

/** Texts of the log of a run of a strategy. */
async function logsOf(text: string, bars = 1): Promise<string[]> {
  const outcome = await page.evaluate(([text, bars]) => lab.run(text, bars), [text, bars] as const)
  if (outcome.kind !== 'finished') throw new Error(JSON.stringify(outcome))
  return outcome.logs.map(({ text }) => text)
}

/** How a run ends whose engine is a text of ours. */
const broken = (engine: string, on = page) =>
  on.evaluate(async (engine) => {
    const outcome = await lab.runBroken(engine)
    return outcome.kind === 'finished' ? { ...outcome, record: undefined } : outcome
  }, engine)

describe('nothing gets out', () => {
  test('of a worker that has all its names, by any of the ways known', async () => {
    collector.hits.length = 0
    const app = inject('lab')
    const engine = `${tools}
      const host = ${JSON.stringify(collector.host)}
      const app = ${JSON.stringify(app)}
      const probes = ${probes}
      const say = (value) => postMessage({ head: JSON.stringify(value), columns: [] })
      onmessage = async ({ data }) => {
        if (data.type !== 'run') return
        let index = 0
        for (const [name, probe] of Object.entries(probes)) {
          let text
          try {
            await Promise.race([probe(), wait().then(wait).then(wait).then(() => { throw new Error('silence') })])
            text = name + ': REACHED'
          } catch (error) {
            text = name + ': ' + String(error).slice(0, 100)
          }
          say({ type: 'log', rows: [{ index: index++, level: 'info', time: null, bar: 0, text, count: 1 }] })
        }
        say({ type: 'failed', failure: { name: 'End', message: 'end', stack: '', handler: 'end', bar: 0, time: null } })
      };`
    const outcome = await broken(engine)
    if (outcome.kind !== 'failed') throw new Error(JSON.stringify(outcome))
    const results = outcome.logs.map(({ text }) => text)
    expect(results.length).toBeGreaterThanOrEqual(45)
    expect(results.filter((result) => result.endsWith('REACHED'))).toEqual([])
    expect(collector.hits).toEqual([])
  })

  test('of a strategy, which finds none of these names', async () => {
    collector.hits.length = 0
    const text = strategy(
      `async onBar() {
        const probes = ${probes}
        for (const [name, probe] of Object.entries(probes)) {
          try {
            await probe()
            console.log(name + ': REACHED')
          } catch (error) {
            console.log(name + ': ' + String(error).slice(0, 100))
          }
        }
      }`,
      `const host = '${collector.host}', app = '${inject('lab')}'
       const wait = async () => {}
       const fail = () => { throw new Error('nothing reached') }
       const blob = () => '', opened = fail, nested = fail`,
    )
    const results = await logsOf(text)
    expect(results.length).toBeGreaterThanOrEqual(45)
    expect(results.filter((result) => result.endsWith('REACHED'))).toEqual([])
    // Absent, or code from text, which the policy forbids: nothing else.
    expect(results.filter((result) => !/is not defined|EvalError/.test(result))).toEqual([])
    expect(collector.hits).toEqual([])
  })

  test('by a script from the network or from elsewhere: import() is refused or rewritten', async () => {
    collector.hits.length = 0
    const refused = await page.evaluate(
      (host) =>
        Promise.all(
          [`http://${host}/x.js`, 'data:text/javascript,0', 'blob:null/x', '/x.js'].map((url) =>
            lab.program(`await import('${url}')\nexport default 1`).then(
              () => 'compiled',
              (error: Error) => error.message,
            ),
          ),
        ),
      collector.host,
    )
    expect(refused.every((message) => message !== 'compiled')).toBe(true)
    const computed = await logsOf(
      strategy(
        `async onBar() { try { await import(url); console.log('REACHED') } catch (error) { console.log(String(error)) } }`,
        `const url = ['http:', '', '${collector.host}', 'x.js'].join('/')`,
      ),
    )
    expect(computed).toEqual([expect.stringMatching(/^Error: Dynamic require/)])
    expect(collector.hits).toEqual([])
  })

  test('by undoing the prelude: prototypes, frames of the stack and the engine give nothing back', async () => {
    const results = await logsOf(
      strategy(
        `onBar(this: any) {
          const found: string[] = []
          const look = (name: string, get: () => unknown) => {
            try {
              const value = get()
              if (value !== undefined && value !== null) found.push(name + ': ' + typeof value)
            } catch {}
          }
          const names = ['fetch', 'postMessage', 'setTimeout', 'performance', 'navigator', 'Worker', 'close', 'self', 'onmessage', 'importScripts', 'addEventListener', 'dispatchEvent', 'location', 'crypto', 'queueMicrotask', 'structuredClone', 'MessageChannel', 'Blob', 'URL', 'Response', 'WeakRef', 'Atomics', 'Temporal', 'trustedTypes', 'scheduler']
          for (const name of names) {
            look(name, () => (globalThis as any)[name])
            for (let level = globalThis; level; level = Object.getPrototypeOf(level)) {
              look(name + ' on a prototype', () => Object.getOwnPropertyDescriptor(level, name))
              look(name + ' by a getter', () => (Object.getOwnPropertyDescriptor(level, name) as any).get.call(globalThis))
            }
          }
          const native = Error as any
          native.prepareStackTrace = (_: Error, sites: any[]) => sites
          const sites = (new Error() as any).stack
          native.prepareStackTrace = undefined
          if (Array.isArray(sites))
            for (const site of sites) {
              look('this of a frame', () => site.getThis())
              look('function of a frame', () => site.getFunction())
            }
          look('caller', () => (this.onBar as any).caller)
          look('time by the constructor of a date', () => +new (Object.getPrototypeOf(new Date()).constructor)() > 1e12 || undefined)
          look('time by Intl', () => (/20[2-9]\\d/.test(new Intl.DateTimeFormat().format()) ? true : undefined))
          console.log(found.join(', ') || 'nothing')
        }`,
      ),
    )
    expect(results).toEqual(['nothing'])
  })

  test('of the frame: its document has no origin, and the page cannot be reached from it', async () => {
    const frame = page.frames().find((frame) => frame !== page.mainFrame())!
    const seen = await frame.evaluate(() => {
      const attempt = (get: () => unknown) => {
        try {
          return String(get())
        } catch (error) {
          return (error as Error).name
        }
      }
      return [
        attempt(() => self.origin),
        attempt(() => parent.document.title),
        attempt(() => localStorage.length),
        attempt(() => document.cookie),
      ]
    })
    expect(seen).toEqual(['null', 'SecurityError', 'SecurityError', 'SecurityError'])
  })
})

describe('the policies', () => {
  test('pin the very bytes of the frame script, in the app and in the frame', async () => {
    const { srcdoc, sandbox, own } = await page.evaluate(() => ({
      srcdoc: document.querySelector('iframe')!.srcdoc,
      sandbox: document.querySelector('iframe')!.getAttribute('sandbox'),
      own: document.querySelector('meta[http-equiv]')!.getAttribute('content')!,
    }))
    const boot = /<script>(.*)<\/script>$/s.exec(srcdoc)![1]!
    const hash = `'sha256-${createHash('sha256').update(boot).digest('base64')}'`
    expect(boot.length).toBeGreaterThan(500)
    expect(sandbox).toBe('allow-scripts')
    expect(/content="([^"]*)"/.exec(srcdoc)![1]).toBe(
      `default-src 'none'; script-src ${hash}; worker-src blob:; base-uri 'none'; form-action 'none'`,
    )
    expect(own).toContain(hash)
    const html = await readFile(join(inject('files'), 'index.html'), 'utf8')
    expect(/<head>\s*<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1]).toBe(
      `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' ${hash}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; manifest-src 'self'`,
    )
  })

  test('let the app itself start without a complaint', async () => {
    const app = await openApp()
    await app.waitForTimeout(500)
    expect(app.problems.filter((problem) => /Content Security Policy/i.test(problem))).toEqual([])
  })
})

describe('a hostile worker', () => {
  let hostile: OpenPage
  beforeAll(async () => void (hostile = await openLab()))

  test.each([
    ['small messages', `for (;;) postMessage({ head: '{"type":"log","rows":[]}', columns: [] })`],
    [
      'large texts',
      `const head = JSON.stringify('x'.repeat(390000)); for (;;) postMessage({ head, columns: [] })`,
    ],
    [
      'large columns',
      `for (;;) postMessage({ head: '{"type":"log","rows":[]}', columns: [new Float64Array(4e6)] })`,
    ],
    ['what is no message', `for (;;) postMessage(0)`],
  ])('that floods with %s is ended, and the page is held up less than 100 ms', async (_, flood) => {
    const stalls: number[] = []
    // Other programs hold the machine up too: the least of three tells what the flood does.
    while (stalls.length < 3 && !(Math.min(...stalls) < 100)) {
      const result = await hostile.evaluate(async (engine) => {
        let kind = ''
        const stall = await lab.stall(async () => void (kind = (await lab.runBroken(engine)).kind))
        return { kind, stall }
      }, `onmessage = ({ data }) => { if (data.type === 'run') { ${flood} } };`)
      expect(result.kind).toBe('refused')
      stalls.push(result.stall)
    }
    console.log(`longest stall ${stalls.map((stall) => stall.toFixed(0)).join(', ')} ms`)
    expect(Math.min(...stalls)).toBeLessThan(limit(100))
  })

  test.each([
    ['a head that is too long', `{ head: 'x'.repeat(1e6 + 1), columns: [] }`],
    ['columns that are none', `{ head: '{}', columns: [1] }`],
    ['too many columns', `{ head: '{}', columns: Array(101).fill(0).map(() => new Int8Array(1)) }`],
    ['an end that never began', `{ head: '{"type":"finished"}', columns: [] }`],
    [
      'a run of another number',
      `{ run: 99, ended: 'ready', head: '{"type":"progress","bars":1,"time":0}', columns: [] }`,
    ],
    ['a null', `null`],
    ['markup', `{ head: '{"type":"<img src=x>"}', columns: [] }`],
  ])('that sends %s is refused', async (_, message) => {
    const engine = `onmessage = ({ data }) => { if (data.type === 'run') postMessage(${message}) };`
    expect(await broken(engine, hostile)).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/worker/),
    })
  })

  test('leaves a page on which the next run works', async () => {
    const engine = 'onmessage = () => { for (;;) postMessage(0) };'
    expect(await broken(engine, hostile)).toMatchObject({ kind: 'refused' })
    const next = await hostile.evaluate((text) => lab.run(text, 10), crossover)
    expect(next.kind).toBe('finished')
    await hostile.close()
  })
})

describe('Stop', () => {
  test.each([
    ['in a handler', strategy('onBar() { if (++this.bars === 500) while (true) {} }')],
    ['while the file is read', strategy('onBar() {}', 'while (true) {}')],
    ['of promises', strategy('async onBar() { for (;;) await null }')],
    ['for a promise that never comes', strategy('async onBar() { await new Promise(() => {}) }')],
  ])('ends a loop without end %s within 100 ms, and the next run works', async (_, text) => {
    const result = await page.evaluate(
      async ([text, good]) => {
        const program = await lab.program(text)
        const times: number[] = []
        let outcome, next
        for (let i = 0; i < 3; i++) {
          const running = lab.sandbox.run({ program, data: lab.dataOf(2000), settings: lab.settings })
          await new Promise((done) => setTimeout(done, 300))
          const start = performance.now()
          await lab.sandbox.stop()
          outcome = await running
          times.push(performance.now() - start)
          next = await lab.run(good, 2000)
        }
        return { times, outcome, next: next!.kind }
      },
      [text, crossover] as const,
    )
    console.log(`stopped in ${result.times.map((time) => time.toFixed(1)).join(', ')} ms`)
    expect(result.outcome).toMatchObject({ kind: 'stopped' })
    expect(result.next).toBe('finished')
    expect(Math.min(...result.times)).toBeLessThan(limit(100))
  })
})

describe('silence', () => {
  test('is told after two seconds with the bar that was reached, and the run may go on', async () => {
    // A chain of square roots takes some seconds on any machine.
    const slow = strategy(
      `onBar() { if (++this.bars < 60000 || this.bars > 60000) return; let x = 0; for (let i = 0; i < 7e8; i++) x = Math.sqrt(x + i); console.log(x) }`,
    )
    const result = await page.evaluate(async (text) => {
      const silences: string[] = []
      const outcome = await lab.run(text, 100_000, { onSilent: ({ text }) => silences.push(text) })
      return { silences, kind: outcome.kind }
    }, slow)
    expect(result.silences).toEqual([
      expect.stringMatching(
        /^The strategy stopped answering at bar [\d,]+ of 100,000: it is in an endless loop/,
      ),
    ])
    expect(result.kind).toBe('finished')
  })

  test('ends the run where nobody can be asked', async () => {
    const outcome = await page.evaluate((text) => lab.run(text, 100), strategy('onBar() { while (true) {} }'))
    expect(outcome).toMatchObject({
      kind: 'silent',
      text: expect.stringContaining('stopped answering at bar 0 of 100'),
    })
  })

  test('is the sign of a worker that used up its memory; the page lives on and the next run works', async () => {
    const eater = strategy('kept: unknown[] = []\n onBar() { this.kept.push(new Array(4e6).fill(0.5)) }')
    const doomed = await openLab()
    await doomed.evaluate(() => lab.compiler.load())
    // With the worker the frame's process dies, for which Playwright gives up the page: its title tells what it saw.
    await doomed.evaluate(
      ([eater, good]) => {
        let told = 0
        void lab.run(eater, 100_000, { onProgress: ({ bars }) => (told = bars) }).then(async (outcome) => {
          const next = await lab.run(good, 10)
          const text = outcome.kind === 'silent' ? outcome.text : ''
          document.title = `told ${JSON.stringify({ kind: outcome.kind, text, told, next: next.kind })}`
        })
      },
      [eater, crossover] as const,
    )
    const targets = await (await browser()).newBrowserCDPSession()
    const seen = await vi.waitFor(
      async () => {
        const { targetInfos } = await targets.send('Target.getTargets')
        const title = targetInfos.find(({ title }) => title.startsWith('told '))!.title
        return JSON.parse(title.slice(5)) as { kind: string; text: string; told: number; next: string }
      },
      { timeout: 60_000, interval: 200 },
    )
    expect(seen).toMatchObject({ kind: 'silent', next: 'finished' })
    expect(seen.told).toBeGreaterThan(0)
    expect(seen.text).toBe(
      `The strategy stopped answering at bar ${seen.told} of 100,000: it is in an endless loop, waits for what never comes, has used up its memory, or is very slow.`,
    )
  })
})

describe('runs do not depend on anything but their inputs', () => {
  const digestOf = (open: OpenPage, bars: number, code: string) =>
    open.evaluate(
      async ([text, bars]) => {
        const outcome = await lab.run(text, bars)
        return outcome.kind === 'finished' ? outcome.record.digest : JSON.stringify(outcome)
      },
      [code, bars] as const,
    )

  /** What the strategy comes to in Node. */
  async function runOf(code: string, bars: number) {
    const { program, data, settings } = await page.evaluate(
      async ([text, bars]) => {
        const { instruments, ...rest } = lab.dataOf(bars)
        const columns = Object.entries(instruments[0]!.bars).map(
          ([name, values]) => [name, [...values]] as const,
        )
        return {
          program: (await lab.program(text)).code,
          data: { ...rest, instrument: instruments[0]!.instrument, columns },
          settings: lab.settings,
        }
      },
      [code, bars] as const,
    )
    const columns = Object.fromEntries(
      data.columns.map(([name, values]) => [name, Float64Array.from(values)]),
    )
    return runHere({
      strategy: strategyOf(load(program, outcry)),
      data: {
        ...data,
        instruments: [{ instrument: data.instrument, bars: columns }],
      } as unknown as DataSet,
      settings: settings as RunSettings,
    })
  }

  test('the digest is the same here, there, twice, throttled and in the background', async () => {
    const bars = 20_000
    const here = await runOf(crossover, bars)
    expect(here.fills.time.length).toBeGreaterThan(300)

    expect(await digestOf(page, bars, crossover)).toBe(here.digest)
    expect(await digestOf(page, bars, crossover)).toBe(here.digest)
    const session = await page.context().newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: 6 })
    expect(await digestOf(page, bars, crossover)).toBe(here.digest)
    await session.send('Emulation.setCPUThrottlingRate', { rate: 1 })
    const front = await page.context().newPage()
    await front.bringToFront()
    expect(await digestOf(page, bars, crossover)).toBe(here.digest)
    await front.close()
    const abroad = await openLab({ timezoneId: 'Asia/Tokyo', locale: 'de-DE' })
    expect(await digestOf(abroad, bars, crossover)).toBe(here.digest)
  })

  test('nor where a strategy goes on with what it does not await', async () => {
    const code = strategy(
      `count = 0
       onBar({ target: { instrument } }: BarEvent) {
         void this.think(instrument).catch(() => this.count++)
         void this.raise()
         if (++this.bars % 10 === 0) return this.target(instrument, (this.count % 9) / 10).then(() => {})
       }
       async think(instrument: BarEvent['target']['instrument']) {
         await null
         if (await this.deep(12)) await this.buy(instrument, 1)
         await this.closeAll()
       }
       async deep(depth: number): Promise<boolean> { return depth > 0 ? await this.deep(depth - 1) : true }
       async raise() { for (let i = 0; i < 20; i++) { await null; this.count++ } }`,
    )
    for (const bars of [300, 20_000]) {
      const here = await runOf(code, bars)
      expect(here.fills.time.length).toBeGreaterThan(5)
      expect(await digestOf(page, bars, code)).toBe(here.digest)
      expect(await digestOf(page, bars, code)).toBe(here.digest)
    }
  })

  test('a run leaves nothing behind for the next', async () => {
    const text = strategy(
      `onBar() { counted++; (Array.prototype as any).left = ((Array.prototype as any).left ?? 0) + 1; console.log(counted, (Array.prototype as any).left) }`,
      'let counted = 0',
    )
    expect(await logsOf(text)).toEqual(['1 1'])
    expect(await logsOf(text)).toEqual(['1 1'])
  })

  test('of many runs in a row only the last tells anything', async () => {
    const result = await page.evaluate(async (text) => {
      const program = await lab.program(text)
      const data = lab.dataOf(50_000)
      const heard: number[] = []
      const runs = Array.from({ length: 40 }, (_, i) =>
        new Promise((done) => setTimeout(done, i * 4)).then(() => {
          return lab.sandbox.run(
            { program, data, settings: { ...lab.settings, cash: 1000 + i } },
            {
              onProgress: () => heard.push(i),
            },
          )
        }),
      )
      const outcomes = await Promise.all(runs)
      const last = outcomes.at(-1)!
      return {
        rest: outcomes.slice(0, -1).filter(({ kind }) => kind === 'superseded').length,
        cash: last.kind === 'finished' ? last.record.equity.value[0] : last.kind,
        ordered: heard.every((run, i) => i === 0 || run >= heard[i - 1]!),
      }
    }, crossover)
    expect(result.rest).toBeGreaterThan(20)
    expect(result.cash).toBe(1039)
    expect(result.ordered).toBe(true)
  })
})

describe('a mistake', () => {
  test.each([
    ['in a handler', `onBar() { if (++this.bars === 7) null!.x }`, 'onBar', 7],
    [
      'in a promise nobody waits for',
      `onBar() { if (++this.bars === 7) void (async () => { null!.x })() }`,
      'promise',
      0,
    ],
  ])('%s is found on its line', async (_, body, handler, bar) => {
    const outcome = await page.evaluate((text) => lab.run(text, 2000), strategy(body))
    if (outcome.kind !== 'failed') throw new Error(outcome.kind)
    expect(outcome.error).toMatchObject({
      name: 'TypeError',
      handler,
      position: { file: 'strategy.ts', line: 5 },
    })
    if (bar) expect(outcome.error.bar).toBe(bar)
  })
})

test('figures: from the call to the result, and to compile', async () => {
  const figures = await page.evaluate(async (text) => {
    const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!
    const time = async (work: () => Promise<unknown>) => {
      const start = performance.now()
      await work()
      return performance.now() - start
    }
    const program = await lab.program(text)
    const result: Record<string, number> = {}
    for (const bars of [10, 10_000, 100_000]) {
      const data = lab.dataOf(bars)
      const settings = lab.settings
      await lab.sandbox.run({ program, data, settings })
      const times: number[] = []
      for (let i = 0; i < 15; i++) {
        times.push(await time(() => lab.sandbox.run({ program, data, settings })))
        await new Promise((done) => setTimeout(done, 60))
      }
      result[`run of ${bars} bars, spare ready`] = median(times)
      const cold: number[] = []
      for (let i = 0; i < 7; i++) {
        await lab.sandbox.stop()
        cold.push(await time(() => lab.sandbox.run({ program, data, settings })))
      }
      result[`run of ${bars} bars, no spare`] = median(cold)
    }
    const million = { program, data: lab.dataOf(1_000_000), settings: lab.settings }
    await lab.sandbox.run(million)
    const longest = await lab.stall(async () => {
      result['run of 1000000 bars'] = await time(() => lab.sandbox.run(million, { onProgress: () => {} }))
    })
    result['the page held up by it at most'] = longest
    const builds: number[] = []
    for (let i = 0; i < 15; i++) builds.push(await time(() => lab.program(`${text}\n// ${i}`)))
    result['later compile'] = median(builds)
    const frames: number[] = []
    for (let i = 0; i < 5; i++) {
      const sandbox = new lab.Sandbox()
      frames.push(await time(() => sandbox.prepare()))
      sandbox.dispose()
    }
    result['new frame'] = median(frames)
    return result
  }, crossover)
  const fresh = await openLab()
  const first = await fresh.evaluate(async (text) => {
    const start = performance.now()
    await lab.compiler.load()
    const loaded = performance.now()
    await lab.program(text)
    return { 'compiler loaded': loaded - start, 'first compile': performance.now() - loaded }
  }, crossover)
  for (const [name, value] of Object.entries({ ...figures, ...first }))
    console.log(`${name}: ${value.toFixed(1)} ms`)
  expect(figures['run of 10000 bars, spare ready']).toBeLessThan(limit(120))
  expect(figures['later compile']).toBeLessThan(limit(60))
  expect(first['first compile']).toBeLessThan(limit(600))
})
