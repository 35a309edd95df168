import { expect, test } from 'vitest'
import { limit, openApp, type OpenPage, violations } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 } }
/** Where pictures for looking at go; nowhere unless a folder is given. */
const pictures = process.env['MONEY_PICTURES']

async function open(options: Parameters<typeof openApp>[0] = desk) {
  const page = await openApp(options)
  await page.locator('.headline').first().waitFor()
  return page
}

const take = (page: OpenPage, name: string) =>
  pictures ? page.screenshot({ path: `${pictures}/${name}.png` }) : undefined

test('shares in dollars can be traded from an account in euros once a rate is given', async () => {
  const page = await open()
  await page.getByRole('tab', { name: 'Costs and fills' }).click()
  const account = page.getByLabel('Account in')
  await expect.poll(() => account.inputValue()).toBe('USD')
  await account.selectOption('EUR')
  const rate = page.getByRole('spinbutton', { name: '1 USD is' })
  await page.getByText('Needed to run: the EUR that one USD is worth').waitFor()
  // Nothing runs until then, and what is missing is told where one looks and where it is mended.
  await page
    .getByText(
      'Nothing ran: the account is in EUR, and there is no rate for USD (AAPL). The results are of the run before.',
    )
    .waitFor()
  await page.getByText('No run until the rate of USD in EUR is set.').waitFor()
  await expect.poll(() => page.getByText(/RangeError|in run/).count()).toBe(0)
  // What is said of the run that is shown stays in its money.
  await expect
    .poll(() => page.locator('footer').innerText())
    .toMatch(/Cash \$10,000[\s\S]*Settings changed since this run/)
  await take(page, 'missing')
  // Back, and there again: from another panel the message leads to the box.
  await page.getByRole('button', { name: 'Back to USD' }).click()
  await page.getByText('Nothing ran').waitFor({ state: 'detached', timeout: limit(20_000) })
  await account.selectOption('EUR')
  await page.getByText('Nothing ran').waitFor()
  await page.getByRole('tab', { name: 'Inputs' }).click()
  await page.getByRole('button', { name: 'Set the rate' }).press('Enter')
  await rate.waitFor()
  await expect
    .poll(() => rate.evaluate((box) => box === document.activeElement), { message: 'the box has the focus' })
    .toBe(true)
  await rate.fill('0.9')
  await expect.poll(() => page.locator('footer').innerText()).toContain('Cash €10,000')
  await page.getByText('Settings changed since this run').waitFor({ state: 'detached' })
  await page
    .locator('.headline')
    .getByText('€')
    .first()
    .waitFor({ timeout: limit(20_000) })
  await page.getByRole('radiogroup', { name: 'Money is exchanged' }).getByText('Never').click()
  await rate.scrollIntoViewIfNeeded()
  await page.getByText('neither bears interest, which flatters loans').waitFor()
  await take(page, 'settings')
  await page.getByRole('tab', { name: 'Overview' }).click()
  await page.getByText(/Account in EUR: USD at 0\.9 throughout.*never exchanged/).waitFor()
  await take(page, 'overview')
  await page.getByRole('tab', { name: /^Trades/ }).click()
  await page.getByRole('columnheader', { name: 'Entry rate' }).waitFor()
  await page.getByRole('tab', { name: 'Steps' }).click()
  await page.getByText('in USD at 0.9').waitFor()
  await take(page, 'steps')
  expect(await violations(page)).toEqual([])
  expect(page.problems).toEqual([])
})
