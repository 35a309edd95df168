import { expect, test } from 'vitest'
import { openApp, type OpenPage } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 } }

/** The app, once its first run has been shown. */
async function open(options: Parameters<typeof openApp>[0] = desk): Promise<OpenPage> {
  const page = await openApp(options)
  await page.locator('.headline').waitFor({ timeout: 20_000 })
  return page
}

/** A file of hourly bars, in which the price takes small steps up and down. */
function hourly(rows: number, options: { zone?: string; from?: number } = {}): string {
  const { zone = 'Z', from = Date.UTC(2023, 0, 1) } = options
  const lines = ['time,open,high,low,close,volume']
  for (let row = 0; row < rows; row++) {
    const base = 100 + ((row * 7) % 13) / 4
    const time = new Date(from + row * 3_600_000).toISOString().slice(0, 19)
    lines.push(`${time}${zone},${base},${base + 1},${base - 1},${base + 0.5},${1000 + row}`)
  }
  return lines.join('\n')
}

interface Dropped {
  readonly name: string
  readonly text: string
}

/** Drops files in the middle of the page, as the browser tells of it, once the page shows that it would take them. */
async function drop(page: OpenPage, ...files: readonly Dropped[]) {
  await page.evaluate(async (files) => {
    const transfer = new DataTransfer()
    for (const { name, text } of files) transfer.items.add(new File([text], name))
    const target = document.querySelector('main')!
    const tell = (type: string) =>
      target.dispatchEvent(
        new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true, composed: true }),
      )
    while (!document.querySelector('.over')) {
      tell('dragenter')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    tell('drop')
  }, files)
}

const run = (page: OpenPage) => page.getByRole('button', { name: 'Add and run' })
const status = (page: OpenPage) => page.locator('footer[aria-label]').innerText()

test('a file that is dropped says what it is, is run on, and is still there after a reload', async () => {
  const page = await open()
  await drop(page, { name: 'BTCUSD.csv', text: hourly(8760) })
  const dialog = page.getByRole('dialog', { name: 'Add prices' })
  await dialog
    .getByText('8,760 hourly bars of BTCUSD, January to December 2023, UTC, nothing odd found')
    .waitFor()
  await run(page).click()
  await expect.poll(() => status(page)).toContain('8,760 bars')
  expect(await dialog.count()).toBe(0)
  const pick = page.getByRole('button', { name: /^Prices:/ })
  expect(await pick.innerText()).toContain('BTCUSD hourly')
  await page.reload()
  await expect.poll(() => status(page)).toContain('8,760 bars')
  expect(await pick.innerText()).toContain('BTCUSD hourly')
  expect(page.problems).toEqual([])
})
