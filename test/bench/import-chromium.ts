import * as esbuild from 'esbuild'
import { existsSync, readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { BenchPage } from './import-page.ts'
import type { race } from './import-parsers.ts'

/** The benchmark of the importer in Chromium, on a file of the disk; says so where there is no Chromium. */
export async function importInChromium(
  path: string,
  row: (name: string, time: number) => void,
): Promise<void> {
  const executablePath = [
    process.env['CHROMIUM_PATH'] ?? '',
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
  ].find((path) => path && existsSync(path))
  if (!executablePath) return console.log('Chromium was not found; set CHROMIUM_PATH to measure in it.')
  const { outputFiles } = await esbuild.build({
    entryPoints: ['test/bench/import-page.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    logLevel: 'error',
  })
  const browser = await chromium.launch({
    executablePath,
    args: ['--headless=new', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--js-flags=--expose-gc'],
  })
  try {
    const open = async () => {
      const page = await browser.newPage()
      await page.setContent('<input type="file">')
      await page.addScriptTag({ content: outputFiles[0]!.text })
      await page.setInputFiles('input', path)
      return page
    }
    const inPage = 'page' as const
    type Global = Record<typeof inPage, BenchPage>
    const page = await open()
    console.log(`\nin Chromium ${browser.version()}`)
    const best: Awaited<ReturnType<typeof race>> = await page.evaluate(() =>
      (globalThis as unknown as Global).page.race(),
    )
    row('by hand, for this layout alone', best.hand)
    row('importBars', best.us)
    row('Papa Parse with typed conversion', best.papa)
    console.log(
      `importBars takes ${(best.us / best.hand).toFixed(2)} times the hand-written parser (at most 2), and Papa Parse ${(best.papa / best.us).toFixed(1)} times importBars (at least 10)`,
    )
    await page.close()
    const fresh = await open()
    const session = await browser.newBrowserCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
    const before = new Map(renderers.map((id) => [id, memory(id, 'VmRSS')]))
    const rows = await fresh.evaluate(() => (globalThis as unknown as Global).page.stream())
    const grown = Math.max(...renderers.map((id) => memory(id, 'VmHWM') - before.get(id)!))
    const columns = rows * 6 * 8
    if (Number.isFinite(grown) && grown > 0)
      console.log(
        `memory: ${Math.round(columns / 1e6)} MB of columns; streamed from disk the page grew by at most ${Math.round(grown / 1e6)} MB, ${(grown / columns).toFixed(2)} times the columns (at most 3)`,
      )
  } finally {
    await browser.close()
  }
}

/** Bytes of a process by a line of its status; NaN where the system does not tell. */
function memory(id: number, line: 'VmRSS' | 'VmHWM'): number {
  try {
    return (
      Number(new RegExp(`${line}:\\s+(\\d+)`).exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) * 1024
    )
  } catch {
    return NaN
  }
}
