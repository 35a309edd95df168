import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copiedBy, limit, openApp, type OpenPage, violations } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] }
/** Where pictures for looking at go; nowhere unless a folder is given. */
const pictures = process.env['TOGETHER_PICTURES']

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outcry-together-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function ready(options: Parameters<typeof openApp>[0] = desk): Promise<OpenPage> {
  const page = await openApp(options)
  await page
    .locator('.headline')
    .first()
    .waitFor({ timeout: limit(30_000) })
  return page
}

/** Calls a command by its name, by keyboard alone. */
async function command(page: OpenPage, name: string) {
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
}

/** All 64 digits of the page's digest, as its reader copies them. */
const digest = (page: OpenPage) => copiedBy(page, () => command(page, 'copy the digest'))

/** Adds a strategy of the menu, by keyboard alone. */
async function add(page: OpenPage, name: string) {
  await page.getByRole('button', { name: /^(Run others beside it|Add)$/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name }).first().focus()
  await page.keyboard.press('Enter')
}

const parts = (page: OpenPage) => page.getByRole('region', { name: 'Strategies of this run' })
/** The cells of the table of strategies, the account last. */
const figures = (page: OpenPage) =>
  parts(page)
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.children].map((cell) => (cell.textContent ?? '').trim())),
    )
const amount = (text: string) => Number(text.replace(/[^\d.\u2212-]/g, '').replace('\u2212', '-'))

/** What the command line comes to. */
function onTheCommandLine(path: string) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['src/outcry.mjs', 'run', '--config', path, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  expect(status, stderr).toBe(0)
  return JSON.parse(stdout) as {
    digest: string
    strategies: { name: string; finalEquity: number; fills: number }[]
  }
}

async function saved(page: OpenPage, name: string): Promise<string> {
  const download = page.waitForEvent('download')
  await command(page, 'save configuration')
  const path = join(folder, name)
  await (await download).saveAs(path)
  return path
}

test('strategies run beside one another, what they made adds up, and the command line comes to the same', async () => {
  const page = await ready()
  await add(page, 'RSI reversion')
  await parts(page).waitFor({ timeout: limit(30_000) })
  await expect.poll(() => figures(page), { timeout: limit(30_000) }).toHaveLength(3)
  // The new one is at hand, for its inputs.
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.closest('li')?.textContent))
    .toContain('RSI reversion')
  await page.getByRole('slider', { name: 'period' }).first().waitFor()

  const rows = await figures(page)
  expect(rows.map(([name]) => name)).toEqual(['SMA crossover', 'RSI reversion', 'Account'])
  for (const column of [2, 3, 4, 7, 8]) {
    const [a, b, sum] = rows.map((row) => amount(row[column]!))
    expect(a! + b!).toBeCloseTo(sum!, 1)
  }
  if (pictures) await page.screenshot({ path: `${pictures}/desk-light.png` })
  expect(await violations(page)).toEqual([])

  // A share by hand: the other has the rest.
  await page.getByRole('spinbutton', { name: 'Share of RSI reversion' }).fill('25')
  await expect
    .poll(async () => (await figures(page)).map((row) => row[1]))
    .toEqual(
      ['75.0%', '25.0%', '100.0%'].map((text) => expect.stringMatching(new RegExp(text.replace('.0%', '')))),
    )
  const path = await saved(page, 'two.json')
  const there = onTheCommandLine(path)
  await expect.poll(() => digest(page), { timeout: limit(30_000) }).toBe(there.digest)
  expect(there.strategies.map(({ finalEquity }) => finalEquity.toFixed(2))).toEqual(
    (await figures(page)).slice(0, 2).map((row) => amount(row[3]!).toFixed(2)),
  )
  await page
    .locator('footer')
    .getByText('Confirmed')
    .waitFor({ timeout: limit(30_000) })
  expect(page.problems).toEqual([])
})

