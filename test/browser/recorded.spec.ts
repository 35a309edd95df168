import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lobsterFile } from '../recordings.ts'
import { limit, openApp, type OpenPage, violations } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 } }
const messageName = 'ABC_2012-06-21_34200000_57600000_message_5.csv'
const bookName = 'ABC_2012-06-21_34200000_57600000_orderbook_5.csv'
const recorded = lobsterFile(5, 1_500, 11, 0.5)
const messages = recorded.map(([message]) => message).join('\n')
const rows = recorded.map(([, row]) => row).join('\n')

const operations = [
  '{"op":"book","tick":0.01,"lot":1,"symbol":"ACME"}',
  '{"op":"add","time":"2024-01-02T14:30:00Z","id":1,"side":"SELL","price":10.1,"quantity":20}',
  '{"op":"add","time":"2024-01-02T14:30:01Z","id":2,"side":"BUY","price":10,"quantity":5}',
  '{"op":"add","time":"2024-01-02T14:30:20Z","id":4,"side":"SELL","quantity":2}',
  '{"op":"cancel","time":"2024-01-02T14:31:00Z","id":1}',
].join('\n')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outcry recorded '))
  writeFileSync(join(folder, messageName), `${messages}\n`)
  writeFileSync(join(folder, bookName), `${rows}\n`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function open(options: Parameters<typeof openApp>[0] = desk): Promise<OpenPage> {
  const page = await openApp(options)
  await page.locator('.headline').waitFor()
  return page
}

const dialog = (page: OpenPage) => page.getByRole('dialog', { name: 'Add recorded orders' })
const footer = (page: OpenPage) => page.locator('footer[aria-label]').innerText()
const digest = async (page: OpenPage) => (await page.locator('footer code').innerText()).replace(/\s/g, '')

async function openMaker(page: OpenPage) {
  await page.getByRole('button', { name: /^Strategy/ }).click()
  await page.getByRole('menuitemradio', { name: /Market maker/ }).click()
  await expect.poll(() => footer(page)).toMatch(/bars in[\s\S]*Synthetic/)
}

interface Given {
  readonly name: string
  readonly text?: string
  readonly bytes?: Uint8Array
}

/** Chooses files by the menu of prices, as a hand does. */
async function choose(page: OpenPage, ...files: readonly Given[]) {
  await page.getByRole('button', { name: /^Prices/ }).click()
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('menuitem', { name: 'Open file…' }).click(),
  ])
  await chooser.setFiles(
    files.map(({ name, text = '', bytes }) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(bytes ?? text),
    })),
  )
}

const both = [
  { name: messageName, text: messages },
  { name: bookName, text: rows },
] as const

/** The digest of the command line on the same files. */
function fromCommandLine(): string {
  const told = execFileSync(
    process.execPath,
    [
      ...['src/outcry.mjs', 'run', 'sample-strategies/market-maker.ts', '--json', '--tick', '0.0001'],
      ...['--data', join(folder, messageName), '--orderbook', join(folder, bookName)],
      ...['--cash', '10000', '--commission', '0.001', '--slippage', '0.0005'],
    ],
    { encoding: 'utf8', maxBuffer: 1e9 },
  )
  return (JSON.parse(told) as { digest: string }).digest
}

