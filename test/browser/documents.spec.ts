import { expect, inject, test } from 'vitest'
import { browser, openApp, type OpenPage } from './harness.ts'

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
  await expect.poll(() => code(page)).toContain('written last year')
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
  await expect.poll(() => code(page)).toContain('null as unknown')
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
  await expect.poll(() => code(other)).toContain('// two')
  await write(page, '// three, not kept yet')
  await other.bringToFront()
  await other.getByRole('button', { name: 'Take over' }).click()
  await page.getByText('open in another tab').waitFor()
  await expect.poll(() => code(other)).toContain('three, not kept yet')
  await write(other, '// four')
  await saved(other)
  await expect.poll(() => code(page)).toContain('// four')
  await page.getByRole('button', { name: 'Go on with a copy' }).click()
  await page.bringToFront()
  await write(page, '// five')
  await saved(page)
  expect(await code(other)).toContain('// four')
  await other.close()
})