test('a share that was set stays as it was set, and the run waits until the shares come to the whole', async () => {
  const page = await ready()
  await add(page, 'RSI reversion')
  await parts(page).waitFor({ timeout: limit(30_000) })
  await add(page, ', again')
  await expect.poll(() => figures(page), { timeout: limit(30_000) }).toHaveLength(4)
  const company = page.getByRole('region', { name: 'Strategies in this run' })
  const share = (name: string) =>
    company.getByRole('spinbutton', { name: `Share of ${name} in the cash, per cent`, exact: true })
  const shares = async () => (await figures(page)).map((row) => row[1]!.replace(/\s/g, ''))
  await share('SMA crossover').fill('50')
  await share('RSI reversion').fill('30')
  await expect.poll(shares).toEqual(['50.0%', '30.0%', '20.0%', '100.0%'])

  // Nothing is no share: it is said where it is typed, and what was set before is back.
  await share('RSI reversion').fill('0')
  await company.getByText('A strategy without cash cannot trade').waitFor()
  await expect.poll(() => share('RSI reversion').getAttribute('aria-invalid')).toBe('true')
  await share('RSI reversion').press('Tab')
  await expect.poll(() => share('RSI reversion').inputValue()).toBe('30')
  await company.getByText('0 is not taken, 30 stays.').waitFor()

  await company.getByRole('button', { name: 'Take SMA crossover 2 out of this run' }).click()
  await company
    .getByText('The shares come to 80 %, so 20 % of the cash would belong to nobody. The run waits')
    .waitFor()
  await expect.poll(() => share('SMA crossover').inputValue()).toBe('50')
  await expect.poll(() => share('RSI reversion').inputValue()).toBe('30')
  await expect.poll(() => figures(page)).toHaveLength(4)
  await page.keyboard.press('Control+Enter')
  await page.getByText('Change them under Inputs, or make them equal.').waitFor()
  expect(await violations(page)).toEqual([])
  await company.getByRole('button', { name: 'The rest to SMA crossover' }).click()
  await expect.poll(shares, { timeout: limit(30_000) }).toEqual(['70.0%', '30.0%', '100.0%'])
  await company.getByText('The run waits').waitFor({ state: 'detached' })
  expect(page.problems).toEqual([])
})

test('results are those of the account or of one strategy, in figures, trades, log and on the chart', async () => {
  const page = await ready()
  await add(page, 'RSI reversion')
  await parts(page).waitFor({ timeout: limit(30_000) })
  const rows = await figures(page)
  await page.getByRole('tab', { name: /^Trades/ }).click()
  await page.getByRole('columnheader', { name: 'Strategy' }).waitFor()
  const counted = async () => (await page.locator('.trades .count').innerText()).replace(/\D/g, '')
  await expect.poll(() => counted()).toBe(rows[2]![7])
  if (pictures) await page.screenshot({ path: `${pictures}/trades.png` })
  await page.getByRole('radio', { name: 'RSI reversion' }).last().check()
  await expect.poll(counted).toBe(rows[1]![7])
  await expect.poll(() => page.getByRole('columnheader', { name: 'Strategy' }).count()).toBe(0)
  await page.getByRole('tab', { name: 'Overview' }).click()
  await expect.poll(() => parts(page).count()).toBe(0)
  await expect.poll(() => page.locator('.headline').innerText()).toContain(rows[1]![5]!)
  // What the open sample is about is not said of another.
  await expect.poll(() => page.locator('.verdict').innerText()).not.toContain('moving average')
  if (pictures) await page.screenshot({ path: `${pictures}/one.png` })
  // One of them alone says nothing of whose an order is; the account does.
  await page.getByRole('tab', { name: 'Steps' }).click()
  await page.getByRole('grid', { name: 'Moments' }).waitFor()
  await expect.poll(() => page.getByRole('columnheader', { name: 'Strategy' }).count()).toBe(0)
  await page.getByRole('radio', { name: 'Account' }).check()
  await page.getByRole('columnheader', { name: 'Strategy' }).waitFor()
  await page.getByRole('button', { name: 'First moment' }).click()
  await page.getByRole('combobox', { name: 'Go to' }).selectOption('an order')
  await page.getByRole('button', { name: 'Later' }).click()
  const order = page.locator('[role=row][aria-selected=true]')
  await expect
    .poll(() => order.innerText())
    .toMatch(/Order\s+(SMA crossover|RSI reversion)\s+Order 1: buy \d+ AAPL market/)
  const whose = /(SMA crossover|RSI reversion)/.exec(await order.innerText())![0]
  await page.locator('.standing .moment').getByText(`${whose}: Order 1`).waitFor()
  await page.locator('.standing').getByText(`${whose}, 1: buy`).waitFor()
  await page.getByRole('tab', { name: /^Log/ }).click()
  await page.getByRole('radio', { name: 'Account' }).check()
  await page.getByRole('tab', { name: 'Overview' }).click()
  await parts(page).waitFor()
  expect(page.problems).toEqual([])
})