test('messages and their book file are told in words, checked, and run as on the command line', async () => {
  const page = await open()
  await openMaker(page)
  await choose(page, ...both)
  await dialog(page).getByText('The book agrees with').waitFor()
  const words = await dialog(page).innerText()
  expect(words).toContain('LOBSTER messages')
  expect(words).toContain(`${recorded.length.toLocaleString('en-US')} messages, 09:30:00 to 09:`)
  expect(words).toMatch(/Seeded from the first row of ABC_2012-06-21_\w+_orderbook_5\.csv, 5 levels a side/)
  expect(words).toContain(`at all ${recorded.length.toLocaleString('en-US')} rows`)
  expect(words).toContain('Recorded orders do not react to yours.')
  await expect.poll(() => dialog(page).getByLabel('Instrument').inputValue()).toBe('ABC')
  await expect.poll(() => dialog(page).getByLabel('Trading day').inputValue()).toBe('2012-06-21')
  expect(await violations(page, 'dialog')).toEqual([])
  await dialog(page).getByLabel('Tick').fill('0.0001')
  await dialog(page).getByRole('button', { name: 'Add and run' }).click()
  await expect.poll(() => footer(page)).toMatch(/bars in[\s\S]*Recorded orders do not react to yours/)
  await expect.poll(() => footer(page)).toMatch(/Fills on the order book, latency 1.ms/)
  expect((await fromCommandLine()).slice(0, 8)).toBe(await digest(page))
  await expect.poll(() => footer(page)).toContain('Confirmed')
  const before = await digest(page)

  // The book with the strategy's own orders in its queues, and the fills with their rules.
  await page.getByRole('tab', { name: 'Book' }).click()
  const own = page.locator('.queue .own')
  for (let back = 0; back < 60 && (await own.count()) === 0; back++)
    await page.getByRole('button', { name: 'One bar back' }).click()
  await expect.poll(() => own.count()).toBeGreaterThan(0)
  await page.locator('.chart .legend', { hasText: /Mid/ }).waitFor()
  await page.getByRole('tab', { name: 'Steps' }).click()
  await page.getByRole('grid', { name: 'Moments' }).waitFor()

  // It is kept: another visit runs on it again.
  await page.reload()
  await expect.poll(() => footer(page)).toMatch(/bars in[\s\S]*Recorded orders do not react to yours/)
  await expect.poll(() => digest(page)).toBe(before)
  await page.getByRole('button', { name: /^Prices/ }).click()
  await expect
    .poll(() => page.getByRole('menuitemradio', { name: /ABC 2012-06-21 orders/ }).innerText())
    .toMatch(/messages, .* trades, 09:30:00 to/)
  await page.keyboard.press('Escape')

  // Another length of bars is another address and another run; the first one comes back.
  await page.getByRole('tab', { name: 'Costs and fills' }).click()
  await page.getByLabel('Bar', { exact: true }).fill('60')
  await expect.poll(() => digest(page)).not.toBe(before)
  await page.getByLabel('Bar', { exact: true }).fill('10')
  await expect.poll(() => digest(page)).toBe(before)
  expect(page.problems).toEqual([])
})

