import { expect, test } from 'vitest'
import { openApp, type OpenPage, violations } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 } }
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

const heading = (page: OpenPage) => page.locator('article h2')
const at = (page: OpenPage) => page.evaluate(() => location.hash)

test('the reference opens from the header, is searched with the keyboard alone, and closes where it began', async () => {
  const page = await openApp(desk)
  await page.getByRole('link', { name: 'Strategy reference' }).click()
  await heading(page).waitFor()
  await expect.poll(() => heading(page).innerText()).toBe('Strategy')
  await page.keyboard.type('trailing')
  await page.keyboard.press('Control+A')
  await page.keyboard.type('crossedab')
  await page.keyboard.press('Enter')
  await expect.poll(() => heading(page).innerText()).toBe('Indicator')
  await expect.poll(() => at(page)).toBe('#reference/Indicator.crossedAbove')
  await expect
    .poll(() =>
      page.locator('#reference-crossedAbove').evaluate((section) => {
        const page = section.closest('.page')!.getBoundingClientRect()
        const { top } = section.getBoundingClientRect()
        return top >= page.top - 1 && top < page.bottom - 100
      }),
    )
    .toBe(true)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect.poll(() => page.locator('dialog').count()).toBe(0)
  await expect.poll(() => at(page)).toBe('')
  expect(page.problems).toEqual([])
})

test('an address leads to its name, and Back to the one before', async () => {
  const page = await openApp({ ...desk, path: '#reference/rsi', colorScheme: 'dark' })
  await heading(page).waitFor()
  await expect.poll(() => heading(page).innerText()).toBe('rsi')
  await page
    .getByRole('navigation', { name: 'Names' })
    .getByRole('link', { name: 'Order', exact: true })
    .click()
  await expect.poll(() => heading(page).innerText()).toBe('Order')
  await page.goBack()
  await expect.poll(() => heading(page).innerText()).toBe('rsi')
  expect(await violations(page, 'dialog')).toEqual([])
})

test('on a phone names and text take turns, and nothing is wider than the page', async () => {
  const page = await openApp({ ...phone, path: '#reference' })
  await heading(page).waitFor()
  await page.getByRole('button', { name: 'All names' }).tap()
  await page.getByRole('link', { name: 'macd', exact: true }).tap()
  await expect.poll(() => heading(page).innerText()).toBe('macd')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  expect(await violations(page, 'dialog')).toEqual([])
})
