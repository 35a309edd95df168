import { createReadStream, existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { browser } from './harness.ts'
import type { Lab } from './page/main.ts'

/** The test page's own, inside `evaluate`. */
declare const lab: Lab

const head = async (path: string) => {
  const response = await fetch(inject('app') + path, { headers: { 'Accept-Encoding': 'gzip' } })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
  return response.headers
}

test('scripts and styles are served packed and for ever, the page itself is asked for anew', async () => {
  const assets = await readdir(join(inject('files'), 'assets'))
  for (const end of ['.js', '.css']) {
    const name = assets.find((name) => name.endsWith(end))!
    const headers = await head(`assets/${name}`)
    expect(headers.get('content-encoding')).toBe('gzip')
    expect(headers.get('content-type')).toMatch(end === '.js' ? /^text\/javascript/ : /^text\/css/)
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  }
  expect((await head('')).get('cache-control')).toBe('no-cache')
})

test('the compiler is under 4 MB on the wire, whatever the server does to it', async () => {
  const assets = await readdir(join(inject('files'), 'assets'))
  const name = assets.find((name) => /^esbuild-.*\.bin$/.test(name))!
  expect(statSync(join(inject('files'), 'assets', name)).size).toBeLessThan(4e6)
  expect(assets.filter((name) => name.endsWith('.wasm'))).toEqual([])
  expect((await head(`assets/${name}`)).get('content-encoding')).toBeNull()
})

test('the build works on a bare static host, under a path, without packing or headers', async () => {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!.replace(/[?#].*/, '')).replace(/\/$/, '/index.html')
    const file = join(inject('labFiles'), path.replace(/^\/some\/where\//, ''))
    if (!path.startsWith('/some/where/') || !existsSync(file)) return response.writeHead(404).end()
    response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream')
    createReadStream(file).pipe(response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    const page = await (await browser()).newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/`)
    await page.waitForFunction(() => 'lab' in globalThis)
    const kind = await page.evaluate(async () => {
      const text = `import { BarStrategy } from 'outcry'\nexport default class extends BarStrategy { onBar() {} }`
      return (await lab.run(text, 10)).kind
    })
    expect(kind).toBe('finished')
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
