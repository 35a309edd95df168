/**
 * The book beside the npm package `nodejs-order-book`, on the same million operations in the same run, in Node and then in
 * Chromium: `npm run bench book`. Without the stored workloads, seeded ones of the same kind run; without a Chromium, Node alone.
 */
import { build, type PluginBuild } from 'esbuild'
import { chromium } from 'playwright-core'
import { chromium as findChromium } from '../../.ci/chromium.mjs'
import { bookFigures } from './book-figures.ts'
import { storedWords } from './stored-flow.ts'

const names = ['w4k', 'w64k'] as const
const workloads = Object.fromEntries(names.map((name) => [name, storedWords(name)]))
// Other processes take turns with this one: what counts is the time that this one was at work, the system's work for it included.
const machine = {
  milliseconds: () => (process.cpuUsage().user + process.cpuUsage().system) / 1000,
  heapUsed: () => process.memoryUsage().heapUsed,
  collect: () => globalThis.gc?.(),
}
for (const line of bookFigures(workloads, machine)) console.log(line)

const executablePath = await findChromium()
if (!executablePath) console.log('\nno Chromium here')
else await inChromium(executablePath)

/** The yardstick takes the ids of market orders from Node; the browser has the same function elsewhere. */
function withoutNode({ onResolve, onLoad }: PluginBuild): void {
  onResolve({ filter: /^node:crypto$/ }, () => ({ path: 'crypto', namespace: 'browser' }))
  onLoad({ filter: /^crypto$/, namespace: 'browser' }, () => ({
    contents: 'export const randomUUID = () => crypto.randomUUID()',
  }))
}

async function inChromium(executablePath: string): Promise<void> {
  const bundle = await build({
    stdin: {
      contents: `
        import { bookFigures } from './test/bench/book-figures.ts'
        globalThis.figures = async (names) => {
          const words = async (name) => {
            const answer = await fetch(name)
            return answer.ok ? new Int32Array(await answer.arrayBuffer()) : undefined
          }
          const workloads = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await words(name)])))
          return bookFigures(workloads, {
            milliseconds: () => performance.now(),
            heapUsed: () => performance.memory.usedJSHeapSize,
            collect: () => globalThis.gc(),
          })
        }`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    write: false,
    format: 'iife',
    logLevel: 'error',
    plugins: [{ name: 'browser', setup: withoutNode }],
  })
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info', '--js-flags=--expose-gc'],
  })
  try {
    const page = await browser.newPage()
    await page.route('https://bench.invalid/**', (route) => {
      const name = new URL(route.request().url()).pathname.slice(1)
      if (name === '') return route.fulfill({ contentType: 'text/html', body: '<!doctype html>' })
      const words = workloads[name]
      return words ? route.fulfill({ body: Buffer.from(words.buffer) }) : route.fulfill({ status: 404 })
    })
    await page.goto('https://bench.invalid/')
    await page.addScriptTag({ content: bundle.outputFiles[0]!.text })
    const lines = await page.evaluate(
      (names) =>
        (globalThis as unknown as { figures(names: readonly string[]): Promise<string[]> }).figures(names),
      names,
    )
    console.log(`\nChromium ${browser.version()}`)
    for (const line of lines) console.log(line)
  } finally {
    await browser.close()
  }
}
