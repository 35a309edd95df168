import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import type { Frame, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { newContext, violations } from './harness.ts'

const pictures = process.env['SHARE_PICTURES']
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.csv': 'text/csv',
}

/** Somebody's teaching page and two hosts of the app: one that lets other origins read its files, as most static hosts do. */
let teacher: Server
let openHost: Server
let closedHost: Server
/** What the teaching page is to frame. */
let framed = ''

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

function host(headers: Readonly<Record<string, string>>): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(request.url!.replace(/[?#].*/, ''))).replace(/^\/+/, '')
    readFile(join(inject('files'), path || 'index.html')).then(
      (content) => {
        const type = types[extname(path || 'index.html')] ?? 'application/octet-stream'
        response.writeHead(200, { 'Content-Type': type, ...headers }).end(content)
      },
      () => response.writeHead(404, headers).end(),
    )
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

beforeAll(async () => {
  openHost = await host({ 'Access-Control-Allow-Origin': '*' })
  closedHost = await host({})
  teacher = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(framed)
  })
  await new Promise<void>((resolve) => teacher.listen(0, '127.0.0.1', resolve))
})
afterAll(() => [teacher, openHost, closedHost].forEach((server) => server?.close()))

const code = `import { BarStrategy, type BarEvent, sma } from 'outcry'

export default class Theirs extends BarStrategy {
  average = this.indicator(sma(9))

  async onBar({ target: bar }: BarEvent) {
    if (bar.close > this.average.value) await this.target(bar.instrument, 0.9)
    else await this.closeAll(bar.instrument)
  }
}
`
const link = (wire: object) => `#s1.${deflateRawSync(JSON.stringify(wire)).toString('base64url')}`
const claim = {
  c: [0.5, 1.9, 0.6, 0.3, 10, 100, 1260],
  g: '0123456789abcdef00112233445566778899',
  e: '0.1.0',
}

/** A teaching page of another origin with the app in a frame, and that frame. */
async function lesson(
  path: string,
  {
    sandbox,
    width = 760,
    height = 480,
    dark = false,
    app = openHost,
  }: { sandbox?: string; width?: number; height?: number; dark?: boolean; app?: Server } = {},
): Promise<{ page: Page; frame: Frame; problems: string[] }> {
  framed = `<!doctype html><title>Lesson</title><body style="margin:0"><h1>Lesson</h1><iframe title="Outcry" width="${width}" height="${height}" style="border:0"${sandbox === undefined ? '' : ` sandbox="${sandbox}"`} src="${urlOf(app)}${path}"></iframe>`
  const context = await newContext({
    viewport: { width: Math.max(width, 300), height: height + 80 },
    colorScheme: dark ? 'dark' : 'light',
  })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(String(error)))
  await page.addInitScript(() => {
    if (parent === self) return
    const used: string[] = []
    ;(globalThis as { used?: string[] }).used = used
    const watch = (owner: object, name: string) => {
      const own = Object.getOwnPropertyDescriptor(owner, name)
      if (own?.get)
        Object.defineProperty(owner, name, {
          ...own,
          get: () => (used.push(name), own.get!.call(self) as unknown),
        })
    }
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'cookieStore'])
      watch(self, name)
    const { register } = ServiceWorkerContainer.prototype
    ServiceWorkerContainer.prototype.register = function (...given) {
      used.push('serviceWorker')
      return register.apply(this, given)
    }
  })
  await page.goto(urlOf(teacher))
  const element = await page.waitForSelector('iframe')
  const frame = (await element.contentFrame())!
  return { page, frame, problems }
}

const storageUsed = (frame: Frame) => frame.evaluate(() => (globalThis as { used?: string[] }).used)

