import { expect, test } from 'vitest'
import { blockStorage, limit, openApp, type OpenPage, violations, writeCode } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 } }
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

const header = `import { BarStrategy, type BarEvent, Side } from 'outcry'\n`
const strategy = (body: string) =>
  `${header}export default class Mine extends BarStrategy {\n  async onBar({ target: bar }: BarEvent) {\n${body}\n  }\n}\n`

/** Waits until the first run's figures are there. */
async function open(options: Parameters<typeof openApp>[0] = desk): Promise<OpenPage> {
  const page = await openApp(options)
  await page.locator('.headline').waitFor()
  return page
}

const digest = (page: OpenPage) => page.locator('footer code').innerText()
const tab = (page: OpenPage, name: string) => page.getByRole('tab', { name }).first()

test('the first screen shows candles, figures and an honest sentence, with nothing pressed and nothing complained of', async () => {
  const page = await open()
  await expect.poll(() => page.locator('.plot canvas').count()).toBeGreaterThan(0)
  await expect.poll(() => page.locator('.verdict b').innerText()).toMatch(/buy and hold/)
  await expect
    .poll(() => page.locator('.headline').innerText())
    .toMatch(/Return[\s\S]*Sharpe[\s\S]*Max drawdown[\s\S]*Costs/)
  await expect
    .poll(() => page.locator('footer').innerText())
    .toMatch(/Next-open fills[\s\S]*Commission 0\.1[\s\S]*America\/New_York/)
  expect(page.problems).toEqual([])
})

test('no more than 140 KB of script and style come before the first chart with its trades', async () => {
  const page = await openApp(desk)
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      const chart = document.querySelector('.plot canvas') && document.querySelector('.chart')
      if (!/Trades\s*\d/.test(chart?.textContent ?? '')) return
      performance.mark('first chart')
      observer.disconnect()
    }).observe(document, { childList: true, subtree: true })
  })
  await page.reload()
  await page.locator('.headline').waitFor()
  const chart = await page.evaluate(() => performance.getEntriesByName('first chart')[0]!.startTime)
  const files = await page.evaluate(
    (before) =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ name, responseEnd }) => /\.(js|css)$/.test(name) && responseEnd < before)
        .map(({ name, encodedBodySize }) => [name.replace(/.*\//, ''), encodedBodySize] as const),
    chart,
  )
  const total = files.reduce((sum, [, size]) => sum + size, 0)
  console.log(`first chart after ${Math.round(chart)} ms; script and style before it: ${total} bytes`, files)
  expect(files.length).toBeGreaterThan(2)
  expect(total).toBeLessThanOrEqual(140_000)
})

test('a slider runs the strategy again, and its default brings the first result back', async () => {
  const page = await open()
  const before = await digest(page)
  const fast = page.getByRole('slider', { name: 'fast' })
  await fast.focus()
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => digest(page)).not.toBe(before)
  await page.getByRole('button', { name: 'Reset fast to 10' }).click()
  await expect.poll(() => digest(page)).toBe(before)
})

test('the chart counts the trades that the list of trades holds, also after another run', async () => {
  const page = await open()
  const listed = async () => (await tab(page, 'Trades').innerText()).replace(/\D/g, '')
  const drawn = async () =>
    (
      await page
        .locator('.chart')
        .getByRole('button', { name: /^Trades/ })
        .innerText()
    ).replace(/\D/g, '')
  const before = await listed()
  await expect.poll(drawn).toBe(before)
  await page.getByRole('slider', { name: 'fast' }).focus()
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft')
  await expect.poll(listed).not.toBe(before)
  // Runs may still follow one another here.
  await expect.poll(async () => (await drawn()) === (await listed())).toBe(true)
})

test('costs are stated beside the result and change it', async () => {
  const page = await open()
  const before = await digest(page)
  await tab(page, 'Costs and fills').click()
  await page.getByLabel('Commission').fill('0')
  await page.getByLabel('Slippage').fill('0')
  await expect.poll(() => digest(page)).not.toBe(before)
  await expect
    .poll(() => page.locator('footer').innerText())
    .toContain('No costs are taken, which is optimistic')
  await page.getByLabel('Commission').fill('99')
  await expect.poll(() => page.locator('.field .error').innerText()).toBe('Expected a number from 0 to 10.')
})