test('the sample of recorded orders is there without a file', async () => {
  const page = await open()
  await page.getByRole('button', { name: /^Prices/ }).click()
  await page.getByRole('menuitemradio', { name: /Recorded orders \(sample/ }).click()
  await expect.poll(() => footer(page)).toMatch(/90 bars in[\s\S]*Recorded orders do not react to yours/)
  await page.locator('.chart .legend', { hasText: /Mid/ }).waitFor()
  await page.getByRole('tab', { name: 'Book' }).click()
  await page.getByRole('slider', { name: 'Time of the book' }).waitFor()
  expect(await violations(page)).toEqual([])
  expect(page.problems).toEqual([])
})

const place = (page: OpenPage) => page.getByRole('slider', { name: 'Place in the recording' })
const words = (page: OpenPage) => page.locator('.book .words').innerText()

test('message by message begins where the bars stand, or where somebody points, and says which', async () => {
  const page = await open()
  await choose(page, ...both)
  await dialog(page).getByText('The book agrees with').waitFor()
  const told = /([\d,]+) changes to go through/.exec(await dialog(page).innerText())![1]!
  await dialog(page).getByRole('button', { name: 'Add and run' }).click()
  await expect.poll(() => footer(page)).toMatch(/bars in[\s\S]*Recorded orders do not react/)
  await page.getByText('Message by message').click()
  await expect.poll(() => words(page)).toMatch(/ · bid .* This is the bar at which your run was looked at\.$/)
  const ended = () => place(page).getAttribute('aria-valuetext')
  await expect.poll(ended).toContain(`change ${told} of ${told}`)
  await place(page).focus()
  await page.keyboard.press('Home')
  await expect.poll(ended).toBe(`before the first change, change 0 of ${told}`)
  await expect.poll(() => words(page)).toMatch(/^Before the first change · bid /)

  // A pointer that only crosses the chart on its way points at nothing.
  await page.getByRole('tab', { name: 'Overview' }).click()
  const plot = (await page.locator('.plot').boundingBox())!
  await page.mouse.move(plot.x + plot.width * 0.5, plot.y + 80)
  await page.mouse.move(plot.x + plot.width * 0.5, plot.y + plot.height + 60)
  await page.getByRole('tab', { name: 'Book' }).click()
  await page.getByText('Message by message').click()
  await expect.poll(() => words(page)).toContain('This is where you left the messages.')
  await page.mouse.move(plot.x + plot.width * 0.5, plot.y + 80)
  await expect.poll(() => words(page)).toContain('This is where the chart points.')
  expect(Number(await place(page).inputValue())).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'One change on' }).click()
  await expect.poll(() => words(page)).not.toContain('This is')

  await page.getByRole('tab', { name: 'Steps' }).click()
  await page.getByRole('button', { name: 'First moment' }).click()
  await page.getByRole('button', { name: 'A bar on' }).click()
  await page.getByRole('tab', { name: 'Book' }).click()
  await expect.poll(() => page.getByRole('slider', { name: 'Time of the book' }).inputValue()).toBe('1')
  await page.getByText('Message by message').click()
  await expect.poll(() => words(page)).toContain('This is where the steps stand.')
  expect(page.problems).toEqual([])
})

