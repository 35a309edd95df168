import { expect, inject, test } from 'vitest'
import { browser, openApp, type OpenPage } from './harness.ts'

/** A machine that others use too takes its time. */
const patient = { timeout: 15_000 }
const desk = { viewport: { width: 1440, height: 900 } }

const strategy = (body: string, imports = '') =>
  `import { BarStrategy, type BarEvent, Side } from 'outcry'\n${imports}export default class Mine extends BarStrategy {\n  async onBar({ target: bar }: BarEvent) {\n${body}\n  }\n}\n`

/** Waits until the first run's figures are there. */
async function open(options: Parameters<typeof openApp>[0] = desk): Promise<OpenPage> {
  const page = await openApp(options)
  await page.locator('.headline').waitFor({ timeout: 20_000 })
  return page
}

/** Another tab of the same browser. */
async function another(page: OpenPage): Promise<OpenPage> {
  const tab = Object.assign(await page.context().newPage(), { problems: [] as string[] })
  await tab.goto(inject('app'))
  return tab
}

/** Puts a text in place of all the code, as somebody who pastes it would. */
async function write(page: OpenPage, code: string) {
  const monaco = page.locator('.monaco-editor').first()
  await monaco.waitFor({ timeout: 30_000 })
  await monaco.click({ position: { x: 200, y: 60 } })
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(code)
}

const saved = (page: OpenPage) => page.locator('header [role=status]', { hasText: /^saved$/ }).waitFor()
/** Monaco draws spaces that do not break. */
const code = async (page: OpenPage) => (await page.locator('.editor').innerText()).replaceAll('\u00a0', ' ')
const digest = (page: OpenPage) => page.locator('footer code').innerText()