test('costs of other forms and shares of a bar can be chosen, are told in words, and are taken back', async () => {
  const page = await open()
  const before = await digest(page)
  const said = () => page.locator('footer').innerText()
  await tab(page, 'Costs and fills').click()
  await page.getByText('Other forms of cost').click()
  await page.getByRole('button', { name: /US shares, fixed price/ }).click()
  await expect.poll(said).toMatch(/Commission 0\.005 a unit, at least 1, at most 1.% of its value/)
  await expect.poll(() => page.getByLabel('Each share').inputValue()).toBe('0.005')
  await page.getByLabel('Slips by ticks').fill('2')
  await page.getByLabel('Bar volume').selectOption('2.5 %')
  await page.getByRole('radio', { name: 'Touched' }).check({ force: true })
  await expect
    .poll(said)
    .toMatch(/limit orders fill at a touch, which is optimistic[\s\S]*at most 2\.5.% of a bar's volume/)
  await expect.poll(() => said()).toMatch(/slippage 0\.05.% and 2 ticks/)
  await page.reload()
  await page.locator('.headline').waitFor()
  await expect.poll(() => said()).toMatch(/at most 2\.5.% of a bar's volume/)
  await tab(page, 'Costs and fills').click()
  await page.getByRole('button', { name: 'Reset costs and fills' }).click()
  await expect.poll(() => digest(page)).toBe(before)
  await expect.poll(() => said()).not.toContain("of a bar's volume")
  expect(page.problems).toEqual([])
})

test('a run that is asked for by keys takes the text that stands in a box', async () => {
  const page = await open()
  await writeCode(
    page,
    `import { BarStrategy } from 'outcry'
export default class extends BarStrategy {
  word = this.input('word', 'before')
  name = this.input('toString', 7)
  onStart() { this.log('the word is', this.word) }
  onBar() {}
}`,
  )
  await page.keyboard.press('Control+Enter')
  await page.getByRole('tab', { name: /^Log/ }).click()
  const log = page.getByRole('tabpanel', { name: /^Log/ })
  await log.getByText('the word is before').waitFor({ timeout: limit(20_000) })
  expect(await page.getByLabel('toString').inputValue()).toBe('7')
  await page.getByLabel('word').fill('after')
  await page.keyboard.press('Control+Enter')
  await log.getByText('the word is after').waitFor({ timeout: limit(20_000) })
}, 120_000)

test('an endless loop is stopped with Escape, and the next run works', async () => {
  const page = await open()
  const before = await digest(page)
  await writeCode(page, strategy('    while (true) {}'))
  await page.keyboard.press('Control+Enter')
  await page.getByText('Running…').waitFor()
  await page.locator('h1').click()
  const pressed = Date.now()
  await page.keyboard.press('Escape')
  await page.getByText(/^Stopped after/).waitFor()
  console.log(`stopped and told after ${Date.now() - pressed} ms`)
  await writeCode(page, strategy('    void bar'))
  await page.keyboard.press('Control+Enter')
  await expect.poll(() => digest(page)).not.toBe(before)
  await expect.poll(() => page.locator('.verdict b').innerText()).toMatch(/never traded/)
  await tab(page, 'Trades').click()
  await page.getByText('made no trades').waitFor()
})

test('silence is told, and the reader decides whether to wait', async () => {
  const page = await open()
  await writeCode(page, strategy('    while (true) {}'))
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Keep waiting' }).click()
  await page.getByRole('button', { name: 'Stop' }).first().click()
  await page.getByText(/^Stopped after/).waitFor()
})

test('an error of the strategy leads to its line and names its bar', async () => {
  const page = await open()
  await writeCode(page, strategy(`    if (bar.close > 100) throw new RangeError('too dear')`))
  await page.keyboard.press('Control+Enter')
  await page.getByText('RangeError: too dear').first().waitFor()
  await tab(page, 'Problems').click()
  const problem = page.locator('.results li button').first()
  await expect
    .poll(() => problem.innerText())
    .toMatch(/too dear[\s\S]*sma-crossover\.ts:4:\d+[\s\S]*20\d\d-\d\d-\d\d, bar/)
  await problem.click()
  await expect.poll(() => page.locator('.monaco-editor .squiggly-error').count()).toBeGreaterThan(0)
})

test('code that does not compile says where, and the result before stays', async () => {
  const page = await open()
  const before = await digest(page)
  await writeCode(page, `${header}export default class {`)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: /Show line/ }).waitFor()
  await expect.poll(() => digest(page)).toBe(before)
  await expect.poll(() => page.locator('footer').innerText()).toContain('Code edited since this run')
})

test('a type error is listed without keeping the strategy from running', async () => {
  const page = await open()
  const before = await digest(page)
  await writeCode(page, strategy(`    const price: string = bar.close\n    void price`))
  await expect.poll(() => tab(page, 'Problems').innerText()).toMatch(/1/)
  await page.keyboard.press('Control+Enter')
  await expect.poll(() => digest(page)).not.toBe(before)
})

