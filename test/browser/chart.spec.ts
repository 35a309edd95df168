import { expect, test } from 'vitest'
import { openApp, type OpenPage } from './harness.ts'

/** The app with its first run drawn. */
async function openChart(options: Parameters<typeof openApp>[0] = {}): Promise<OpenPage> {
  const page = await openApp({ viewport: { width: 1440, height: 900 }, locale: 'en-US', ...options })
  await chartLegend(page, 'Drawdown').waitFor()
  return page
}

const chartLegend = (page: OpenPage, name: string) =>
  page.getByRole('button', { name: new RegExp(`^${name}\\b`) })
const chart = (page: OpenPage) => page.getByRole('application', { name: /AAPL/ })
const said = (page: OpenPage) => page.locator('.chart [aria-live]').innerText()

test('the keyboard goes from bar to bar and is told what each is', async () => {
  const page = await openChart()
  await chart(page).focus()
  await page.keyboard.press('End')
  await expect
    .poll(() => said(page))
    .toMatch(
      /^2018-05-11, open 189\.49, high 190\.06, low 187\.45, close 188\.59, volume 25,806,600, equity .+, drawdown/,
    )
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => said(page)).toMatch(/^2018-05-10/)
  await page.keyboard.press('Shift+ArrowLeft')
  await expect.poll(() => said(page)).toMatch(/^2018-04-26/)
  await page.keyboard.press('Home')
  await expect.poll(() => said(page)).toMatch(/^2013-05-13/)
  expect(page.problems).toEqual([])
})

test('a trade is selected by its arrow on the chart, by the keyboard and by its row', async () => {
  const page = await openChart()
  await page.getByRole('tab', { name: /^Trades/ }).click()
  const selected = page.locator('[aria-selected="true"][role="row"], tr[aria-selected="true"]')
  await chart(page).focus()
  await page.keyboard.press(']')
  await page.keyboard.press(']')
  const card = page.locator('.card', { hasText: 'trade 2' })
  await card.waitFor()
  await expect.poll(() => selected.count()).toBe(1)
  const entry = await card.evaluate((element) => ({
    x: (element as HTMLElement).offsetLeft - 16,
    y: (element as HTMLElement).offsetTop + 20,
  }))
  await page.keyboard.press('Escape')
  await expect.poll(() => selected.count()).toBe(0)
  await page.mouse.move(0, 0)
  await chart(page).click({ position: entry })
  await expect.poll(() => selected.count()).toBe(1)
  await page.locator('.card').waitFor()
  await expect.poll(() => chartLegend(page, 'Equity').count()).toBe(1)
  expect(page.problems).toEqual([])
})

test('the table view lists every bar with the account beside it', async () => {
  const page = await openChart()
  await page.getByRole('button', { name: 'Table view' }).click()
  const region = page.getByRole('region', { name: /bar by bar/ })
  const table = region.getByRole('table')
  await expect.poll(() => table.getAttribute('aria-rowcount')).toBe('1261')
  await expect
    .poll(() => table.getByRole('row').nth(1).innerText())
    .toMatch(/^2013-05-13\s+64\.50\s+65\.41\s+64\.50\s+64\.96\s+79,237,200\s+10,000/)
  await region.focus()
  await page.keyboard.press('End')
  await expect.poll(() => table.getByRole('row').last().innerText()).toMatch(/^2018-05-11/)
  await page.getByRole('button', { name: 'Table view' }).click()
  await chart(page).focus()
})

test('the legend hides and shows what it names', async () => {
  const page = await openChart()
  const average = chartLegend(page, 'SMA 10')
  const picture = () => page.locator('.plot').screenshot()
  await page.mouse.move(0, 0)
  const before = await picture()
  await average.click()
  await expect.poll(() => average.getAttribute('aria-pressed')).toBe('false')
  await page.mouse.move(0, 0)
  await expect.poll(async () => (await picture()).equals(before)).toBe(false)
  await average.click()
  await expect.poll(() => average.getAttribute('aria-pressed')).toBe('true')
})

test('the wheel zooms in on the bar under the pointer, and a double click shows all again', async () => {
  const page = await openChart()
  const box = (await chart(page).boundingBox())!
  const x = box.x + box.width * 0.4
  const y = box.y + box.height * 0.3
  const label = async () => {
    await page.mouse.move(x - 1, y)
    await page.mouse.move(x, y)
    return page.locator('.quote').innerText()
  }
  const before = await label()
  for (let i = 0; i < 8; i++) await page.mouse.wheel(0, -100)
  await expect.poll(() => label()).toBe(before)
  await page.mouse.move(x + 100, y)
  await expect.poll(() => page.locator('.quote').innerText()).not.toBe(before)
  await page.mouse.dblclick(x, y)
  await expect.poll(label).toBe(before)
})

test('the chart names and links who made its library', async () => {
  const page = await openChart()
  await expect
    .poll(() => page.getByRole('link', { name: 'TradingView' }).getAttribute('href'))
    .toBe('https://www.tradingview.com/')
})

test('the labels of the time axis are those of the data shown, not of the data before', async () => {
  // So wide that every bar has a point of its own: points keep their numbers from one data set to the next.
  const page = await openChart({ viewport: { width: 2800, height: 900 } })
  const pick = async (name: RegExp) => {
    await page.getByRole('button', { name: /^Prices/ }).click()
    await page.getByRole('menuitemradio', { name }).click()
  }
  await pick(/^Synthetic market/)
  await page.getByRole('application', { name: /PRR/ }).waitFor()
  await page.evaluate(() => {
    const drawn = Object.assign(globalThis, { texts: [] as string[] }).texts
    const { fillText } = CanvasRenderingContext2D.prototype
    CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
      drawn.push(text)
      return fillText.call(this, text, ...place)
    }
  })
  await pick(/^AAPL daily/)
  await chart(page).waitFor()
  const texts = () => page.evaluate(() => (globalThis as unknown as { texts: string[] }).texts)
  await expect.poll(texts).toContain('2017')
  await page.evaluate(() => ((globalThis as unknown as { texts: string[] }).texts.length = 0))
  await chart(page).hover()
  await expect.poll(texts).toContain('2017')
  expect((await texts()).filter((text) => /^\d\d:\d\d/.test(text))).toEqual([])
})