test('on a phone the book of recorded orders is a view of its own, and what is added opens there', async () => {
  const page = await openApp({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  await page.locator('.headline').waitFor()
  const views = page.getByRole('tablist', { name: 'Views' })
  await expect.poll(() => views.getByRole('tab', { name: 'Book' }).count()).toBe(0)
  await choose(page, ...both)
  await dialog(page).getByText('The book agrees with').waitFor()
  await dialog(page).getByRole('button', { name: 'Add and run' }).click()
  await expect.poll(() => views.getByRole('tab', { name: 'Book' }).getAttribute('aria-selected')).toBe('true')
  await page.getByText('Message by message').tap()
  await expect.poll(() => words(page)).toContain('This is the bar at which your run was looked at.')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  const { width, height } = (await page.locator('.scroller').boundingBox())!
  expect(width).toBeLessThanOrEqual(390)
  expect(height).toBeGreaterThan(200)
  expect(await violations(page)).toEqual([])
  expect(page.problems).toEqual([])
})

test('the book of a recording can be gone through message by message, by keys alone', async () => {
  const page = await open()
  await page.getByRole('button', { name: /^Prices/ }).click()
  await page.getByRole('menuitemradio', { name: /Recorded orders \(sample/ }).click()
  await expect.poll(() => footer(page)).toMatch(/90 bars in[\s\S]*Recorded orders/)
  await page.getByRole('tab', { name: 'Book' }).click()
  await page.getByText('Message by message').click()
  const words = page.locator('.book .words')
  await place(page).focus()
  await page.keyboard.press('Home')
  await expect.poll(() => words.innerText()).toBe('Nothing has happened yet.')
  await page.keyboard.press('Tab')
  await page.getByRole('button', { name: 'Next trade' }).focus()
  await page.keyboard.press('Enter')
  await expect
    .poll(() => words.innerText())
    .toMatch(/^Trade: a (seller|buyer) takes \d+ at \d+\.\d\d · bid \d+\.\d\d × /)
  const traded = await words.innerText()
  const ladder = () => page.locator('.book .scroller').innerText()
  const then = await ladder()
  await page.getByRole('button', { name: 'One change on' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => words.innerText()).not.toBe(traded)
  await page.getByRole('button', { name: 'One change back' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => words.innerText()).toBe(traded)
  await expect.poll(() => ladder()).toBe(then)
  await place(page).focus()
  await page.keyboard.press('End')
  await expect.poll(() => page.getByRole('button', { name: 'Next trade' }).isDisabled()).toBe(true)
  await expect.poll(() => page.locator('.book .facts').innerText()).toMatch(/What happened/)
  expect(await violations(page)).toEqual([])
  expect(page.problems).toEqual([])
})

test('what a file does not say is asked, and lines that cannot be read are shown before they are left out', async () => {
  const page = await open()
  const broken = messages
    .split('\n')
    .map((line, i) => (i === 30 ? 'nonsense' : line))
    .join('\n')
  await choose(page, { name: 'messages.csv', text: broken })
  await dialog(page).getByText('1 line cannot be read').waitFor()
  await dialog(page)
    .getByText(/Line 31:.*Message 31 is 'nonsense'; expected time,type/)
    .waitFor()
  await expect
    .poll(() => dialog(page).innerText())
    .toContain('Unknown and left out. Drop the orderbook file along')
  const run = dialog(page).getByRole('button', { name: 'Add and run' })
  await expect.poll(() => run.isDisabled()).toBe(true)
  await dialog(page).getByRole('status').getByText('Which day is it?').waitFor()
  await dialog(page).getByLabel('Trading day').fill('2024-03-04')
  await dialog(page).getByRole('status').getByText('Some lines cannot be read.').waitFor()
  await dialog(page).getByLabel('Leave it out').check()
  await run.click()
  await expect.poll(() => footer(page)).toMatch(/bars in[\s\S]*Recorded orders do not react/)
  expect(page.problems).toEqual([])
})

test('a book file that tells of other orders is counted, and one that comes later is taken in', async () => {
  const page = await open()
  await choose(page, { name: messageName, text: messages })
  await dialog(page).getByText('Unknown and left out').waitFor()
  const wrong = rows
    .split('\n')
    .map((row, i) => (i === 40 ? row.replace(/,(\d+)/, ',7777') : row))
    .join('\n')
  await page.evaluate(
    ({ name, text }) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([text], name))
      for (const type of ['dragenter', 'drop'])
        document
          .querySelector('dialog')!
          .dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }))
    },
    { name: bookName, text: wrong },
  )
  await dialog(page)
    .getByText(/1 of [\d,]+ rows of .* differs from the book that the messages make, the first at row 41/)
    .waitFor()
  expect(page.problems).toEqual([])
})

test('operations, a zip with both files, and a packed file are recorded orders too; bars are not', async () => {
  const page = await open()
  await choose(page, { name: 'operations.jsonl', text: operations })
  await dialog(page)
    .getByText(/4 operations, 2024-01-02 14:30:00 to 2024-01-02 14:31:00 UTC/)
    .waitFor()
  await expect.poll(() => dialog(page).getByLabel('Instrument').inputValue()).toBe('ACME')
  await page.keyboard.press('Escape')
  const bytes = (text: string) => new TextEncoder().encode(text)
  await choose(page, {
    name: 'sample.zip',
    bytes: zipSync({ [bookName]: bytes(rows), [messageName]: bytes(messages) }),
  })
  await dialog(page).getByText('The book agrees with').waitFor()
  await page.keyboard.press('Escape')
  await choose(page, { name: `${messageName}.gz`, bytes: gzipSync(bytes(messages)) })
  await dialog(page).getByText('Unknown and left out').waitFor()
  await dialog(page).getByRole('button', { name: 'These are bars or trades' }).click()
  await page.getByRole('dialog', { name: 'Add prices' }).waitFor()
  expect(page.problems).toEqual([])
})

