import { expect, test } from 'vitest'
import { limit, openApp, type OpenPage, violations } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 } }
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

const footer = (page: OpenPage) => page.locator('footer[aria-label]').innerText()
const digest = async (page: OpenPage) => (await page.locator('footer code').innerText()).replace(/\s/g, '')
const words = (page: OpenPage) => page.locator('.book .words').innerText()
const now = (page: OpenPage) => page.locator('.book .now').innerText()
const bars = async (page: OpenPage) =>
  Number(/, ([\d,]+) bars?,/.exec((await page.locator('.plot').getAttribute('aria-label')) ?? '')?.[1] ?? 0)
const pace = (page: OpenPage) => page.getByLabel('Pace', { exact: true })
const live = (page: OpenPage) => page.getByRole('radio', { name: 'Live' })

/** The market maker's run and its book. */
async function openMaker(options: Parameters<typeof openApp>[0] = desk): Promise<OpenPage> {
  const page = await openApp(options)
  await page.locator('.headline').waitFor({ timeout: limit(20_000) })
  await page.getByRole('button', { name: /^Strategy/ }).click()
  await page.getByRole('menuitemradio', { name: /Market maker/ }).click()
  await page
    .getByRole('tab', { name: 'Book' })
    .first()
    .click({ timeout: limit(20_000) })
  await page.getByRole('slider', { name: 'Time of the book' }).waitFor({ timeout: limit(20_000) })
  await expect.poll(() => footer(page)).toMatch(/bars in/)
  return page
}

test('the ladder moves while the run does, own orders in their queues, and the run comes to the same', async () => {
  const page = await openMaker()
  const before = await digest(page)
  await pace(page).selectOption('10')
  await page.keyboard.press('Control+Enter')
  await expect.poll(() => live(page).isChecked()).toBe(true)
  await expect.poll(() => words(page)).toMatch(/^Live: bid [\d.]+ × [\d,]+, ask [\d.]+ × [\d,]+;/)

  // Many pictures between two bars, which are 10 s of market time: it moves, and does not jump from bar to bar.
  const seen = new Set<string>()
  await expect.poll(async () => seen.add(`${await now(page)} ${await words(page)}`).size).toBeGreaterThan(15)
  const times = [...seen].map((text) => text.slice(0, 8))
  expect(times).toEqual([...times].sort())
  expect(new Set(times.map((time) => time.slice(-1))).size).toBeGreaterThan(3)
  await expect.poll(() => page.locator('.queue .own').count()).toBeGreaterThan(0)
  await expect
    .poll(() => page.locator('td.place span[aria-hidden]').first().innerText())
    .toMatch(/ahead|first/)
  await page.getByRole('img', { name: /^Mid [\d.]+, \d+ trades between/ }).waitFor()

  // The bars and the equity grow on the chart above.
  await expect.poll(() => bars(page)).toBeGreaterThan(2)
  const drawn = await bars(page)
  expect(drawn).toBeLessThan(200)
  await expect.poll(() => bars(page)).toBeGreaterThan(drawn)
  expect(await violations(page)).toEqual([])

  // At full speed it is soon at its end, with the bars to go through and the digest of before.
  await pace(page).selectOption('0')
  await page.getByRole('slider', { name: 'Time of the book' }).waitFor({ timeout: limit(60_000) })
  await expect.poll(() => live(page).count()).toBe(0)
  await expect.poll(() => footer(page)).toMatch(/360 bars in/)
  expect(await digest(page)).toBe(before)
  await expect.poll(() => footer(page)).toContain('Confirmed')
  expect(page.problems).toEqual([])
}, 300_000)

test('a run under way is paused, left for what was before, and ended by keys alone', async () => {
  const page = await openMaker()
  await pace(page).focus()
  await page.keyboard.press('End')
  await expect.poll(() => pace(page).inputValue()).toBe('1')
  await page.keyboard.press('ArrowUp')
  await expect.poll(() => pace(page).inputValue()).toBe('10')
  await page.keyboard.press('Control+Enter')
  await expect.poll(() => live(page).isChecked()).toBe(true)
  await page.locator('.book').getByRole('button', { name: 'Pause' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => words(page)).toMatch(/^The run waits: bid/)
  // The chart has every bar that the run has counted, at once: nothing of it is still on its way.
  const counted = async () => Number(/^([\d,]+) of/.exec(await footer(page))?.[1])
  await expect.poll(async () => (await bars(page)) - (await counted())).toBe(0)
  // The book is that of the end of the last of them, which are 10 s long; then nothing moves any more.
  await expect.poll(async () => (await now(page)).slice(-1)).toBe('0')
  let stood = ''
  await expect
    .poll(async () => {
      const before = stood
      stood = `${await now(page)} ${await words(page)}`
      await page.waitForTimeout(400)
      return before === stood
    })
    .toBe(true)
  await page.locator('.book').getByRole('button', { name: 'Go on' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => words(page)).toMatch(/^Live/)
  await expect.poll(async () => `${await now(page)} ${await words(page)}`).not.toBe(stood)

  await live(page).focus()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('slider', { name: 'Time of the book' }).waitFor()
  await expect.poll(() => page.getByRole('radio', { name: 'Bar by bar' }).isChecked()).toBe(true)
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => words(page)).toMatch(/^Live/)
  await page.keyboard.press('Escape')
  await page.getByText(/Stopped after/).waitFor({ timeout: limit(20_000) })
  await page.getByRole('slider', { name: 'Time of the book' }).waitFor()
  expect(page.problems).toEqual([])
}, 300_000)

test('the book of a market that no run has made yet can be watched from its first run on', async () => {
  const page = await openMaker()
  await page.getByRole('tab', { name: 'Market', exact: true }).click()
  await page.getByLabel('Length').fill('1440')
  await page.getByLabel('Bar', { exact: true }).fill('60')
  await expect.poll(() => footer(page)).toMatch(/of 1,440 bars/)
  await page.reload()
  // Who stops it while it is compiled is told something else.
  await page.getByText(/The market is being made: \d+ of 1,440 bars/).waitFor({ timeout: limit(20_000) })
  await page.getByRole('button', { name: /Stop/ }).click()
  await page.getByText(/Stopped after/).waitFor({ timeout: limit(20_000) })
  await page.getByRole('tab', { name: 'Book' }).click()
  await page.getByText('Each run makes the market anew.').waitFor()
  await pace(page).selectOption('100')
  await page.getByRole('tabpanel', { name: 'Book' }).getByRole('button', { name: 'Run' }).click()
  await expect.poll(() => words(page)).toMatch(/^Live: /)
  await expect.poll(() => bars(page)).toBeGreaterThan(1)
  await page.keyboard.press('Escape')
  await page.getByText(/Stopped after/).waitFor({ timeout: limit(20_000) })
  expect(page.problems).toEqual([])
}, 300_000)

test('on a phone the live ladder, its chart and the pace have their place', async () => {
  const page = await openMaker(phone)
  await pace(page).selectOption('10')
  await page.getByRole('button', { name: 'Run', exact: true }).tap()
  await expect.poll(() => words(page)).toMatch(/^Live: /)
  await expect.poll(() => page.locator('.queue .own').count()).toBeGreaterThan(0)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  const ladder = (await page.locator('.scroller').boundingBox())!
  expect(ladder.height).toBeGreaterThan(150)
  await page.getByRole('img', { name: /^Mid/ }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Stop' }).tap()
  await page.getByText(/Stopped after/).waitFor({ timeout: limit(20_000) })
}, 300_000)
