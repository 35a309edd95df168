import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limit, openApp, violations, writeCode } from './harness.ts'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'outcry-journal-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const hangs = `import { BarStrategy, type BarEvent } from 'outcry'
export default class Hangs extends BarStrategy {
  size = this.input('size', 1, { min: 1, max: 9 })
  seen = 0
  async onBar({ target: { instrument } }: BarEvent) {
    if (++this.seen === 3) await this.buy(instrument, this.size)
    if (this.seen === 5) this.log('holds one')
    while (this.seen === 100);
  }
}
`

test('a run that is ended in an endless loop leaves its journal, which can be saved and performed again', async () => {
  const page = await openApp({ viewport: { width: 1440, height: 900 } })
  await page
    .locator('footer')
    .getByText('Confirmed', { exact: true })
    .waitFor({ timeout: limit(30_000) })
  await writeCode(page, hangs)
  await page.keyboard.press('Control+Enter')
  const silent = page.locator('.notice', { hasText: 'stopped answering' })
  await silent.waitFor({ timeout: limit(30_000) })
  await silent.getByRole('button', { name: 'Stop' }).click()
  const ended = page.locator('.notice', { hasText: 'Stopped after' })
  await ended.waitFor({ timeout: limit(10_000) })

  // By keys alone: from what is said of the run to the panel that has the journal.
  await ended.getByRole('button', { name: 'Journal until then' }).focus()
  await page.keyboard.press('Enter')
  const remains = page.locator('.remains')
  await remains.getByRole('button', { name: 'Journal' }).focus()
  expect(await violations(page, '.remains')).toEqual([])
  await page.keyboard.press('Enter')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'JSON lines' }).press('Enter'),
  ])
  expect(file.suggestedFilename()).toMatch(/-journal-until-move-\d+\.jsonl$/)
  const path = join(folder, 'left.jsonl')
  await file.saveAs(path)
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const entries = lines.map((line) => JSON.parse(line) as { event?: string; text?: string; end?: string })
  const count = (event: string) => entries.filter((entry) => entry.event === event).length
  // Inputs that nobody chose have the values that their strategy declares.
  expect(entries[0]).toMatchObject({ strategies: [{ inputs: { size: 1 } }] })
  // A sixty-fourth of the run is the most that the end can cost.
  expect(count('BAR')).toBeGreaterThanOrEqual(80)
  expect([count('NEW ORDER'), count('MY FILL')]).toEqual([1, 1])
  expect(entries.find(({ event }) => event === 'LOG')).toMatchObject({ text: 'holds one' })
  expect(entries.at(-1)).toMatchObject({ end: 'cut', lines: lines.length - 2 })

  const again = spawnSync(process.execPath, ['src/outcry.mjs', 'replay', path, '--json'], {
    encoding: 'utf8',
  })
  expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining('ended from outside') })
  expect(JSON.parse(again.stdout)).toMatchObject({ digest: (entries.at(-1) as { digest?: string }).digest })

  await page.keyboard.press('Control+Enter')
  await page.getByText('The latest run was stopped').waitFor({ state: 'detached', timeout: limit(10_000) })
  expect(page.problems).toEqual([])
})
