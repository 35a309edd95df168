import { expect, test } from 'vitest'
import { limit, openApp, type OpenPage, violations } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 } }
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

async function open(options: Parameters<typeof openApp>[0] = desk): Promise<OpenPage> {
  const page = await openApp(options)
  await page.locator('.headline').waitFor()
  return page
}

const footer = (page: OpenPage) => page.locator('footer').innerText()
const digest = (page: OpenPage) => page.locator('footer code').innerText()
const tab = (page: OpenPage, name: string) => page.getByRole('tab', { name }).first()
const slider = (page: OpenPage) => page.getByRole('slider', { name: 'Time of the book' })

async function chooseSynthetic(page: OpenPage) {
  await page.getByRole('button', { name: /^Prices/ }).click()
  await page.getByRole('menuitemradio', { name: /Synthetic market/ }).click()
  await expect.poll(() => footer(page)).toMatch(/bars in[\s\S]*Synthetic: calm, seed 1/)
}

async function openMaker(page: OpenPage) {
  await page.getByRole('button', { name: /^Strategy/ }).click()
  await page.getByRole('menuitemradio', { name: /Market maker/ }).click()
  await expect.poll(() => footer(page)).toMatch(/bars in[\s\S]*Commission set by the strategy/)
}

/** The ladder as it stands: each price with its volumes and own tokens. */
const ladder = (page: OpenPage) =>
  page.locator('.scroller tbody tr:has(th)').evaluateAll((rows) =>
    rows.map((row) => {
      const cells = [...row.children] as HTMLElement[]
      const volume = (cell: HTMLElement) => Number(/[\d,]+/.exec(cell.innerText)?.[0].replace(/,/g, '') ?? 0)
      return {
        price: Number(cells[2]!.innerText),
        bid: volume(cells[1]!),
        ask: volume(cells[3]!),
        own: row.querySelectorAll('.own').length,
        place: `${cells[0]!.textContent}${cells[4]!.textContent}`,
      }
    }),
  )

test('a synthetic market is held against real ones when somebody asks', async () => {
  const page = await open()
  await chooseSynthetic(page)
  await tab(page, 'Market').click()
  await page.getByLabel('Preset').selectOption('opening-auction')
  const ask = page.getByRole('button', { name: 'Compare with real markets' })
  const dialog = page.getByRole('dialog', { name: 'Beside real markets' })
  await ask.click()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await ask.click()
  const rows = dialog.getByRole('row')
  await expect.poll(() => rows.count(), { timeout: limit(60_000) }).toBe(13)
  expect(await dialog.innerText()).toMatch(/over 4 hours of simulated time/)
  expect(await rows.nth(1).innerText()).toMatch(/Fat tails[\s\S]*like them[\s\S]*1\.500 to 60\.000/)
  expect(await violations(page, 'dialog')).toEqual([])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
})

test('a synthetic market is chosen as data, says what it is, and its seed decides the run', async () => {
  const page = await open()
  await page.getByRole('button', { name: /^Prices/ }).click()
  await expect
    .poll(() => page.getByRole('menuitemradio', { name: /Synthetic market/ }).innerText())
    .toMatch(/agents[\s\S]*order book[\s\S]*history/)
  await page.keyboard.press('Escape')
  await chooseSynthetic(page)
  await page.locator('.chart .legend', { hasText: /Mid \d+\.\d{3}/ }).waitFor()
  await expect
    .poll(() => footer(page))
    .toMatch(/Fills on the order book, latency 1.ms[\s\S]*slippage from the book/)
  const first = await digest(page)
  const seed = page.getByLabel('Market seed')
  await seed.fill('2')
  await expect.poll(() => digest(page)).not.toBe(first)
  await expect.poll(() => footer(page)).toContain('seed 2')
  await seed.fill('1')
  await expect.poll(() => digest(page)).toBe(first)
  await page.getByLabel('Preset').selectOption('thin')
  await expect.poll(() => footer(page)).toContain('Synthetic: thin, seed 1')
  await expect.poll(() => page.getByLabel('Agents').inputValue()).toBe('200')

  await page.reload()
  await page.locator('.headline').waitFor()
  await expect.poll(() => footer(page)).toContain('Synthetic: thin, seed 1')
  expect(page.problems).toEqual([])
})

