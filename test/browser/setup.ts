import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { build, preview } from 'vite'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the production build. */
    app: string
    /** Folder of its files. */
    files: string
    /** Folder of the test page's files. */
    labFiles: string
    /** URL of the test page. */
    lab: string
    /** Where the browser listens. */
    browser: string
  }
}

const root = resolve(import.meta.dirname, '../..')

/** Where a Chromium may be found when `CHROMIUM_PATH` does not say. */
const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
]

/** Builds the app and the test page, serves both and starts a browser, once for all browser tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const executablePath = [process.env['CHROMIUM_PATH'] ?? '', ...places].find(
    (path) => path && existsSync(path),
  )
  if (!executablePath)
    throw new Error('The browser tests need Chromium. Set CHROMIUM_PATH to its executable file.')
  const folder = await mkdtemp(join(tmpdir(), 'outcry-browser-'))
  const files = join(folder, 'app')
  const lab = join(folder, 'lab')
  const page = join(root, 'test/browser/page')
  const configFile = join(root, 'vite.config.ts')
  // The test runner sets it to `test`, and the build would take development's parts.
  process.env['NODE_ENV'] = 'production'
  const quiet = { configFile, logLevel: 'warn' } as const
  await build({ ...quiet, root, build: { outDir: files } })
  await build({ ...quiet, root: page, build: { outDir: lab }, publicDir: false })
  const serve = (root: string, outDir: string) =>
    preview({ ...quiet, root, build: { outDir }, preview: { host: '127.0.0.1', port: 0, open: false } })
  const servers = [await serve(root, files), await serve(page, lab)]
  const [appUrl, labUrl] = servers.map((server) => server.resolvedUrls!.local[0]!)
  const browser = await chromium.launchServer({
    executablePath,
    args: [
      '--headless=new',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  project.provide('app', appUrl!)
  project.provide('files', files)
  project.provide('lab', labUrl!)
  project.provide('labFiles', lab)
  project.provide('browser', browser.wsEndpoint())
  return async () => {
    await browser.close()
    await Promise.all(servers.map((server) => server.close()))
    await rm(folder, { recursive: true, force: true })
  }
}