async function menu(page: OpenPage, item: RegExp | string) {
  await page.getByRole('button', { name: /^Strategy/ }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

test('drafts of the version before are there, with their names, after the database has grown', async () => {
  const context = await (await browser()).newContext(desk)
  const page = Object.assign(await context.newPage(), { problems: [] as string[] })
  await page.route('**/*', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>before</title>' }),
  )
  await page.goto(inject('app'))
  await page.evaluate(async () => {
    const opening = indexedDB.open('outcry', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore('drafts', { keyPath: 'id' })
    await new Promise((resolve) => (opening.onsuccess = resolve))
    const transaction = opening.result.transaction('drafts', 'readwrite')
    const put = (draft: object) => transaction.objectStore('drafts').put(draft)
    put({ id: 'own:1', name: 'My old one', source: '// written last year', changed: 1.6e12 })
    put({ id: 'sample:buy-and-hold', name: 'Buy and hold', source: '// my changes', changed: 1.6e12 })
    put({ id: 'own:2', name: 'Broken', changed: 1 })
    await new Promise((resolve) => (transaction.oncomplete = resolve))
    opening.result.close()
  })
  await page.unroute('**/*')
  await page.goto(inject('app'))
  await page.locator('.headline').waitFor({ timeout: 20_000 })
  await page.getByRole('button', { name: /^Strategy/ }).click()
  await page.getByRole('menuitemradio', { name: /Buy and hold.*edited/ }).waitFor()
  await page.getByRole('menuitemradio', { name: /My old one/ }).click()
  await expect.poll(() => code(page), patient).toContain('written last year')
  const version = await page.evaluate(async () => (await indexedDB.databases())[0])
  expect(version).toEqual({ name: 'outcry', version: 2 })
})

test('a strategy of two files runs, and what is wrong in the second leads there', async () => {
  const page = await open()
  await menu(page, 'New strategy')
  await write(
    page,
    strategy(
      '    if (lucky(bar.close)) await this.buy(bar.instrument, 1)',
      "import { lucky } from './luck'\n",
    ),
  )
  await page.getByRole('button', { name: 'New file' }).click()
  await page.getByLabel('Name of the new file').fill('luck.ts')
  await page.keyboard.press('Enter')
  await page.getByRole('tab', { name: 'luck.ts', selected: true }).waitFor()
  await write(page, 'export const lucky = (price: number) => price > 0\n')
  await page.keyboard.press('Control+Enter')
  await page.locator('.headline').waitFor({ timeout: 40_000 })
  const first = await digest(page)
  await write(page, '\n\nexport const lucky = (price: number) => (null as unknown as number[])[price]! > 0\n')
  await page.getByRole('tab', { name: /strategy\.ts/ }).click()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('alert').getByText('of null').waitFor({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Show line 3' }).click()
  await page.getByRole('tab', { name: 'luck.ts', selected: true }).waitFor()
  expect(await digest(page)).toBe(first)
  await saved(page)
  await page.reload()
  await page.getByRole('tab', { name: 'luck.ts' }).click()
  await expect.poll(() => code(page), patient).toContain('null as unknown')
})

test('a second tab reads, follows and takes over; neither writes over the other', async () => {
  const page = await open()
  await menu(page, 'New strategy')
  await write(page, '// one')
  await saved(page)
  const other = await another(page)
  await other.getByText('open in another tab, so it can only be read here').waitFor({ timeout: 20_000 })
  await page.bringToFront()
  await write(page, '// two')
  await saved(page)
  await expect.poll(() => code(other), patient).toContain('// two')
  await write(page, '// three, not kept yet')
  await other.bringToFront()
  await other.getByRole('button', { name: 'Take over' }).click()
  await page.getByText('open in another tab').waitFor()
  await expect.poll(() => code(other), patient).toContain('three, not kept yet')
  await write(other, '// four')
  await saved(other)
  await expect.poll(() => code(page), patient).toContain('// four')
  await page.getByRole('button', { name: 'Go on with a copy' }).click()
  await page.bringToFront()
  await write(page, '// five')
  await saved(page)
  expect(await code(other)).toContain('// four')
  await other.close()
})

const tab = (page: OpenPage, name: RegExp | string) => page.getByRole('tab', { name })
const cards = (page: OpenPage) => page.getByRole('option')

/** Moves a slider by some steps, as one drag. */
async function drag(page: OpenPage, name: string, steps: number) {
  const before = await digest(page)
  await page.getByRole('slider', { name }).focus()
  for (let i = 0; i < steps; i++) await page.keyboard.press('ArrowRight')
  await expect.poll(() => digest(page), patient).not.toBe(before)
  await page.waitForTimeout(1700)
}

test('every run is a snapshot: they are listed, pinned, named, compared and restored, all by keyboard', async () => {
  const page = await open()
  await tab(page, /^History/).click()
  await expect.poll(() => cards(page).count(), patient).toBe(1)
  const first = await digest(page)
  await drag(page, 'fast', 3)
  await drag(page, 'slow', 4)
  expect(await cards(page).count()).toBe(3)
  expect(await cards(page).first().innerText()).toContain('slow 34')
  await cards(page).first().focus()
  await page.keyboard.press('End')
  await page.keyboard.press(' ')
  await page.getByRole('button', { name: 'Pin' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Name…' }).press('Enter')
  await page.keyboard.type('As it came')
  await page.keyboard.press('Enter')
  await page.getByRole('option', { name: /As it came.*pinned/ }).waitFor()
  await cards(page).first().focus()
  await page.keyboard.press(' ')
  await page.getByRole('button', { name: 'Compare the two' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Compare' })
  expect(await dialog.innerText()).toMatch(
    /Input fast: 10 became 13\.\s+Input slow: 30 became 34\.\s+The code is the same\./,
  )
  await dialog.getByRole('img', { name: 'Equity of both runs' }).waitFor()
  await dialog.getByRole('tab', { name: /^Trades/ }).click()
  expect(await dialog.innerText()).toMatch(/\d+ added, \d+ removed, \d+ moved/)
  await page.keyboard.press('Escape')
  await page.waitForTimeout(1500)
  await page.reload()
  await tab(page, /^History 3/).click()
  await page.getByRole('option', { name: /As it came/ }).click()
  await page.getByRole('button', { name: 'Restore' }).click()
  await expect.poll(() => digest(page), patient).toBe(first)
  expect(await page.getByLabel('fast').first().inputValue()).toBe('10')
})

test('restoring keeps first the text that had not run, and code is compared in the editor', async () => {
  const page = await open()
  await write(page, '// half an idea')
  await tab(page, /^History/).click()
  await cards(page).first().click()
  await page.getByRole('button', { name: 'Compare with now' }).click()
  const dialog = page.getByRole('dialog', { name: 'Compare' })
  expect(await dialog.innerText()).toContain('The code differs.')
  await dialog.getByRole('tab', { name: /^Code/ }).click()
  await dialog.locator('.monaco-diff-editor').waitFor({ timeout: 20_000 })
  await expect
    .poll(async () => (await dialog.locator('.monaco-diff-editor').innerText()).replaceAll('\u00a0', ' '))
    .toContain('half an idea')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Restore' }).click()
  await expect.poll(() => code(page), patient).toContain('SMA crossover')
  const kept = page.getByRole('option', { name: /Before restoring.*had not run/ })
  await kept.click()
  await page.getByRole('button', { name: 'Restore' }).click()
  await expect.poll(() => code(page), patient).toContain('half an idea')
})