test('a market that cannot be made is refused in words, and the last one stays', async () => {
  const page = await open()
  await chooseSynthetic(page)
  const before = await digest(page)
  await page.getByLabel('Agents').fill('20000')
  await page.getByLabel('Length').fill('1440')
  await expect
    .poll(() => page.locator('.form .problem').innerText())
    .toMatch(/orders[\s\S]*Take fewer agents/)
  await page.getByRole('button', { name: 'Reset the market' }).click()
  await expect.poll(() => digest(page)).toBe(before)
  await tab(page, 'Costs and fills').click()
  await expect.poll(() => page.getByLabel('Slippage').isDisabled()).toBe(true)
  await expect.poll(() => page.getByRole('radio', { name: 'Next open' }).isDisabled()).toBe(true)
})

test('several instruments are made, and the one that is chosen is in the chart and the book', async () => {
  const page = await open()
  await chooseSynthetic(page)
  await page.getByLabel('Instruments').fill('2')
  const choice = page.getByRole('radiogroup', { name: 'Instrument', exact: true }).getByRole('radio')
  await expect.poll(() => choice.count()).toBe(2)
  await tab(page, 'Book').click()
  await choice.nth(1).check({ force: true })
  await expect
    .poll(() =>
      page.getByRole('radiogroup', { name: 'Instrument of the book' }).getByRole('radio').nth(1).isChecked(),
    )
    .toBe(true)
})

test('a long market on its first run tells how far it is, and can be stopped', async () => {
  const page = await open()
  await chooseSynthetic(page)
  await page.getByLabel('Length').fill('1440')
  await page.getByLabel('Bar', { exact: true }).fill('60')
  // A market of other times is not drawn over the one before.
  await expect.poll(() => footer(page)).toMatch(/of 1,440 bars/)
  await page.getByLabel('Market seed').fill('7')
  // What is told while a run goes on is of that run, not of the result before it.
  await expect.poll(() => footer(page)).toMatch(/of 1,440 bars[\s\S]*Synthetic: calm, seed 7/)
  await expect.poll(() => page.locator('.chart .legend', { hasText: 'Equity' }).count()).toBe(1)
  await page.reload()
  await page.getByText(/The market is being made: \d+ of 1,440 bars, equity/).waitFor()
  await page.getByRole('button', { name: /Stop/ }).click()
  await page.getByText(/Stopped after/).waitFor()
  await page.getByText('There are no prices yet: each run makes them').waitFor()
})

test('the market maker brings its market, and the ladder shows its orders in their queues', async () => {
  const page = await open()
  await openMaker(page)
  await page.getByText('is made for other data: Synthetic market instead of AAPL daily').waitFor()
  await tab(page, 'Book').click()
  await slider(page).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('PageUp')
  const at = await slider(page).inputValue()
  const words = () => page.locator('.book .words').innerText()
  const before = await words()
  expect(before).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, bid [\d.]+ × [\d,]+, ask [\d.]+ × [\d,]+;/)
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => slider(page).inputValue()).toBe(String(Number(at) + 1))
  await expect.poll(words).not.toBe(before)

  const rungs = await ladder(page)
  expect(rungs.length).toBeGreaterThan(15)
  expect(rungs.map(({ price }) => price)).toEqual(rungs.map(({ price }) => price).sort((a, b) => b - a))
  const bids = rungs.filter(({ bid }) => bid > 0).map(({ price }) => price)
  const asks = rungs.filter(({ ask }) => ask > 0).map(({ price }) => price)
  expect(Math.max(...bids)).toBeLessThan(Math.min(...asks))

  // At the end of some bar it may have just been filled.
  let own: Awaited<ReturnType<typeof ladder>> = []
  for (let step = 0; step < 10 && own.length === 0; step++) {
    await page.getByRole('button', { name: 'One bar on' }).click()
    own = (await ladder(page)).filter(({ own }) => own > 0)
  }
  expect(own[0]!.place).toMatch(/ahead|first/)
  expect(own[0]!.place).toMatch(/your (buy|sell) of 5 at/)
  await expect.poll(() => page.locator('.queue .own').first().isVisible()).toBe(true)
  expect(await violations(page)).toEqual([])
  expect(page.problems).toEqual([])
})