test('a reload keeps who runs beside whom, and another strategy is alone', async () => {
  const page = await ready()
  await add(page, ', again')
  await parts(page).waitFor({ timeout: limit(30_000) })
  const slider = page.getByRole('slider', { name: 'fast' }).first()
  await slider.focus()
  await slider.press('ArrowRight')
  await slider.press('ArrowRight')
  await expect.poll(async () => (await figures(page))[0]![3] !== (await figures(page))[1]![3]).toBe(true)
  const names = async () => (await figures(page)).map(([name]) => name)
  await expect.poll(names).toEqual(['SMA crossover', 'SMA crossover (fast 12)', 'Account'])
  const before = await digest(page)
  const rows = await figures(page)
  await page.reload()
  await parts(page).waitFor({ timeout: limit(30_000) })
  await expect.poll(() => figures(page)).toEqual(rows)
  await expect.poll(() => digest(page), { timeout: limit(30_000) }).toBe(before)

  await command(page, 'Buy and hold')
  await expect.poll(() => parts(page).count(), { timeout: limit(30_000) }).toBe(0)
  await command(page, 'SMA crossover')
  await parts(page).waitFor({ timeout: limit(30_000) })
  await page.getByRole('button', { name: 'Take SMA crossover (fast 12) out of this run' }).click()
  await expect.poll(() => parts(page).count(), { timeout: limit(30_000) }).toBe(0)
  await page.getByRole('button', { name: 'Run others beside it' }).waitFor()
  expect(page.problems).toEqual([])
})

test('a configuration of several strategies on two exchanges runs in the page as on the command line', async () => {
  const path = 'sample-strategies/two-exchanges/run.json'
  const there = onTheCommandLine(path)
  const page = await ready()
  const chosen = page.waitForEvent('filechooser')
  await command(page, 'open configuration')
  await (
    await chosen
  ).setFiles([path, 'sample-strategies/two-exchange-rotation.ts', 'sample-strategies/buy-and-hold.ts'])
  await page.locator('.received').getByRole('button', { name: 'Run' }).click()
  await parts(page).waitFor({ timeout: limit(30_000) })
  await expect.poll(() => digest(page), { timeout: limit(30_000) }).toBe(there.digest)
  expect((await figures(page)).map(([name]) => name)).toEqual(['rotation', 'hold', 'Account'])
  await page
    .locator('footer')
    .getByText('Confirmed')
    .waitFor({ timeout: limit(30_000) })
  await page.getByRole('radio', { name: 'hold' }).first().check()
  await page.getByText('Code of hold').click()
  await page.getByText('export default class').last().waitFor()
  if (pictures) await page.screenshot({ path: `${pictures}/configuration.png` })

  // What the page saves has all of them, and comes to the same again.
  const copy = await saved(page, 'copy.json')
  expect(
    (JSON.parse(await readFile(copy, 'utf8')) as { strategies: { share?: number }[] }).strategies,
  ).toMatchObject([{ name: 'rotation', share: 0.6, inputs: { 'look back': 50 } }, { name: 'hold' }])
  expect(onTheCommandLine(copy).digest).toBe(there.digest)

  // A link carries all of it.
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByText('shares of all 2 strategies').waitFor()
  const link = await page.getByRole('textbox', { name: 'The link' }).inputValue()
  const other = await openApp({ ...desk, path: link.slice(link.indexOf('#')) })
  await other
    .locator('.received')
    .getByRole('button', { name: 'Run' })
    .click({ timeout: limit(30_000) })
  await other.getByText('Reproduced exactly').waitFor({ timeout: limit(60_000) })
  await expect.poll(() => digest(other)).toBe(there.digest)
  expect([...page.problems, ...other.problems]).toEqual([])
})

