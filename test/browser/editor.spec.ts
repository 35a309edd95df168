import { expect, test } from 'vitest'
import { openApp, type OpenPage, writeCode } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 }, locale: 'en-US' } as const

/** The app once Monaco has taken over. */
async function openEditor(): Promise<OpenPage> {
  const page = await openApp(desk)
  await page.locator('.monaco-editor .view-line').first().waitFor()
  return page
}

/** Puts the caret at the end of the line that holds a text. */
async function endOf(page: OpenPage, text: string): Promise<void> {
  await page.locator('.view-line', { hasText: text }).first().click()
  await page.keyboard.press('End')
}

test('the code can be read and edited before Monaco is there, and what is typed is kept when it comes', async () => {
  const page = await openApp(desk)
  const area = page.getByRole('textbox', { name: /strategy code/ })
  await area.waitFor()
  const plain = await page.locator('.editor .line', { hasText: 'export default class' }).boundingBox()
  await area.click()
  await page.keyboard.press('Control+End')
  let typed = '// '
  await page.keyboard.type(typed)
  while (!(await page.locator('.monaco-editor .view-line').count())) {
    await page.keyboard.type('x')
    typed += 'x'
  }
  await page.keyboard.type('end')
  // Monaco draws blanks as no-break spaces.
  const shown = async () =>
    (await page.locator('.view-line').allInnerTexts()).join('\n').replaceAll('\u00a0', ' ')
  await expect.poll(shown).toContain(`${typed}end`)
  const taken = await page.locator('.view-line', { hasText: 'export default class' }).boundingBox()
  expect(Math.abs(taken!.y - plain!.y)).toBeLessThanOrEqual(1)
  expect(taken!.height).toBe(plain!.height)
})

test('completion knows the strategy API', async () => {
  const page = await openEditor()
  await endOf(page, 'crossedBelow')
  await page.keyboard.press('Enter')
  await page.keyboard.type('this.inp')
  await page.locator('.suggest-widget .monaco-list-row', { hasText: /^input/ }).waitFor()
})

test('hovering a name shows what it does, with an example', async () => {
  const page = await openEditor()
  const hover = page.locator('.monaco-hover', { hasText: 'Declares a value' })
  const name = page.locator('.view-line span', { hasText: /^input$/ }).first()
  await expect
    .poll(
      async () => {
        await page.mouse.move(10, 400)
        await name.hover()
        await page.waitForTimeout(800)
        return hover.count()
      },
      { timeout: 60_000 },
    )
    .toBe(1)
  await expect.poll(() => hover.innerText()).toContain("this.input('fast', 10, { min: 2, max: 50, step: 1 })")
})

test('a type error is marked on its line and listed among the problems', async () => {
  const page = await openEditor()
  await endOf(page, 'crossedBelow')
  await page.keyboard.press('Enter')
  await page.keyboard.type('const wrong: string = this.fast;')
  await page.locator('.squiggly-error').first().waitFor()
  await page.getByRole('tab', { name: /^Problems/ }).click()
  await page
    .getByText(/Type 'number' is not assignable to type 'string'/)
    .first()
    .waitFor()
})

test('a strategy sees no browser: document is unknown to it', async () => {
  const page = await openEditor()
  await endOf(page, 'crossedBelow')
  await page.keyboard.press('Enter')
  await page.keyboard.type('document.title;')
  await page.getByRole('tab', { name: /^Problems/ }).click()
  await page
    .getByText(/Cannot find name 'document'/)
    .first()
    .waitFor()
})

test('a condition that no refusal makes false is warned of, and mended by the keyboard', async () => {
  const page = await openEditor()
  await writeCode(
    page,
    `import { BarStrategy, type BarEvent } from 'outcry'

export default class Mine extends BarStrategy {
  async onBar({ target: bar }: BarEvent) {
    if (await this.buy(bar.instrument, 1)) this.log('bought')
  }
}
`,
  )
  await page.locator('.squiggly-warning').first().waitFor()
  await page.getByRole('tab', { name: /^Problems/ }).click()
  await page
    .getByRole('button', { name: /An answer is an object, so this is true for refused orders too/ })
    .click()
  await page.keyboard.press('Control+.')
  await page.locator('.action-widget', { hasText: 'Test .accepted' }).waitFor()
  const title = page.locator('.action-widget .title').first()
  const beyond = () =>
    title.evaluate((words) => {
      const row = words.closest('.monaco-list-row')!.getBoundingClientRect()
      const cuts = getComputedStyle(words).overflow !== 'visible'
      return words.scrollWidth - (cuts ? words.clientWidth : row.right - words.getBoundingClientRect().left)
    })
  await expect.poll(beyond, { message: 'not cut' }).toBeLessThanOrEqual(1)
  await page.keyboard.press('Enter')
  await page
    .locator('.view-line', { hasText: 'if ((await this.buy(bar.instrument, 1)).accepted) this.log(' })
    .waitFor()
  await page.locator('.squiggly-warning').first().waitFor({ state: 'detached' })
  expect(page.problems).toEqual([])
})

test('Control and Enter run what is written', async () => {
  const page = await openEditor()
  await page.getByRole('button', { name: /^SMA 10\b/ }).waitFor()
  await page.locator('.view-line span', { hasText: /^10$/ }).first().dblclick()
  await page.keyboard.type('12')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: /^SMA 12\b/ }).waitFor()
})

test('on a phone the code is a plain text area with letters of 16 px, and Monaco is not fetched', async () => {
  const page = await openApp({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  const fetched: string[] = []
  page.on('request', (request) => fetched.push(request.url()))
  await page
    .getByRole('tab', { name: 'Code' })
    .or(page.getByRole('button', { name: 'Code' }))
    .first()
    .click()
  const area = page.getByRole('textbox', { name: /strategy code/ })
  await area.waitFor()
  expect(await area.evaluate((element) => getComputedStyle(element).fontSize)).toBe('16px')
  await page.waitForTimeout(2000)
  expect(fetched.filter((url) => /monaco|ts\.worker/.test(url))).toEqual([])
})
