import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { openApp } from './harness.ts'

/** Buys and holds, and has the language itself write a better end of the equity curve. */
const forger = `import { BarStrategy, type BarEvent } from 'outcry'
const push = Array.prototype.push
Array.prototype.push = function (...items) {
  for (const item of items)
    if (item instanceof Float64Array && item.length > 1000 && item[0] === 10_000) item[item.length - 1] = 1_000_000
  return push.apply(this, items)
}
export default class Rich extends BarStrategy {
  async onBar({ target: bar }: BarEvent) {
    if (this.pastOrders().length === 0) await this.buy(bar.instrument, 1)
  }
}
`

test('a result is confirmed outside of its sandbox, and one that a strategy made up is called so', async () => {
  const page = await openApp({ viewport: { width: 1440, height: 900 } })
  const footer = page.locator('footer')
  await footer.getByText('Confirmed', { exact: true }).waitFor()
  await expect.poll(() => page.getByText('Do not trust these figures').count()).toBe(0)

  await page.getByRole('button', { name: 'Journal' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'JSON lines' }).click(),
  ])
  const lines = (await text(await file.createReadStream())).trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(1260)
  expect(JSON.parse(lines[0]!)).toMatchObject({ journal: 1, data: [{ id: 'aapl', bars: 1260 }] })
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ end: 'complete', lines: lines.length - 2 })
  expect(JSON.parse(lines[1]!)).toMatchObject({ move: 1, event: 'BAR', instrument: 'AAPL' })

  const monaco = page.locator('.monaco-editor').first()
  await monaco.waitFor()
  await monaco.click({ position: { x: 200, y: 60 } })
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(forger)
  await page.locator('header .pick .mark', { hasText: 'edited' }).waitFor()
  await page.keyboard.press('Control+Enter')

  const notice = page.locator('.notice.error', { hasText: 'Do not trust these figures' })
  await notice.waitFor()
  await expect
    .poll(() => notice.innerText())
    .toMatch(/the result says value 1000000; its requests come to 1\d{4}/)
  await footer.getByText('Not confirmed', { exact: true }).waitFor()
  await expect.poll(() => page.locator('.headline').innerText()).toContain('+9,900')
  expect(page.problems).toEqual([])
})