test('imported prices, as the dialog was told of them, come to the same on the command line', async () => {
  const lines = ['time,open,high,low,close,volume']
  for (let row = 0; row < 400; row++) {
    const base = 100 + Math.abs((row % 60) - 30) / 2 + (row % 7) / 10
    const time = new Date(Date.UTC(2023, 0, 2) + row * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
    lines.push([time, base, base + 1, base - 1, base + 0.3, 1000 + row].map(String).join(','))
  }
  const text = `${lines.join('\n')}\n`
  await writeFile(join(folder, 'ACME.csv'), text)
  const page = await ready()
  const chosen = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: /^Prices:/ }).click()
  await page.getByRole('menuitem', { name: 'Open file…' }).click()
  await (await chosen).setFiles([join(folder, 'ACME.csv')])
  const dialog = page.getByRole('dialog', { name: 'Add prices' })
  await dialog.getByText(/Which time zone is/).waitFor({ timeout: limit(20_000) })
  await dialog.getByRole('button', { name: 'New York' }).click()
  await dialog.getByRole('tab', { name: 'Instrument' }).click()
  await dialog.getByRole('spinbutton', { name: 'Tick' }).fill('0.01')
  await dialog.getByRole('spinbutton', { name: 'Lot' }).fill('1')
  await page.getByRole('button', { name: 'Add and run' }).click()
  await page
    .locator('footer')
    .getByText('400 bars')
    .waitFor({ timeout: limit(30_000) })
  await page
    .locator('footer')
    .getByText('Confirmed')
    .waitFor({ timeout: limit(30_000) })
  const here = await digest(page)
  const path = await saved(page, 'imported.json')
  expect((JSON.parse(await readFile(path, 'utf8')) as { exchanges: unknown[] }).exchanges).toMatchObject([
    {
      kind: 'file',
      file: 'ACME.csv',
      zone: 'America/New_York',
      instruments: [{ name: 'ACME', lot: 1, tick: 0.01 }],
    },
  ])
  expect(onTheCommandLine(path).digest).toBe(here)

  // A file that says otherwise than the library is opened, and told of.
  const told = JSON.parse(await readFile(path, 'utf8')) as { exchanges: { instruments: { lot: number }[] }[] }
  told.exchanges[0]!.instruments[0]!.lot = 10
  await writeFile(path, JSON.stringify(told))
  const again = page.waitForEvent('filechooser')
  await command(page, 'open configuration')
  await (await again).setFiles([path])
  await page.getByText('The library has ACME with lot 1 instead of 10').waitFor({ timeout: limit(20_000) })
  expect(page.problems).toEqual([])
})

test('on a market that they make together they meet, and the journal tells who asked for what', async () => {
  const code = (side: string) => `import { BarStrategy, type BarEvent } from 'outcry'
export default class extends BarStrategy {
  async onBar({ target: { instrument } }: BarEvent) {
    await this.${side}(instrument, Math.ceil(Math.random() * 20), { note: '${side}' })
  }
}
`
  const path = join(folder, 'market.json')
  const strategies = ['buy', 'sell'].map((side) => ({
    name: side,
    source: { files: { 'main.ts': code(side) }, entry: 'main.ts' },
  }))
  const exchange = {
    kind: 'synthetic',
    market: { seed: 5, seconds: 120, agents: 60, barSeconds: 5, instruments: 4 },
  }
  await writeFile(
    path,
    JSON.stringify({ configuration: 1, cash: 500_000, leverage: 4, exchanges: [exchange], strategies }),
  )
  const there = onTheCommandLine(path)
  const page = await ready()
  const chosen = page.waitForEvent('filechooser')
  await command(page, 'open configuration')
  await (await chosen).setFiles([path])
  await page.locator('.received').getByRole('button', { name: 'Run' }).click()
  await parts(page).waitFor({ timeout: limit(30_000) })
  await expect.poll(() => digest(page), { timeout: limit(30_000) }).toBe(there.digest)
  await page
    .locator('footer')
    .getByText('Confirmed')
    .waitFor({ timeout: limit(30_000) })
  expect(there.strategies.every(({ fills }) => fills > 20)).toBe(true)

  await page.getByRole('button', { name: 'Journal' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /JSON lines/ }).click()
  const journal = join(folder, 'journal.jsonl')
  await (await download).saveAs(journal)
  const entries = (await readFile(journal, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; strategy?: number; side?: string })
  const asked = entries.filter(({ event }) => event === 'NEW ORDER')
  expect(asked.length).toBeGreaterThan(100)
  expect(asked.every(({ strategy, side }) => side === ['buy', 'sell'][strategy!])).toBe(true)
  expect(page.problems).toEqual([])
})

