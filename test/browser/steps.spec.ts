import { expect, test } from 'vitest'
import { openApp, type OpenPage, violations } from './harness.ts'

const open = async () => {
  const page = await openApp({ viewport: { width: 1440, height: 900 } })
  await page.locator('.headline').waitFor()
  await page.getByRole('tab', { name: 'Steps' }).click()
  await page.getByRole('grid', { name: 'Moments' }).waitFor()
  return page
}
const chosen = (page: OpenPage) => page.locator('[role=row][aria-selected=true]').innerText()
const standing = (page: OpenPage) => page.locator('.standing').innerText()
const legends = async (page: OpenPage) => (await page.locator('.legend').allInnerTexts()).join('\n')
const place = (page: OpenPage) => page.locator('.steps .count').innerText()

test('a run can be stepped through by keys, and what came later is out of sight', async () => {
  const page = await open()
  await expect.poll(() => place(page)).toMatch(/^(\d,\d+) of \1$/)
  await page.getByRole('button', { name: 'First moment' }).click()
  await expect.poll(() => place(page)).toMatch(/^1 of/)
  await expect.poll(() => chosen(page)).toMatch(/Bar[\s\S]*AAPL opens/)
  await expect.poll(() => standing(page)).toContain('not ready')
  // The first order of the sample, and its fill at the next open.
  await page.getByRole('combobox', { name: 'Go to' }).selectOption('an order')
  await page.getByRole('button', { name: 'Later' }).click()
  await expect.poll(() => chosen(page)).toMatch(/Order 1: buy \d+ AAPL market/)
  await expect.poll(() => standing(page)).toMatch(/Flat\.[\s\S]*1: buy \d+ AAPL market/)
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => chosen(page)).toMatch(/Order 1 buys \d+ AAPL at [\d.]+, by the rule “open”/)
  await expect.poll(() => standing(page)).toMatch(/▲ \d+ AAPL[\s\S]*Working orders\s+None/)
  // Bought at an open: what the chart tells is of the bar before, at whose end the account had not changed.
  await expect.poll(() => legends(page)).toMatch(/Equity 10,000[\s\S]*Drawdown 0/)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => chosen(page)).toContain('Bar')
  await expect.poll(() => legends(page)).not.toMatch(/Equity 10,000\b/)
  await page.keyboard.press('p')
  await expect.poll(() => chosen(page)).toContain('Order 1: buy')
  await page.keyboard.press('Shift+ArrowLeft')
  await expect.poll(() => chosen(page)).toContain('Bar')
  await page.keyboard.press('n')
  await expect.poll(() => chosen(page)).toContain('Order 1: buy')
  await page.keyboard.press('p')
  await expect.poll(() => page.locator('.steps .answer').innerText()).toBe('None earlier.')
  expect(page.problems).toEqual([])
})

test('at the first moment the keys go on working from the button that led there', async () => {
  const page = await open()
  await page.getByRole('button', { name: 'First moment' }).press('Enter')
  await expect.poll(() => place(page)).toMatch(/^1 of/)
  await expect
    .poll(() => page.getByRole('button', { name: 'First moment' }).getAttribute('aria-disabled'))
    .toBe('true')
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => place(page)).toMatch(/^2 of/)
  await page.keyboard.press('n')
  await expect.poll(() => chosen(page)).toMatch(/Order 1 buys/)
})

