import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { limit, newContext } from './harness.ts'

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}

let server: Server
let address = ''
/** Added to the service worker's script, as a newer version would differ. */
let version = ''
let context: BrowserContext

/** A bare static host that has the build below a path. */
beforeEach(async () => {
  version = ''
  server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!.replace(/[?#].*/, '')).replace(/\/$/, '/index.html')
    const file = join(inject('files'), path.replace(/^\/some\/where\//, ''))
    if (!path.startsWith('/some/where/') || !existsSync(file)) return response.writeHead(404).end()
    response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream')
    if (file.endsWith('service-worker.js')) response.end(readFileSync(file, 'utf8') + version)
    else createReadStream(file).pipe(response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/`
  context = await newContext({ viewport: { width: 1440, height: 900 } })
})

afterEach(async () => {
  await context.close()
  unplug()
})

function unplug() {
  server.close()
  server.closeAllConnections()
}

/** Opens the page and waits until all that it needs is kept. */
async function visit(): Promise<Page> {
  const page = await context.newPage()
  await page.goto(address)
  await page.locator('.headline').waitFor()
  await expect
    .poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state), {
      timeout: 60_000,
    })
    .toBe('activated')
  return page
}

test('after one visit the page works without a network: chart, editor, compiler, prices', async () => {
  await (await visit()).close()
  unplug()
  const page = await context.newPage()
  const start = performance.now()
  await page.goto(address)
  await page.locator('.headline').waitFor()
  const took = performance.now() - start
  console.log(`offline, from the address to chart and figures: ${Math.round(took)} ms`)
  expect(took).toBeLessThan(limit(1500))
  await page.locator('.monaco-editor').waitFor()
  await page.locator('.monaco-editor').click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('// edited offline\n')
  await page.keyboard.press('Control+Enter')
  await page.getByText('Code edited since this run').waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: /^Prices/ }).click()
  await page.getByRole('menuitemradio', { name: /^S&P 500/ }).click()
  await expect.poll(() => page.locator('footer').innerText()).not.toMatch(/^1,260 bars/)
})

test('a newer version waits until it is asked for, and what was written stays', async () => {
  const page = await visit()
  await page.locator('.monaco-editor').waitFor()
  await page.locator('.monaco-editor').click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('// kept\n')
  version = '\n// newer'
  let loads = 0
  page.on('load', () => loads++)
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update())
  const notice = page.getByText('A new version of Outcry is ready')
  await notice.waitFor()
  await page.waitForTimeout(1000)
  expect(loads, 'the page does not reload by itself').toBe(0)
  await page.getByRole('button', { name: 'Reload' }).click()
  await expect.poll(() => loads).toBe(1)
  await page.locator('.monaco-editor').waitFor()
  await expect.poll(() => page.locator('.monaco-editor .view-lines').innerText()).toContain('kept')
})

test('with ?nosw nothing is kept and what was kept is forgotten', async () => {
  const page = await visit()
  await page.goto(`${address}?nosw`)
  await page.locator('.headline').waitFor()
  await expect
    .poll(
      () =>
        page.evaluate(async () => [
          (await navigator.serviceWorker.getRegistrations()).length,
          (await caches.keys()).length,
        ]),
      { timeout: 60_000 },
    )
    .toEqual([0, 0])
})

test('it can be installed: a manifest with icons that are there', async () => {
  const manifest = JSON.parse(readFileSync(join(inject('files'), 'manifest.webmanifest'), 'utf8')) as {
    readonly start_url: string
    readonly display: string
    readonly icons: readonly { readonly src: string; readonly sizes: string }[]
  }
  expect(manifest).toMatchObject({ start_url: './', display: 'standalone' })
  expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(['any', '192x192', '512x512', '512x512'])
  for (const { src } of manifest.icons) expect(existsSync(join(inject('files'), src)), src).toBe(true)
})