test('a strategy that fails beside others is named, and what cannot be compiled too', async () => {
  const page = await ready()
  const chosen = page.waitForEvent('filechooser')
  await command(page, 'open configuration')
  const source = (text: string) => ({ files: { 'main.ts': text }, entry: 'main.ts' })
  const strategy = (body: string) =>
    source(
      `import { BarStrategy } from 'outcry'\nexport default class extends BarStrategy {\n  onBar() {\n    ${body}\n  }\n}\n`,
    )
  const configuration = (body: string) => ({
    name: 'failing.json',
    mimeType: 'application/json',
    buffer: Buffer.from(
      JSON.stringify({
        configuration: 1,
        exchanges: [{ kind: 'bundled', data: 'aapl' }],
        strategies: [
          { name: 'calm', source: strategy('this.log("calm")') },
          { name: 'rash', source: strategy(body) },
        ],
      }),
    ),
  })
  await (await chosen).setFiles([configuration("throw new Error('too much')")])
  await page.locator('.received').getByRole('button', { name: 'Run' }).click()
  await page
    .getByText('rash: Error: too much (in onBar, main.ts line 4, 2013-05-13)')
    .first()
    .waitFor({ timeout: limit(30_000) })
  const again = page.waitForEvent('filechooser')
  await command(page, 'open configuration')
  await (await again).setFiles([configuration('this is no code')])
  await page.locator('.received').getByRole('button', { name: 'Run' }).click()
  await page
    .getByText(/rash, main.ts line 4: /)
    .first()
    .waitFor({ timeout: limit(30_000) })
  expect(page.problems).toEqual([])
})

test('what ran before the history was fetched is in it, in the order in which it ran', async () => {
  const page = await openApp(desk)
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  await page.route(/\/start\.svelte-[^/]*\.js/, async (route) => {
    await held
    await route.continue()
  })
  await page.reload()
  await add(page, 'RSI reversion')
  await parts(page).waitFor({ timeout: limit(30_000) })
  await page.getByRole('button', { name: 'Take RSI reversion out of this run' }).click()
  await expect.poll(() => parts(page).count(), { timeout: limit(30_000) }).toBe(0)
  release()
  await page.getByRole('tab', { name: /^History/ }).click()
  await page.getByRole('option').filter({ hasText: 'without RSI reversion' }).waitFor()
  await page.getByRole('option').filter({ hasText: 'with RSI reversion' }).waitFor()
  expect(page.problems).toEqual([])
})

test('a run of several is restored from the history with all of them', async () => {
  const page = await ready()
  await add(page, 'RSI reversion')
  await parts(page).waitFor({ timeout: limit(30_000) })
  const before = await digest(page)
  await page.getByRole('button', { name: 'Take RSI reversion out of this run' }).click()
  await expect.poll(() => parts(page).count(), { timeout: limit(30_000) }).toBe(0)
  await page.getByRole('tab', { name: /^History/ }).click()
  const first = page.getByRole('option').filter({ hasText: 'without RSI reversion' })
  await first.waitFor({ timeout: limit(10_000) })
  await page.getByRole('option').filter({ hasText: 'with RSI reversion' }).first().click()
  await page.getByRole('button', { name: /^Restore/ }).click()
  await page.getByRole('tab', { name: 'Overview' }).click()
  await parts(page).waitFor({ timeout: limit(30_000) })
  await expect.poll(() => digest(page), { timeout: limit(30_000) }).toBe(before)
  expect(page.problems).toEqual([])
})

for (const [name, options] of [
  ['a phone', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
  ['a small desk', { viewport: { width: 1024, height: 768 }, colorScheme: 'dark' }],
] as const)
  test(`there is room for several strategies on ${name}`, async () => {
    const page = await ready({ ...options, permissions: desk.permissions })
    await add(page, 'RSI reversion')
    await page.getByRole('radiogroup', { name: 'Results of' }).waitFor({ timeout: limit(30_000) })
    if (pictures) await page.screenshot({ path: `${pictures}/${options.viewport.width}-chart.png` })
    if (options.viewport.width < 800) {
      await page.getByRole('region', { name: 'Strategies in this run' }).scrollIntoViewIfNeeded()
      if (pictures) await page.screenshot({ path: `${pictures}/${options.viewport.width}-inputs.png` })
      await page.getByRole('tab', { name: 'More' }).click()
    }
    await parts(page).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    expect(await violations(page)).toEqual([])
    if (pictures) await page.screenshot({ path: `${pictures}/${options.viewport.width}-parts.png` })
    expect(page.problems).toEqual([])
  })
