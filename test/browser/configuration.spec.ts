import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copiedBy, openApp, type OpenPage, violations } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] }
/** Where pictures for looking at go; nowhere unless a folder is given. */
const pictures = process.env['CONFIGURATION_PICTURES']

const code = `import { BarStrategy, type BarEvent, sma } from 'outcry'
import { stake } from './stake.ts'

export class Trend extends BarStrategy {
  average = this.indicator(sma(this.input('period', 20, { min: 2, max: 200 })))

  async onBar({ target: bar }: BarEvent) {
    if (bar.close > this.average.value) await this.target(bar.instrument, stake * (0.9 + 0.1 * Math.random()))
    else await this.closeAll(bar.instrument)
  }
}
`
const configuration = {
  configuration: 1,
  name: 'A trend from a file',
  cash: 25_000,
  costs: { commission: 0.0005, slippageTicks: 1 },
  risk: { maxDrawdown: 0.25, maxOpenOrders: 5 },
  seed: 11,
  range: { from: '2014-01-01', to: '2016-12-31' },
  exchanges: [{ kind: 'bundled', data: 'aapl' }],
  strategies: [{ file: 'trend.ts', class: 'Trend', inputs: { period: 30 } }],
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outcry-configuration-'))
  await writeFile(join(folder, 'trend.ts'), code)
  await writeFile(join(folder, 'stake.ts'), 'export const stake = 0.8\n')
})
afterAll(() => rm(folder, { recursive: true }))

async function write(name: string, content: object): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, JSON.stringify(content))
  return path
}

/** Digest of the run on the command line. */
function digestOf(path: string): string {
  const { stdout, status } = spawnSync(
    process.execPath,
    ['src/outcry.mjs', 'run', '--config', path, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  expect(status).toBe(0)
  return (JSON.parse(stdout) as { digest: string }).digest
}

/** All 64 digits of the page's digest, as its reader copies them. */
const digest = (page: OpenPage) => copiedBy(page, () => command(page, 'copy the digest'))

/** Calls a command by its name, by keyboard alone. */
async function command(page: OpenPage, name: string) {
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
}

async function openFiles(page: OpenPage, paths: readonly string[]) {
  const chosen = page.waitForEvent('filechooser')
  await command(page, 'open configuration')
  await (await chosen).setFiles([...paths])
}

async function ready(): Promise<OpenPage> {
  const page = await openApp(desk)
  await page.locator('.headline').waitFor()
  return page
}

test('a configuration runs in the page as it does on the command line, and what the page saves does too', async () => {
  const path = await write('run.json', configuration)
  const expected = digestOf(path)
  const page = await ready()
  await openFiles(page, [path, join(folder, 'trend.ts'), join(folder, 'stake.ts')])
  const banner = page.locator('.received')
  await banner.waitFor()
  await expect.poll(() => banner.innerText()).toContain('Not your code, and it has not run')
  await page.getByText('2014–2016 · 756 bars').waitFor()
  await banner.getByRole('button', { name: 'Run' }).click()
  await page.locator('.headline').waitFor()
  await expect.poll(() => digest(page)).toBe(expected)
  if (pictures) await page.screenshot({ path: `${pictures}/opened.png` })

  const download = page.waitForEvent('download')
  await command(page, 'save configuration')
  const saved = await download
  expect(saved.suggestedFilename()).toBe('a-trend-from-a-file.run.json')
  const copy = join(folder, 'saved.json')
  await saved.saveAs(copy)
  expect(JSON.parse(await readFile(copy, 'utf8'))).toMatchObject({ range: configuration.range, cash: 25_000 })
  expect(digestOf(copy)).toBe(expected)
  expect(page.problems).toEqual([])
})

test('a strategy on two exchanges comes to the same in the page, and is confirmed and saved there', async () => {
  const file = join(process.cwd(), 'sample-strategies/two-exchange-rotation.ts')
  const path = await write('two.json', {
    configuration: 1,
    cash: 20_000,
    range: { from: '2013-06-01', to: '2018-04-30' },
    exchanges: [
      { kind: 'bundled', data: 'aapl', name: 'nasdaq' },
      { kind: 'bundled', data: 'sp500', name: 'index' },
    ],
    strategies: [{ file, name: 'rotation' }],
  })
  const expected = digestOf(path)
  const page = await ready()
  await openFiles(page, [path, file])
  await page.locator('.received').getByRole('button', { name: 'Run' }).click()
  await page.locator('.headline').waitFor()
  await expect.poll(() => digest(page)).toBe(expected)
  await page.locator('footer').getByText('Confirmed').waitFor()
  if (pictures) await page.screenshot({ path: `${pictures}/exchanges.png` })
  const download = page.waitForEvent('download')
  await command(page, 'save configuration')
  const copy = join(folder, 'saved-two.json')
  await (await download).saveAs(copy)
  expect(digestOf(copy)).toBe(expected)
  expect(page.problems).toEqual([])
})

test('the trading type is chosen, told with the result, kept, shared and saved', async () => {
  const page = await openApp(desk)
  await page.locator('.headline').waitFor()
  await page.getByRole('tab', { name: 'Costs and fills' }).click()
  const type = page.getByRole('radiogroup', { name: 'Trading type' })
  const footer = () => page.locator('footer[aria-label]').innerText()
  await type.getByText('Simulation', { exact: true }).click()
  await expect.poll(footer).toContain('Simulation: every order is refused')
  await expect.poll(() => page.locator('.headline').innerText()).toMatch(/Trades\s*0/)
  await page.getByRole('tab', { name: /^Problems/ }).click()
  await page.getByText('This run is a simulation: it watches the market').waitFor()

  const saved = page.waitForEvent('download')
  await command(page, 'save configuration')
  const path = join(folder, 'simulation.json')
  await (await saved).saveAs(path)
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ tradingType: 'SIMULATION' })
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByText('Link copied').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())

  await page.reload()
  await expect.poll(footer).toContain('Simulation: every order is refused')
  await page.getByRole('tab', { name: 'Costs and fills' }).click()
  for (const name of ['Sandbox', 'Live']) {
    await type.getByText(name, { exact: true }).click()
    await page.getByText(/there is no adapter to a venue yet/).waitFor()
    await expect.poll(footer).toContain('Settings changed since this run')
  }
  await page.getByRole('button', { name: 'Reset costs and fills' }).click()
  await page.getByText(/there is no adapter to a venue yet/).waitFor({ state: 'detached' })
  await expect.poll(footer).not.toMatch(/Simulation|Settings changed/)

  const reader = await openApp({ ...desk, path: new URL(link).hash })
  await reader.locator('.received').getByRole('button', { name: 'Run' }).click()
  await expect
    .poll(() => reader.locator('footer[aria-label]').innerText())
    .toContain('Simulation: every order is refused')
  expect([...page.problems, ...reader.problems]).toEqual([])
})

