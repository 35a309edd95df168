/*
 * For every browser test. `setup.ts` has built the app and started Chromium; here are pages of it:
 *
 *   import { openApp, openLab } from './harness.ts'
 *
 *   test('the first screen shows candles', async () => {
 *     const page = await openApp({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
 *     await page.getByRole('button', { name: 'Run' }).click()
 *   })
 *
 * Every page has a context of its own (its storage is empty) and is closed after its test file. `page.problems` lists
 * what the page's console and its uncaught errors said. `openLab()` opens the test page, whose global `lab` gives the
 * app's own Sandbox and Compiler. Run one file: npx vitest run --project browser test/browser/trust.spec.ts
 */
import axe from 'axe-core'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Frame,
  type Page,
} from 'playwright-core'
import { afterAll, expect, inject } from 'vitest'

export type OpenPage = Page & { readonly problems: string[] }

let connecting: Promise<Browser> | undefined

/** The browser that all tests share. */
export function browser(): Promise<Browser> {
  connecting ??= chromium.connect(inject('browser'))
  return connecting
}

/** A context with an empty storage, whose pages are waited for as long as a machine that others use too may take. */
export async function newContext(options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await (await browser()).newContext(options)
  context.setDefaultTimeout(60_000)
  return context
}

/** The app, or a path of it such as `#…`, in a fresh context. */
export const openApp = ({ path = '', ...options }: BrowserContextOptions & { path?: string } = {}) =>
  open(inject('app') + path, options)

/** The test page of the sandbox, in a fresh context. */
export async function openLab(options: BrowserContextOptions = {}): Promise<OpenPage> {
  const page = await open(inject('lab'), options)
  await page.waitForFunction(() => 'lab' in globalThis)
  return page
}

/**
 * A limit of time, in ms, for the machine as it is now: the limit itself where a program that wants a core has one, and
 * longer by as much as it has to wait for it where others work too.
 */
export function limit(milliseconds: number): number {
  const start = performance.now()
  const before = process.cpuUsage()
  while (performance.now() - start < 200);
  const { user, system } = process.cpuUsage(before)
  const share = Math.min(1, (user + system) / 1000 / (performance.now() - start))
  if (share < 0.9)
    console.log(`others use this machine: a program gets ${(share * 100).toFixed(0)} % of a core`)
  return milliseconds / share
}

async function open(url: string, options: BrowserContextOptions): Promise<OpenPage> {
  // What the service worker keeps would have to be fetched anew for every context.
  const context = await newContext({ serviceWorkers: 'block', ...options })
  const page = Object.assign(await context.newPage(), { problems: [] as string[] })
  page.on('console', (message) => {
    const blocked = message.text().startsWith('Service Worker registration blocked')
    if (['error', 'warning'].includes(message.type()) && !blocked) page.problems.push(message.text())
  })
  page.on('pageerror', (error) => page.problems.push(String(error)))
  await page.goto(url)
  return page
}

/** What hinders those who use a page by other means than sight and pointer, seriously. */
export async function violations(page: Page | Frame, within?: string): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async (within) => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run(within ?? document, { resultTypes: ['violations'] })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
      )
  }, within)
}

/** Puts a text in place of all the code, as somebody who pastes it would. */
export async function writeCode(page: Page, code: string): Promise<void> {
  const monaco = page.locator('.monaco-editor').first()
  await monaco.waitFor()
  await monaco.click({ position: { x: 200, y: 60 } })
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(code)
}

/** What an action puts on the clipboard, once it is there: most of them only begin to write it. */
export async function copiedBy(page: Page, act: () => Promise<unknown>): Promise<string> {
  await page.evaluate(() => navigator.clipboard.writeText(''))
  await act()
  let copied = ''
  await expect
    .poll(async () => (copied = await page.evaluate(() => navigator.clipboard.readText())))
    .not.toBe('')
  return copied
}

/** Loads the page anew in a browser that denies it any storage. */
export async function blockStorage(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const blocked = () => {
      throw new DOMException('blocked', 'SecurityError')
    }
    Object.defineProperty(globalThis, 'indexedDB', { get: blocked })
    Object.defineProperty(globalThis, 'localStorage', { get: blocked })
  })
  await page.reload()
}

afterAll(async () => {
  const shared = await connecting
  connecting = undefined
  await Promise.all(shared?.contexts().map((context) => context.close()) ?? [])
  await shared?.close()
})