for (const sandbox of [undefined, 'allow-scripts', 'allow-scripts allow-popups'] as const)
  for (const view of ['chart', 'split', 'code', 'book'] as const)
    test(`a lesson of another origin shows ${view}, ${sandbox ? `sandboxed with ${sandbox}` : 'in a plain frame'}, runs it, and touches no storage`, async () => {
      if (sandbox === 'allow-scripts allow-popups' && view !== 'split') return
      const { page, frame, problems } = await lesson(
        view === 'book'
          ? '?embed=book'
          : `?embed=${view}${link({ n: 'From the lesson', f: code, ...claim })}`,
        sandbox === undefined ? {} : { sandbox },
      )
      if (view === 'book')
        await frame
          .getByText(/Bid|Ask/)
          .first()
          .waitFor()
      else {
        await frame.getByText('Not your code, and it has not run here.').waitFor()
        if (view !== 'chart') await frame.getByText('class Theirs').first().waitFor()
        await page.waitForTimeout(800)
        await expect.poll(() => frame.locator('.headline').count()).toBe(0)
        if (pictures)
          await page.screenshot({ path: `${pictures}/embed-${view}-${sandbox ?? 'plain'}-claimed.png` })
        await frame.getByRole('button', { name: 'Run', exact: true }).first().click()
        await frame.getByText("Not the author's result.").waitFor()
        await frame.locator('.headline').waitFor()
      }
      if (pictures) await page.screenshot({ path: `${pictures}/embed-${view}-${sandbox ?? 'plain'}.png` })
      const address = await frame.getByRole('link', { name: 'Open in Outcry' }).getAttribute('href')
      expect(address!.startsWith(urlOf(openHost))).toBe(true)
      expect(address).toContain(view === 'book' ? '?sample=market-maker' : '#s1.')
      expect(
        await frame.getByRole('button', { name: /delete|rename|duplicate|share|save a copy/i }).count(),
      ).toBe(0)
      expect(await storageUsed(frame)).toEqual([])
      expect(problems).toEqual([])
      await page.context().close()
    })

test('where the host keeps its files to itself, a sandboxed frame says what is missing', async () => {
  const { page, frame } = await lesson('?embed=chart', { sandbox: 'allow-scripts', app: closedHost })
  await frame.getByText(/did not start/).waitFor()
  await expect.poll(() => frame.locator('body').innerText()).toMatch(/Access-Control-Allow-Origin/)
  if (pictures) await page.screenshot({ path: `${pictures}/embed-closed.png` })
  await page.context().close()
})

test('what is sent to Open in Outcry opens in a page of its own, a sample too', async () => {
  const { page, frame } = await lesson('?embed=chart&sample=rsi-reversion')
  await frame.locator('.headline').waitFor()
  const opening = page.waitForEvent('popup')
  await frame.getByRole('link', { name: 'Open in Outcry' }).click()
  const opened = await opening
  await opened.locator('header .pick', { hasText: 'RSI reversion' }).waitFor()
  await page.context().close()
})

for (const [name, width, height, dark] of [
  ['wide-dark', 1024, 560, true],
  ['phone', 360, 520, false],
  ['phone-dark', 360, 520, true],
] as const)
  for (const view of ['chart', 'split', 'code'] as const)
    test(`${view} fits a ${name} frame and has no serious barrier`, async () => {
      const { page, frame } = await lesson(`?embed=${view}`, { width, height, dark })
      await frame.locator('.headline').waitFor()
      if (pictures) await page.screenshot({ path: `${pictures}/embed-${view}-${name}.png` })
      expect(
        await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0)
      expect(await violations(frame)).toEqual([])
      await page.context().close()
    })

test('an embedded chart fetches neither Monaco nor the compiler before they are needed', async () => {
  const { page, frame } = await lesson('?embed=split')
  await frame.locator('.headline').waitFor()
  await page.waitForTimeout(3000)
  const files = await frame.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).map(({ name }) =>
      name.replace(/.*\//, ''),
    ),
  )
  expect(files.filter((file) => /monaco|editor\.api|tsMode|esbuild|register/.test(file))).toEqual([])
  await page.context().close()
})