test('the sample on two exchanges runs from the gallery', async () => {
  const page = await ready()
  await command(page, 'rotation over two exchanges')
  await page.getByText('nasdaq: AAPL daily').first().waitFor()
  await page.locator('footer').getByText('Confirmed').waitFor()
  await expect.poll(() => digest(page)).toMatch(/^[0-9a-f]{64}$/)
  await page.getByText('made for other data: AAPL daily on nasdaq and S&P 500 daily on index').waitFor()
  if (pictures) await page.screenshot({ path: `${pictures}/gallery.png` })
  expect(page.problems).toEqual([])
})

test('what the page cannot run of a configuration, and what is wrong with one, is said', async () => {
  const page = await ready()
  const several = await write('several.json', {
    ...configuration,
    range: undefined,
    exchanges: [...configuration.exchanges, { kind: 'synthetic', name: 'index' }],
  })
  await openFiles(page, [several, join(folder, 'trend.ts'), join(folder, 'stake.ts')])
  await page.getByText('it took aapl, and left out index').waitFor()
  if (pictures) await page.screenshot({ path: `${pictures}/several.png` })

  await openFiles(page, [several])
  await page.getByText('stands in trend.ts, which was not chosen with it').waitFor()

  const wrong = await write('wrong.json', { ...configuration, cash: 'much', exchange: [] })
  await openFiles(page, [wrong])
  await page.getByText("configuration.cash is 'much'; expected a number from 1 to").waitFor()
  await page.getByText('configuration.exchange is there; expected no field of this name').waitFor()
  if (pictures) await page.screenshot({ path: `${pictures}/wrong.png` })

  // Of many each has its place; all of them can be reached by keys, and copied.
  const risk = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`rule${at}`, at]))
  await openFiles(page, [await write('\u202ewrong.json', { ...configuration, risk })])
  const notice = page.locator('.notice', {
    hasText: '\ufffdwrong.json cannot be opened: there are 60 things',
  })
  await notice.waitFor()
  const list = notice.getByRole('region', { name: 'What is to be mended' })
  expect(await list.getByRole('listitem').count()).toBe(50)
  expect(await list.locator('code').first().innerText()).toBe('configuration.risk.rule0')
  await list.focus()
  await page.keyboard.press('End')
  const inSight = async () => {
    const [box, last] = [await list.boundingBox(), await list.getByRole('listitem').last().boundingBox()]
    return last!.y + last!.height <= box!.y + box!.height + 1
  }
  await expect.poll(inSight).toBe(true)
  expect(await violations(page, '.notice')).toEqual([])
  const copied = await copiedBy(page, () => notice.getByRole('button', { name: 'Copy all' }).click())
  expect(copied.split('\n')).toHaveLength(51)
  expect(copied).toContain('- configuration.risk.rule49 is there; expected no field of this name.')
  expect(page.problems).toEqual([])
})