test('on a phone the moment that is looked at is in sight, also among rows that fingers can touch', async () => {
  const page = await openApp({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  await page.getByRole('tab', { name: 'More' }).click()
  await page.getByRole('tab', { name: 'Steps' }).click()
  const row = page.locator('[role=row][aria-selected=true]')
  await row.waitFor()
  await expect.poll(() => row.innerText()).toContain('2018-05-11')
  const list = (await page.getByRole('grid', { name: 'Moments' }).boundingBox())!
  const place = (await row.boundingBox())!
  expect(place.y).toBeGreaterThanOrEqual(list.y)
  expect(place.y + place.height).toBeLessThanOrEqual(list.y + list.height + 1)
})

test('a drawdown is found at the bar that reached it', async () => {
  const page = await open()
  await page.getByRole('button', { name: 'First moment' }).click()
  await page.getByRole('combobox', { name: 'Go to' }).selectOption('a drawdown of')
  await page.getByRole('spinbutton', { name: 'Drawdown' }).fill('10')
  await page.getByRole('button', { name: 'Later' }).click()
  const drawdown = /Drawdown\s+−(\d+\.\d)/.exec(await standing(page))
  expect(Number(drawdown?.[1])).toBeGreaterThanOrEqual(10)
  expect(Number(drawdown?.[1])).toBeLessThan(13)
  await page.locator('.legend .prices').waitFor()
  await page.getByRole('tab', { name: 'Overview' }).click()
  // The crosshair was the steps': it goes with them.
  await page.locator('.legend .prices').waitFor({ state: 'detached' })
  await page.getByRole('tab', { name: 'Steps' }).click()
  await expect.poll(() => chosen(page), { message: 'the moment is still looked at' }).toContain('Bar')
})

test('stepping stops at the orders of a line that is marked in the code', async () => {
  const page = await open()
  await page.getByRole('button', { name: 'First moment' }).click()
  await page.getByRole('combobox', { name: 'Go to' }).selectOption('an order of a marked line')
  await page.getByRole('button', { name: 'Later' }).click()
  await expect.poll(() => page.locator('.steps .answer').innerText()).toMatch(/^Mark a line first/)
  const code = page.locator('.monaco-editor')
  await code.waitFor()
  const sale = (await code.locator('.view-line').allInnerTexts()).findIndex((text) =>
    text.includes('crossedBelow'),
  )
  const numbers = page.locator('.monaco-editor .line-numbers')
  const line = Number(await numbers.nth(sale).innerText())
  await numbers.nth(sale).click()
  await page.locator('.outcry-mark').waitFor()
  await page.getByRole('button', { name: 'Later' }).click()
  await expect.poll(() => chosen(page)).toMatch(/Order \d+: sell \d+ AAPL market/)
  await page.getByRole('button', { name: `sma-crossover.ts:${line}` }).click()
  await page.keyboard.press('F9')
  await page.locator('.outcry-mark').waitFor({ state: 'detached' })
  expect(page.problems).toEqual([])
})

test('a time is gone to as it is written, and one that is none is said to be so', async () => {
  const page = await open()
  await page.getByRole('combobox', { name: 'Go to' }).selectOption('a time')
  const box = page.getByRole('textbox', { name: 'Time, a day' })
  await box.fill('yesterday')
  await box.press('Enter')
  await expect
    .poll(() => page.locator('.steps .answer').innerText())
    .toMatch(/^Expected a day such as 2016-01-31/)
  // A Sunday: how things stood then is what Friday left.
  await box.fill('2016-01-31')
  await page.getByRole('button', { name: 'Go there' }).click()
  await expect.poll(() => chosen(page)).toMatch(/^2016-01-29/)
  await box.fill('2014-06-02')
  await box.press('Enter')
  await expect.poll(() => chosen(page)).toMatch(/^2014-06-02/)
})

/** Replaces the code of the page. */
async function write(page: OpenPage, source: string) {
  const code = page.locator('.monaco-editor')
  await code.waitFor()
  await code.click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(source)
}
const failing = (more: string) => `import { BarStrategy, type BarEvent } from 'outcry'
export default class Fails extends BarStrategy {
  bars = 0
  async onBar({ target: { instrument } }: BarEvent) {
    this.bars++
    if (this.bars === 2) await this.buy(instrument, 3)
    ${more}
  }
}
`

test('a run that fails can be stepped through until it failed', async () => {
  const page = await open()
  await write(page, failing(`if (this.bars === 5) throw new Error('enough')`))
  await page.keyboard.press('Control+Enter')
  await page.getByText('Of the run that failed.').waitFor()
  await expect.poll(() => place(page)).toMatch(/^8 of 8$/)
  await expect.poll(() => standing(page)).toMatch(/▲ 3 AAPL/)
  // The chart has the run that is stepped through, not the one before: its one trade, and no averages.
  await expect.poll(() => legends(page)).toMatch(/Trades 1\b/)
  await expect.poll(() => legends(page)).not.toContain('SMA')
  await expect.poll(() => legends(page)).toMatch(/Equity 9,997\.\d\d[\s\S]*Drawdown −0\.\d+/)
  expect(await violations(page, '.steps')).toEqual([])
  await page.getByRole('tab', { name: 'Overview' }).click()
  await expect.poll(() => legends(page), { message: 'the results are of the run before' }).toContain('SMA')
})

test('the banner and the steps of a run that failed tell the same place, also where there is nothing to step through', async () => {
  const page = await open()
  await write(page, failing(`if (this.bars === 5) throw new Error('enough')`))
  await page.keyboard.press('Control+Enter')
  await page.getByText('Of the run that failed.').waitFor()
  const when = /\d{4}-\d\d-\d\d/.exec(await chosen(page))![0]
  await page
    .getByRole('alert')
    .or(page.locator('.notice'))
    .getByText(
      `Error: enough (in onBar, ${when}). The results are of the run before. Steps shows this one until then.`,
    )
    .waitFor()
  await page
    .locator('.standing')
    .getByText(`Here the run failed. Error: enough (in onBar, ${when})`)
    .waitFor()
  await page.getByRole('button', { name: 'A step back' }).click()
  await page.locator('.standing').getByText('Here the run failed').waitFor({ state: 'detached' })

  // A promise that nothing waited for fails outside of every handler.
  await write(page, failing(`if (this.bars === 5) void Promise.reject(new RangeError('lost'))`))
  await page.keyboard.press('Control+Enter')
  await page.locator('.standing').getByText('RangeError: lost (in a promise that nothing awaited').waitFor()
  const there = await chosen(page)
  // The sixth bar, as on the command line: rejected at the fifth, and looked at from the next rest but one on.
  expect(await page.locator('.standing').innerText()).toContain('2013-05-20')
  await expect
    .poll(() => page.locator('.standing .failed').innerText())
    .toContain(/\d{4}-\d\d-\d\d/.exec(there)![0])

  // What is no error has no line: that of its handler is told.
  await write(page, failing('').replace('bars = 0', `bars = 0\n  onStart() { throw 'early' }`))
  await page.keyboard.press('Control+Enter')
  await page.getByText('Error: Thrown: early (in onStart, which begins there).').waitFor()

  // Before the first bar there are no steps, which is said with the reason.
  await write(page, failing('').replace('bars = 0', `bars = 0\n  onStart() { throw new Error('too early') }`))
  await page.keyboard.press('Control+Enter')
  await page.getByText('Error: too early (in onStart). The results are of the run before.').waitFor()
  await page
    .getByRole('tabpanel', { name: 'Steps' })
    .getByText(
      'The run failed before its first bar, so there is nothing to step through. Error: too early (in onStart)',
    )
    .waitFor()
})

test('a run that waits goes on as far as somebody steps, and tells its inputs and indicators there', async () => {
  const page = await open()
  await write(
    page,
    `import { BarStrategy, type BarEvent, sma } from 'outcry'
export default class Slow extends BarStrategy {
  bars = 0
  average = this.indicator(sma(this.input('period', 3, { min: 2, max: 9 })))
  async onBar({ target: { instrument } }: BarEvent) {
    this.bars++
    if (this.bars === 4 || this.bars > 80) for (let i = 0; i < 1e8; i++) if (i < 0) this.bars++
    if (this.bars === 60) await this.buy(instrument, 3)
  }
}
`,
  )
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Of the run that waits.').waitFor()
  await expect.poll(() => page.locator('header').innerText()).toMatch(/Waits at bar \d+/)
  await expect.poll(() => page.locator('footer').innerText()).toContain('waits')
  const moments = async () => Number(/of ([\d,]+)/.exec(await place(page))![1]!.replace(',', ''))
  const before = await moments()
  await page.getByRole('button', { name: 'A bar on' }).click()
  await expect.poll(moments).toBe(before + 1)
  await expect.poll(() => chosen(page)).toContain('Bar')
  await expect.poll(() => standing(page)).toMatch(/Indicators[\s\S]*\d+\.\d\d[\s\S]*Inputs\s+period\s+3/)
  await page.context().close()
})

test('a run that waits goes on until an order is filled', async () => {
  const page = await open()
  await write(
    page,
    failing('for (let i = 0; i < 4e7; i++) if (i < 0) this.bars++').replace('=== 2', '=== 60'),
  )
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Of the run that waits.').waitFor()
  await page.getByRole('button', { name: 'Later' }).click()
  await expect.poll(() => chosen(page)).toMatch(/Order 1 buys 3 AAPL/)
  await page.getByText('Of the run that waits.').waitFor()
  // It went on until then and not to its end.
  expect(Number(/of (\d+)/.exec(await place(page))![1])).toBeLessThan(400)
  await page.keyboard.press('p')
  await expect.poll(() => page.locator('.steps .answer').innerText()).toBe('None earlier.')
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText(/Stopped after [\d,]+ bars/).waitFor()
  expect(page.problems).toEqual([])
})

test('a run can be made to wait, looked at, and go on to its end', async () => {
  const page = await open()
  await write(page, failing('for (let i = 0; i < 2e7; i++) if (i < 0) this.bars++'))
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Of the run that waits.').waitFor()
  const waiting = await place(page)
  await page.waitForTimeout(2500)
  await expect
    .poll(() => place(page), { message: 'nothing goes on, and nobody takes the silence for a fault' })
    .toBe(waiting)
  await expect.poll(() => page.getByText('stopped answering').count()).toBe(0)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('Of the run that waits.').waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.getByText(/Stopped after [\d,]+ bars/).waitFor()
})

test('a run that makes its own market can be stepped through while it waits, and after it failed', async () => {
  const page = await open()
  await page.getByRole('button', { name: /^Prices:/ }).click()
  await page.getByRole('menuitemradio', { name: /^Synthetic market/ }).click()
  await page.getByText('Confirmed').waitFor()
  await write(page, failing(`if (this.bars === 40) throw new Error('enough')`))
  await page.keyboard.press('Control+Enter')
  await page.getByText('Of the run that failed.').waitFor()
  const count = await place(page)
  expect(Number(/of (\d+)/.exec(count)![1])).toBeGreaterThanOrEqual(42)
  await expect.poll(() => standing(page)).toMatch(/▲ 3 /)
  // The chart has what there was of the market: 40 bars, and no more.
  await expect.poll(() => page.locator('.plot').getAttribute('aria-label')).toMatch(/, 40 bars/)

  await write(page, failing('for (let i = 0; i < 2e7; i++) if (i < 0) this.bars++'))
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Of the run that waits.').waitFor()
  const waiting = await place(page)
  expect(waiting).toMatch(/^(\d+) of \1$/)
  await expect.poll(() => page.locator('.plot').getAttribute('aria-label')).toMatch(/, \d\d? bars?,/)
  await page.waitForTimeout(1000)
  await expect.poll(() => place(page)).toBe(waiting)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('Of the run that waits.').waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  expect(page.problems).toEqual([])
})
