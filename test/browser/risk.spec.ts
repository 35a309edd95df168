import { expect, test } from 'vitest'
import { openApp, type OpenPage, violations } from './harness.ts'

async function open(): Promise<OpenPage> {
  const page = await openApp({ viewport: { width: 1440, height: 900 } })
  await page.locator('.headline').waitFor()
  return page
}

const digest = (page: OpenPage) => page.locator('footer code').innerText()
const tab = (page: OpenPage, name: RegExp) => page.getByRole('tab', { name }).first()

test('a risk rule is set by keyboard, and what it clips is in the log, the trades and on the chart, until it is off', async () => {
  const page = await open()
  const before = await digest(page)
  await tab(page, /^Risk/).click()
  await page.getByText('No rule is on').waitFor()
  await page.getByRole('checkbox', { name: 'Position', exact: true }).focus()
  await page.keyboard.press('Space')
  const box = page.getByRole('spinbutton', { name: 'Position' })
  await box.fill('50')
  await expect.poll(() => digest(page)).not.toBe(before)
  await expect.poll(() => page.locator('footer').innerText()).toContain('1 risk rule')

  const legend = page.locator('.chart').getByRole('button', { name: /^Refused and clipped/ })
  await legend.waitFor()
  await tab(page, /^Log/).click()
  await page.getByText(/^Clipped order 1: Buying \d+ AAPL would make the position/).waitFor()
  await tab(page, /^Trades/).click()
  await page.getByRole('radiogroup', { name: 'What is listed' }).getByText('Refused and clipped').click()
  await page.getByRole('columnheader', { name: 'Why' }).waitFor()
  // The run at the first number may still be followed by that at the second: all then tell of that.
  const status = page.getByRole('status').filter({ hasText: 'refused, clipped or decided' })
  await expect
    .poll(async () => (await status.innerText()).includes((await legend.innerText()).replace(/\D/g, '')))
    .toBe(true)

  const plot = (await page.locator('[aria-roledescription=chart]').boundingBox())!
  for (
    let x = plot.x + 20;
    (await page.locator('.chart .card').count()) === 0 && x < plot.x + plot.width;
    x += 4
  )
    await page.mouse.move(x, plot.y + 52)
  await expect
    .poll(() => page.locator('.chart .card').first().innerText())
    .toMatch(/Clipped, order \d+[\s\S]* of \d+ were taken\./)

  expect(await violations(page)).toEqual([])

  // The rules are kept with the visit.
  await page.reload()
  await page.locator('.headline').waitFor()
  await tab(page, /^Risk/).click()
  await expect.poll(() => page.getByRole('spinbutton', { name: 'Position' }).inputValue()).toBe('50')
  await page.getByRole('button', { name: 'Turn all rules off' }).click()
  await expect.poll(() => digest(page)).toBe(before)
  expect(page.problems).toEqual([])
})

test('a number that a rule cannot have is refused beside it', async () => {
  const page = await open()
  await tab(page, /^Risk/).click()
  await page.getByRole('checkbox', { name: 'Drawdown' }).check()
  await page.getByRole('spinbutton', { name: 'Drawdown' }).fill('120')
  await expect
    .poll(() => page.locator('.rule [role=alert]').innerText())
    .toBe('Expected a number from 0 to 100.')
})

test('a number of short supply that cannot be is refused beside it too', async () => {
  const page = await open()
  await tab(page, /^Risk/).click()
  await page.getByRole('checkbox', { name: 'Short supply' }).check()
  await page.getByRole('spinbutton', { name: 'Short supply of AAPL' }).fill('-5')
  await expect
    .poll(() => page.locator('.rule [role=alert]').innerText())
    .toBe('Expected a number of at least 0.')
})

test('a wrong number that is left behind is said not to be taken, and the last right one stays', async () => {
  const page = await open()
  await tab(page, /^Risk/).click()
  await page.getByRole('checkbox', { name: 'Size', exact: true }).check()
  const size = page.getByRole('spinbutton', { name: 'Size' })
  await size.fill('-5')
  await page.keyboard.press('Tab')
  await page.getByText('-5 is not taken, 100 stays. Expected a number of at least 0.').waitFor()
  await expect.poll(() => size.inputValue()).toBe('100')
  await size.fill('120')
  await page.getByText('-5 is not taken').waitFor({ state: 'detached' })

  // Every other form has the same box.
  await page.getByRole('tab', { name: 'Costs and fills' }).click()
  const leverage = page.getByRole('spinbutton', { name: 'Leverage' })
  await leverage.fill('0.5')
  await page.keyboard.press('Tab')
  await page.getByText('0.5 is not taken, 1 stays. Expected a number from 1 to 100.').waitFor()
  await page.getByRole('tab', { name: 'Inputs' }).click()
  const fast = page.getByRole('spinbutton', { name: /^Fast.*as a number/i }).first()
  await fast.fill('')
  await page.keyboard.press('Tab')
  await page.getByText(/^That is not taken, \d+ stays\. Expected a whole number from/).waitFor()
  expect(page.problems).toEqual([])
})

test('what a drawdown rule decides is told in the log, the table and on the chart, with its numbers', async () => {
  const page = await open()
  await tab(page, /^Risk/).click()
  await page.getByRole('checkbox', { name: 'Drawdown' }).check()
  await page.getByRole('spinbutton', { name: 'Drawdown' }).fill('5')
  await page
    .locator('.chart')
    .getByRole('button', { name: /^Refused and clipped/ })
    .waitFor()
  await tab(page, /^Log/).click()
  await page
    .getByText(/^Rules: .*drawdown/i)
    .first()
    .waitFor()
  await tab(page, /^Trades/).click()
  await page.getByRole('radiogroup', { name: 'What is listed' }).getByText('Refused and clipped').click()
  const rows = page.getByRole('grid', { name: 'Refused and clipped' }).getByRole('row')
  await expect.poll(() => rows.nth(1).innerText()).toMatch(/Rules[\s\S]*5/)
  expect(page.problems).toEqual([])
})