test('the market of a run can be gone through message by message, own orders and trades in it', async () => {
  const page = await open()
  await openMaker(page)
  await tab(page, 'Trades').click()
  const grid = page.getByRole('grid', { name: 'Trades' })
  await grid.focus()
  await page.keyboard.press('ArrowDown')
  await tab(page, 'Book').click()
  await page.getByRole('radio', { name: 'Message by message' }).click()
  const place = page.getByRole('slider', { name: 'Place in the run' })
  await place.waitFor({ timeout: limit(20_000) })
  await page.getByText('This is the entry of the trade that is chosen.').waitFor()
  const at = () => place.inputValue().then(Number)
  const words = () => page.locator('.book .words').innerText()
  const first = await at()
  expect(first).toBeGreaterThan(100)
  await page.getByRole('button', { name: 'One change back' }).click()
  await expect.poll(at).toBe(first - 1)
  await page.getByRole('button', { name: 'One change on' }).click()
  await expect.poll(at).toBe(first)

  // The maker's quotes are in their queues, and a trade with one of them says so.
  await page.locator('.queue .own').first().waitFor()
  const news = page.getByRole('region', { name: 'What happened' })
  let told = ''
  for (let trade = 0; trade < 400 && !/from your (bid|ask)/.test(told); trade++) {
    await page.getByRole('button', { name: 'Next trade' }).click()
    told += await words()
  }
  expect(told).toMatch(/(a seller takes|a buyer takes) \d+ at [\d.]+, from your (bid|ask)/)
  await expect.poll(() => news.innerText()).toMatch(/[Yy]our (bid|ask)/)
  expect(await violations(page)).toEqual([])

  await page.getByRole('radio', { name: 'Bar by bar' }).click()
  await slider(page).waitFor()
  expect(page.problems).toEqual([])
})

test('a trade and the crosshair each bring the book to their bar', async () => {
  const page = await open()
  await openMaker(page)
  await tab(page, 'Trades').click()
  const grid = page.getByRole('grid', { name: 'Trades' })
  await grid.focus()
  await page.keyboard.press('ArrowDown')
  await tab(page, 'Book').click()
  await page.getByText('In this bar').waitFor()
  const atTrade = await slider(page).inputValue()
  const plot = await page.locator('.plot').boundingBox()
  await page.mouse.move(plot!.x + plot!.width * 0.6, plot!.y + 80)
  await expect.poll(() => slider(page).inputValue()).not.toBe(atTrade)
  const pointed = await slider(page).inputValue()
  await page.getByLabel('Follow the chart').uncheck()
  await page.mouse.move(plot!.x + plot!.width * 0.3, plot!.y + 80)
  await page.waitForTimeout(100)
  await expect.poll(() => slider(page).inputValue()).toBe(pointed)
})

test('the way back from a market that a sample brought leads to the data before', async () => {
  const page = await open()
  await openMaker(page)
  await page.getByRole('button', { name: 'Back to AAPL daily' }).click()
  await page.getByText('needs data with an order book').first().waitFor()
  await expect.poll(() => page.getByRole('button', { name: /^Prices/ }).innerText()).toContain('AAPL daily')
  await expect.poll(() => page.getByRole('tab', { name: 'Book' }).count()).toBe(0)
})

test('the ladder fits a phone', async () => {
  const page = await open(phone)
  await openMaker(page)
  await page.getByRole('tablist', { name: 'Views' }).getByRole('tab', { name: 'Book' }).tap()
  await page.locator('.scroller table').waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  const { width, height } = (await page.locator('.scroller').boundingBox())!
  expect(width).toBeLessThanOrEqual(390)
  expect(height).toBeGreaterThan(150)
  expect(await page.locator('.scroller').evaluate((element) => element.scrollWidth)).toBeLessThanOrEqual(390)
  expect(await violations(page)).toEqual([])
})

test('message by message opens at the moment at which the bars stand', async () => {
  const page = await open()
  await openMaker(page)
  await tab(page, 'Book').click()
  await slider(page).waitFor()
  const messages = page.getByRole('radio', { name: 'Message by message' })
  const place = page.getByRole('slider', { name: 'Place in the run' })
  const quotes = async () => /bid [\d.]+ × [\d,]+, ask [\d.]+ × [\d,]+/.exec(await words())?.[0]
  const words = () => page.locator('.book .words').innerText()

  // Nobody has moved them: they stand at the end of the run.
  const atEnd = await quotes()
  await messages.check({ force: true })
  await place.waitFor({ timeout: limit(20_000) })
  await page.locator('.book .words:not([aria-busy=true])').waitFor()
  await expect.poll(quotes, { timeout: limit(20_000) }).toBe(atEnd)
  expect(await place.inputValue()).toBe(await place.getAttribute('max'))

  await page.getByRole('radio', { name: 'Bar by bar' }).check({ force: true })
  await slider(page).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('PageUp')
  await expect.poll(quotes).not.toBe(atEnd)
  const inside = await quotes()
  await messages.check({ force: true })
  await expect.poll(quotes, { timeout: limit(20_000) }).toBe(inside)
  expect(page.problems).toEqual([])
}, 300_000)

