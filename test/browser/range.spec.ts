import { expect, inject, test } from 'vitest'
import { openApp, type OpenPage } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 } }
const status = (page: OpenPage) => page.locator('footer[aria-label]').innerText()
const digest = (page: OpenPage) => page.locator('footer code').innerText()
const bars = (page: OpenPage) => expect.poll(() => status(page))

async function open(): Promise<OpenPage> {
  const page = await openApp({ ...desk, permissions: ['clipboard-read', 'clipboard-write'] })
  await page.locator('.headline').waitFor()
  return page
}

test('a run keeps to a stretch of its data, which a link and a reload carry to the same digest', async () => {
  const page = await open()
  await page.getByRole('button', { name: /^Prices:/ }).click()
  await page.getByText('Run on a part of these…').click()
  const from = page.getByLabel('From', { exact: true })
  await expect
    .poll(() => from.evaluate((input) => input.matches(':focus')), { message: 'who chose it goes on there' })
    .toBe(true)
  const to = page.getByLabel('To', { exact: true })
  await from.fill('2015-01-01')
  await from.press('Enter')
  await bars(page).toContain('846 bars')
  await to.fill('2014-12-31')
  await to.press('Enter')
  await page
    .getByText('This is from 2015-01-01 to 2014-12-31; expected an end after the beginning.')
    .waitFor()
  await to.fill('2016-12-31')
  await to.press('Enter')
  await bars(page).toContain('504 bars')
  await page.getByText('Confirmed').waitFor()
  const own = await digest(page)

  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByText('Link copied').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  await page.keyboard.press('Escape')
  const reader = await openApp({ ...desk, path: link.slice(inject('app').length) })
  await reader.locator('.received').getByRole('button', { name: 'Run' }).click()
  await reader.getByText('Reproduced exactly.').waitFor()
  await expect.poll(() => digest(reader)).toBe(own)
  await expect.poll(() => status(reader)).toContain('504 bars')

  await page.reload()
  await bars(page).toContain('504 bars')
  await expect.poll(() => digest(page)).toBe(own)
  await page.getByRole('tab', { name: 'Costs and fills' }).click()
  await expect.poll(() => from.inputValue()).toBe('2015-01-01')
  await expect.poll(() => to.inputValue()).toBe('2016-12-31')
  const plot = (await page.locator('.plot').boundingBox())!
  await page.mouse.move(plot.x + 300, plot.y + 100)
  await page.mouse.wheel(0, -400)
  await page.getByRole('button', { name: 'What the chart shows' }).click()
  await bars(page).not.toContain('504 bars')
  await expect.poll(() => from.inputValue()).toMatch(/^2015-\d\d-\d\d$/)
  await page.getByRole('button', { name: 'All of it' }).click()
  await bars(page).toContain('1,260 bars')
  expect(page.problems).toEqual([])
  expect(reader.problems).toEqual([])
})