test('who gets a link to a run on recorded orders without having them is told what is missing', async () => {
  const page = await open({ ...desk, permissions: ['clipboard-read', 'clipboard-write'] })
  await choose(page, ...both)
  await dialog(page).getByText('The book agrees with').waitFor()
  await dialog(page).getByRole('button', { name: 'Add and run' }).click()
  await expect.poll(() => footer(page)).toMatch(/bars in[\s\S]*Recorded orders do not react/)
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('dialog', { name: 'Share' }).getByText('Link copied').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  const other = await openApp({ ...desk, path: link.slice(link.indexOf('#')) })
  await other.getByText('ABC 2012-06-21 orders').first().waitFor()
  await other.getByText(/It ran on prices that its author imported/).waitFor()
  await other.close()
})

test('a library of the version before is brought along, and takes recorded orders beside its bars', async () => {
  const page = await open()
  await page.evaluate(async () => {
    for (const { name } of await indexedDB.databases())
      if (name === 'outcry-data')
        await new Promise((done) => (indexedDB.deleteDatabase(name).onsuccess = done))
    await new Promise<void>((done, fail) => {
      const opening = indexedDB.open('outcry-data', 4)
      opening.onerror = () => fail(opening.error)
      opening.onupgradeneeded = () => {
        const database = opening.result
        database.createObjectStore('sets', { keyPath: 'id' }).createIndex('used', 'used')
        database.createObjectStore('chunks')
        database.createObjectStore('outlines')
      }
      opening.onsuccess = () => {
        const database = opening.result
        const transaction = database.transaction('sets', 'readwrite')
        transaction.objectStore('sets').put({
          id: `imported:${'0'.repeat(64)}`,
          name: 'Older bars',
          tags: [],
          instruments: [],
          rows: 3,
          from: 0,
          to: 1e12,
          bytes: 144,
          sources: [],
          summary: 'three bars',
          view: {},
          leftOut: { count: 0, rows: [] },
          created: 1,
          used: 1,
        })
        transaction.oncomplete = () => {
          database.close()
          done()
        }
      }
    })
  })
  await page.reload()
  await page.locator('.headline').waitFor()
  await choose(page, ...both)
  await dialog(page).getByText('The book agrees with').waitFor()
  await dialog(page).getByRole('button', { name: 'Add', exact: true }).click()
  await expect.poll(() => dialog(page).count()).toBe(0)
  await page.getByRole('button', { name: /^Prices/ }).click()
  await page.getByRole('menuitem', { name: 'Library of imported data…' }).click()
  const library = page.getByRole('dialog', { name: 'Imported data' })
  await library.getByText('Older bars').waitFor()
  await library.getByText('ABC 2012-06-21 orders').waitFor()
  await library.getByRole('button', { name: 'Details of ABC' }).click()
  await library.getByText(/LOBSTER messages, whose times count from midnight of 2012-06-21/).waitFor()
  await expect.poll(() => library.innerText()).toMatch(/[\d,]+ messages[\s\S]*trades/)
  expect(await violations(page, 'dialog')).toEqual([])
  expect(page.problems).toEqual([])
})

test('a hundred thousand messages are read and run in the time that one waits for', async () => {
  const page = await open()
  const most = limit(30_000)
  const long = Array.from({ length: 50_000 }, (_, i) => {
    const side = i % 2 === 0 ? 1 : -1
    const price = 1_000_000 + (side > 0 ? -(i % 20) : 1 + (i % 20)) * 100
    const at = (seconds: number) => (34_200 + i / 10 + seconds).toFixed(3)
    return `${at(0)},1,${i + 1},${10 + (i % 7)},${price},${side}\n${at(0.05)},${i % 5 ? 3 : 4},${i + 1},${10 + (i % 7)},${price},${side}`
  }).join('\n')
  const begun = performance.now()
  await choose(page, { name: messageName, text: long })
  await dialog(page).getByText('100,000 messages').waitFor({ timeout: most })
  await dialog(page).getByRole('button', { name: 'Add and run' }).click()
  await expect
    .poll(() => footer(page), { timeout: most })
    .toMatch(/bars in[\s\S]*Recorded orders do not react/)
  console.log(`100,000 messages were read, stored and run in ${Math.round(performance.now() - begun)} ms`)
})