test('the ladder has the room of its panel', async () => {
  const page = await open()
  await openMaker(page)
  await tab(page, 'Book').click()
  await page.locator('.scroller table').waitFor()
  await page.getByRole('button', { name: 'Dismiss' }).click()
  const seen = () =>
    page.locator('.scroller').evaluate((scroller) => {
      const { top, bottom } = scroller.getBoundingClientRect()
      return [...scroller.querySelectorAll('tbody th')].filter((row) => {
        const box = row.getBoundingClientRect()
        return box.top >= top + 17 && box.bottom <= bottom + 1
      }).length
    })
  await expect.poll(seen).toBeGreaterThanOrEqual(15)
})

test('a queue of very many small orders keeps its bar, and recorded orders stay for a sample that runs on them', async () => {
  const page = await open()
  const line = (operation: object) => JSON.stringify(operation)
  const add = (id: number, side: string, price: number, quantity: number) =>
    line({ op: 'add', time: '2024-01-02T14:30:00Z', id, side, price, quantity })
  const text = [
    line({ op: 'book', tick: 0.01, lot: 1, symbol: 'MANY' }),
    add(1, 'SELL', 10.1, 400),
    ...Array.from({ length: 900 }, (_, i) => add(10 + i, 'BUY', 10, 1)),
    ...Array.from({ length: 60 }, (_, i) => add(1000 + i, 'BUY', 9.99, 1)),
    add(2, 'BUY', 9.98, 30),
    line({ op: 'add', time: '2024-01-02T14:30:30Z', id: 3, side: 'BUY', quantity: 2 }),
    line({ op: 'cancel', time: '2024-01-02T14:31:00Z', id: 2 }),
  ].join('\n')
  await page.getByRole('button', { name: /^Prices/ }).click()
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('menuitem', { name: 'Open file…' }).click(),
  ])
  await chooser.setFiles([
    { name: 'many.jsonl', mimeType: 'application/octet-stream', buffer: Buffer.from(text) },
  ])
  await page.getByRole('button', { name: 'Add and run' }).click({ timeout: limit(20_000) })
  await expect.poll(() => footer(page), { timeout: limit(20_000) }).toContain('Recorded orders')
  await tab(page, 'Book').click()
  await page.getByRole('radio', { name: 'Message by message' }).check({ force: true })
  await page.locator('.scroller tbody tr:has(th)', { hasText: '900' }).waitFor({ timeout: limit(20_000) })
  // What of each bar is coloured, in pixels: the gaps between its parts are not.
  const coloured = () =>
    page.locator('.scroller tbody tr:has(.bid .queue)').evaluateAll((rows) =>
      rows.map((row) => {
        const width = (element: Element) => element.getBoundingClientRect().width
        return [...row.querySelectorAll('.bid .queue i')].reduce((sum, part) => sum + width(part), 0)
      }),
    )
  await expect.poll(async () => Math.min(...(await coloured()).slice(0, 2))).toBeGreaterThan(4)
  const [longest, shorter] = await coloured()
  expect(longest).toBeGreaterThan(100)
  expect(longest! / shorter!).toBeGreaterThan(5)

  await page.getByRole('button', { name: /^Strategy/ }).click()
  await page.getByRole('menuitemradio', { name: /Market maker/ }).click()
  await expect
    .poll(() => footer(page), { timeout: limit(20_000) })
    .toMatch(/bars in[\s\S]*Recorded orders[\s\S]*Commission set by the strategy/)
  expect(await page.getByText('is made for other data').count()).toBe(0)
  expect(await page.getByRole('button', { name: /^Prices/ }).innerText()).toContain('MANY')
  expect(page.problems).toEqual([])
}, 300_000)