test('thousands of trades scroll as quickly as ten', async () => {
  const page = await open()
  await page.getByRole('button', { name: /^Prices/ }).click()
  await page.getByRole('menuitemradio', { name: /Random walk/ }).click()
  await writeCode(
    page,
    strategy(
      `    const held = this.position(bar.instrument).size > 0\n    await this.newOrder({ instrument: bar.instrument, side: held ? Side.SELL : Side.BUY, volume: 1 })`,
    ),
  )
  await page.keyboard.press('Control+Enter')
  await tab(page, 'Trades').click()
  await expect.poll(() => tab(page, 'Trades').innerText()).toMatch(/5,000/)
  const grid = page.getByRole('grid', { name: 'Trades' })
  await grid.focus()
  await page.keyboard.press('End')
  await expect.poll(() => grid.locator('[aria-selected=true]').innerText()).toMatch(/5,000/)
  await expect.poll(() => grid.getByRole('row').count()).toBeLessThan(60)
  await grid.getByRole('button', { name: 'P&L' }).click()
  await expect
    .poll(() => grid.getByRole('columnheader', { name: 'P&L' }).getAttribute('aria-sort'))
    .toBe('descending')
})

test('a trade of seconds tells its seconds', async () => {
  const page = await open()
  await page.getByRole('button', { name: /^Prices/ }).click()
  await page.getByRole('menuitemradio', { name: /Synthetic market/ }).click()
  await tab(page, 'Trades').click()
  const cell = page
    .getByRole('grid', { name: 'Trades' })
    .getByText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    .first()
  await cell.waitFor()
  expect(await cell.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0)
})

test('a draft survives a reload and can be taken back', async () => {
  const page = await open()
  await writeCode(page, strategy('    void bar // mine'))
  await page.locator('header', { hasText: 'saved' }).waitFor()
  await page.waitForTimeout(700)
  await page.reload()
  await expect.poll(() => page.locator('.editor').first().innerText()).toContain('mine')
  await page.getByText('as you left it').waitFor()
  await page.getByRole('button', { name: /^Strategy/ }).click()
  await page.getByRole('menuitem', { name: /Revert/ }).click()
  await page.locator('.headline').waitFor()
  await expect.poll(() => page.locator('.editor').first().innerText()).not.toContain('mine')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => page.locator('.editor').first().innerText()).toContain('mine')
})

test('with storage blocked the playground runs and says that nothing is kept', async () => {
  const page = await openApp(desk)
  await blockStorage(page)
  await page.locator('.headline').waitFor()
  await page.getByText('This browser keeps nothing for this page').waitFor()
})

test('prices that cannot be fetched are told, and can be asked for again', async () => {
  const page = await openApp(desk)
  await page.route(/aapl.*csv|first-run/, (route) => route.abort())
  await page.reload()
  await page.getByText('The prices could not be loaded').waitFor()
  await page.unroute(/aapl.*csv|first-run/)
  await page.getByRole('button', { name: 'Try again' }).first().click()
  await page.locator('.headline').waitFor()
})

test('a data worker that does not start is told, and started again when asked', async () => {
  const page = await openApp(desk)
  await page.route(/data-.*js|first-run/, (route) => route.abort())
  await page.reload()
  await page.getByText('The prices could not be loaded').waitFor()
  await page.unroute(/data-.*js|first-run/)
  await page.getByRole('button', { name: 'Try again' }).first().click()
  await page.locator('.headline').waitFor()
})

test('the theme is chosen, applies to page and chart, and is remembered', async () => {
  const page = await open()
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.querySelector('header')!).backgroundColor)
  await expect.poll(() => ground()).toBe('rgb(255, 255, 255)')
  await page.getByRole('button', { name: 'Look' }).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  await expect.poll(() => ground()).toBe('rgb(20, 24, 28)')
  await page.reload()
  await page.locator('.headline').waitFor()
  await expect.poll(() => ground()).toBe('rgb(20, 24, 28)')
})

test('splitters move by keyboard, are remembered, and a double click resets them', async () => {
  const page = await open()
  const splitter = page.getByRole('separator', { name: 'Width of the code' })
  const share = () => splitter.getAttribute('aria-valuenow')
  const initial = await share()
  await splitter.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  const moved = await share()
  expect(Number(moved)).toBeGreaterThan(Number(initial))
  await page.reload()
  await page.locator('.headline').waitFor()
  await expect.poll(() => share()).toBe(moved)
  await splitter.dblclick()
  await expect.poll(() => share()).toBe(initial)
})

test('the keyboard alone reaches everything and shows where it is', async () => {
  const page = await open()
  await page.locator('.monaco-editor').first().waitFor()
  const seen: string[] = []
  await page.locator('h1').click()
  for (let press = 0; press < 60; press++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      if (!element || element === document.body) return undefined
      if (element.closest('.monaco-editor')) return { name: 'editor', visible: true }
      const marks = (style: CSSStyleDeclaration) =>
        style.outlineStyle !== 'none' || style.boxShadow !== 'none'
      const after = getComputedStyle(element, '::after')
      const around = element.closest<HTMLElement>('.box, label')
      const visible =
        marks(getComputedStyle(element)) ||
        (around && marks(getComputedStyle(around))) ||
        (after.content !== 'none' && (marks(after) || after.borderTopStyle !== 'none'))
      const name = element.getAttribute('aria-label') ?? element.innerText ?? ''
      return {
        name: `${element.getAttribute('role') ?? element.tagName} ${name.trim().slice(0, 40)}`,
        visible: Boolean(visible),
      }
    })
    if (!at) break
    if (at.name === 'editor') await page.keyboard.press('Control+M')
    expect(at, `focus on ${at.name} is seen`).toMatchObject({ visible: true })
    seen.push(at.name)
  }
  const all = seen.join('\n')
  for (const wanted of [
    'SMA crossover',
    'Prices',
    'Run',
    'Strategy reference',
    'Look',
    'editor',
    'Height of the code',
    'Inputs',
    'Width of the code',
    'application',
    'Height of the chart',
    'Overview',
    'Return',
    'digest',
  ])
    expect(all).toContain(wanted)
  await tab(page, 'Overview').focus()
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => tab(page, 'Trades').getAttribute('aria-selected')).toBe('true')
  const grid = page.getByRole('grid', { name: 'Trades' })
  await grid.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => grid.getAttribute('aria-activedescendant')).toMatch(/-1$/)
})

test('a phone reads, drags and runs; nothing is too small to touch or off the screen', async () => {
  const page = await open(phone)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  const before = await digest(page)
  const fast = page.getByRole('slider', { name: 'fast' })
  await fast.evaluate((slider: HTMLInputElement) => {
    slider.value = '20'
    slider.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await expect.poll(() => digest(page)).not.toBe(before)
  const small = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('header button, nav button, [role=tab], .inputs input')]
      .filter((element) => element.offsetParent && element.getClientRects()[0]!.height < 38)
      .map((element) => element.outerHTML.slice(0, 120)),
  )
  expect(small).toEqual([])
  await page.getByRole('tab', { name: 'Code' }).tap()
  await expect.poll(() => page.locator('.editor textarea').count()).toBe(1)
  await page.getByRole('tab', { name: 'Trades' }).tap()
  await page.getByRole('grid', { name: 'Trades' }).waitFor()
  await page.getByRole('tab', { name: 'More' }).tap()
  await page.getByText('Profit factor').waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).tap()
  await page.locator('.headline').waitFor()
})

test('German readers see German numbers and can type them', async () => {
  const page = await open({ ...desk, locale: 'de-DE' })
  await expect.poll(() => page.locator('.headline').innerText()).toMatch(/\+\d+,\d\u202f%/)
  await expect.poll(() => page.locator('footer').innerText()).toContain('0,05\u202f%')
})

test('the samples are shown with curves of their own, and open', async () => {
  const page = await open()
  const before = await digest(page)
  await page.getByRole('button', { name: /^Strategy/ }).click()
  await page.getByRole('menuitem', { name: /Browse the samples/ }).click()
  await expect.poll(() => page.locator('dialog path').count()).toBe(8)
  expect(await violations(page)).toEqual([])
  await page
    .locator('dialog')
    .getByRole('button', { name: /^Buy and hold/ })
    .click()
  await expect.poll(() => digest(page)).not.toBe(before)
  await expect.poll(() => page.locator('header').innerText()).toContain('Buy and hold')
})

test.each([
  ['light', desk],
  ['dark', desk],
  ['light', phone],
  ['dark', phone],
] as const)('no serious barrier for assistive technology: %s, %o', async (colorScheme, device) => {
  const page = await open({ ...device, colorScheme })
  if (device === desk) await page.locator('.monaco-editor').first().waitFor()
  expect(await violations(page)).toEqual([])
  const names =
    device === desk ? ['Trades', 'Log', 'Problems', 'Costs and fills'] : ['Code', 'Trades', 'More']
  for (const name of names) {
    await tab(page, name).click()
    await page.waitForTimeout(150)
    expect(await violations(page), name).toEqual([])
  }
})
