import { gzipSync, zipSync } from 'fflate'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { expect, test } from 'vitest'
import { limit, openApp, type OpenPage, violations } from './harness.ts'

const desk = { viewport: { width: 1440, height: 900 } }

/** The app, once its first run has been shown. */
async function open(options: Parameters<typeof openApp>[0] = desk): Promise<OpenPage> {
  const page = await openApp(options)
  await page.locator('.headline').waitFor()
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
  /** Text, or bytes in base64. */
  readonly text?: string
  readonly bytes?: string
  /** How many times the text comes after its first line, for files that are too large to be sent to the page. */
  readonly rows?: number
}

/** Drops files in the middle of the page, as the browser tells of it, once the page shows that it would take them. */
async function drop(page: OpenPage, ...files: readonly Dropped[]) {
  await page.evaluate(async (files) => {
    const transfer = new DataTransfer()
    for (const { name, text, bytes, rows } of files) {
      const parts: BlobPart[] = []
      if (rows !== undefined) {
        parts.push('time,open,high,low,close,volume\n')
        let part = ''
        for (let row = 0; row < rows; row++) {
          const base = 100 + ((row * 7) % 13) / 4
          const time = new Date(1.6e12 + row * 60_000).toISOString().slice(0, 19)
          part += `${time}Z,${base.toFixed(5)},${(base + 1).toFixed(5)},${(base - 1).toFixed(5)},${base.toFixed(5)},${row}\n`
          if (row % 50_000 === 49_999) {
            parts.push(part)
            part = ''
          }
        }
        parts.push(part)
      } else if (bytes !== undefined)
        parts.push(Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)))
      else parts.push(text!)
      transfer.items.add(new File(parts, name))
    }
    const target = document.querySelector('dialog') ?? document.querySelector('main')!
    const tell = (type: string) =>
      target.dispatchEvent(
        new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true, composed: true }),
      )
    while (!document.querySelector('.over')) {
      tell('dragenter')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    // A hand takes as long as this to let go.
    await new Promise((resolve) => setTimeout(resolve, 300))
    ;(globalThis as { dropped?: number }).dropped = performance.now()
    tell('drop')
  }, files)
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const dialog = (page: OpenPage) => page.getByRole('dialog', { name: 'Add prices' })
const runButton = (page: OpenPage) => page.getByRole('button', { name: 'Add and run' })
const addButton = (page: OpenPage) => page.getByRole('button', { name: 'Add', exact: true })
const prices = (page: OpenPage) => page.getByRole('button', { name: /^Prices:/ })
const status = (page: OpenPage) => page.locator('footer[aria-label]').innerText()

interface Stored {
  readonly sets: readonly { readonly name: string; readonly rows: number; readonly starts: number }[]
  readonly chunks: number
}

/** What the library's database holds, past the program. */
const stored = (page: OpenPage) =>
  page.evaluate(async (): Promise<Stored> => {
    // To open a database that is not there would make it.
    if (!(await indexedDB.databases()).some(({ name }) => name === 'outcry-data'))
      return { sets: [], chunks: 0 }
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open('outcry-data')
      opening.onerror = () => reject(opening.error)
      opening.onsuccess = () => {
        const database = opening.result
        const transaction = database.transaction(['sets', 'chunks'])
        const sets = transaction.objectStore('sets').getAll()
        const chunks = transaction.objectStore('chunks').count()
        transaction.oncomplete = () => {
          database.close()
          const starts = (instruments: readonly { starts: number[] }[]) =>
            instruments.reduce((sum, { starts }) => sum + starts.length, 0)
          resolve({
            sets: sets.result.map(({ name, rows, instruments }) => ({
              name,
              rows,
              starts: starts(instruments),
            })),
            chunks: chunks.result,
          })
        }
      }
    })
  })

async function openLibrary(page: OpenPage) {
  await prices(page).click()
  await page.getByText('Library of imported data…').click()
  const library = page.getByRole('dialog', { name: 'Imported data' })
  await library.waitFor()
  await library.locator('[aria-busy]').waitFor({ state: 'detached' })
  return library
}

test('a file that is dropped says what it is, is run on, and is still there after a reload', async () => {
  const page = await open()
  await drop(page, { name: 'BTCUSD.csv', text: hourly(8760) })
  await dialog(page)
    .getByText('8,760 hourly bars of BTCUSD, January to December 2023, UTC, nothing odd found')
    .waitFor()
  await runButton(page).click()
  await expect.poll(() => status(page)).toContain('8,760 bars')
  await expect.poll(() => dialog(page).count()).toBe(0)
  await expect.poll(() => prices(page).innerText()).toContain('BTCUSD hourly')
  await page.reload()
  await expect.poll(() => status(page)).toContain('8,760 bars')
  await expect.poll(() => prices(page).innerText()).toContain('BTCUSD hourly')
  expect(page.problems).toEqual([])
})

test('what a file leaves open is asked, and nothing is added before it is answered', async () => {
  const page = await open()
  await drop(page, {
    name: 'X.csv',
    text: 'Date,Open,High,Low,Close\n01/02/2020,1.5,2,1,1.5\n02/02/2020,1.5,2,1,1.5\n03/02/2020,1.5,2,1,1.5',
  })
  await dialog(page)
    .getByText(/Is 0\d\/02\/2020/)
    .waitFor()
  await expect.poll(() => runButton(page).isDisabled()).toBe(true)
  await dialog(page)
    .getByRole('button', { name: /^day first/ })
    .click()
  await dialog(page)
    .getByText(/3 daily bars of X, 1 to 3 February 2020/)
    .waitFor()
  await expect.poll(() => runButton(page).isEnabled()).toBe(true)
})

test('times without a zone are asked about, and the answer moves them', async () => {
  const page = await open()
  await drop(page, { name: 'SPY.csv', text: hourly(200, { zone: '' }) })
  await dialog(page)
    .getByText(/Which time zone is/)
    .waitFor()
  await dialog(page).getByRole('button', { name: 'New York' }).click()
  await dialog(page)
    .getByText(/New York time/)
    .waitFor()
  await expect.poll(() => dialog(page).getByRole('cell', { name: '2023-01-01 00:00:00' }).count()).toBe(1)
  await expect.poll(() => runButton(page).isEnabled()).toBe(true)
})

test('files that leave different zones open are asked for each, and told apart by their names', async () => {
  const page = await open()
  const lines = hourly(24 * 40, { zone: '' }).split('\n')
  // From half past nine to four, as New York trades.
  const session = hourly(24 * 40, { zone: '', from: Date.UTC(2023, 0, 1, 0, 30) })
    .split('\n')
    .filter((line) => line.startsWith('time') || (line.slice(11) >= '09' && line.slice(11) < '16'))
  await drop(
    page,
    { name: 'SPY.csv', text: session.join('\n') },
    { name: 'BTC.csv', text: lines.join('\n') },
    { name: 'ETH.csv', text: lines.join('\n').replaceAll(',1', ',2') },
  )
  const questions = dialog(page).locator('.notice').filter({ hasText: 'Which time zone is' })
  await expect.poll(() => questions.count()).toBe(2)
  await questions.filter({ hasText: 'SPY.csv:' }).getByRole('button', { name: 'New York' }).click()
  await expect.poll(() => questions.count()).toBe(1)
  await expect.poll(() => questions.innerText()).not.toContain('SPY.csv')
  await questions.getByRole('button', { name: 'UTC' }).first().click()
  await expect.poll(() => questions.count()).toBe(0)
  await expect.poll(() => runButton(page).isEnabled()).toBe(true)
})

test('bars that cannot be are repaired only as their owner says, and the repair can be seen and taken back', async () => {
  const page = await open()
  const lines = hourly(300).split('\n')
  lines.splice(100, 0, lines[100]!)
  lines[200] = lines[200]!.replace(/^([^,]*),([^,]*),[^,]*/, '$1,$2,1')
  lines.push('2023-02-30T00:00:00Z,1,2,3,4,5', 'nonsense')
  await drop(page, { name: 'ETHUSD.csv', text: lines.join('\n') })
  await dialog(page)
    .getByText(/1 duplicate/)
    .first()
    .waitFor()
  await expect.poll(() => runButton(page).isDisabled()).toBe(true)
  await dialog(page).getByText('Keep the first of each').click()
  await dialog(page).getByText('Widen 1 bar').click()
  await dialog(page)
    .getByText(/1 later bar was left out whose time was there already/)
    .waitFor()
  await dialog(page)
    .getByRole('tab', { name: /Left out/ })
    .click()
  await expect
    .poll(() => dialog(page).getByRole('row').allInnerTexts())
    .toContainEqual(expect.stringMatching(/303[\s\S]*2023-02-30[\s\S]*no time/))
  await runButton(page).click()
  await expect.poll(() => status(page)).toContain('300 bars')
  const visit = await page.evaluate(() => localStorage.getItem('outcry.visit'))
  expect(visit).toMatch(/imported:[0-9a-f]{64}\+keep-first\+widen-range/)
  expect((await stored(page)).sets).toEqual([{ name: 'ETHUSD hourly', rows: 301, starts: 1 }])
  // The library tells what is done to them, and the page what becomes of the data set that it runs on.
  const library = await openLibrary(page)
  await library
    .getByText('Run with the first of bars with the same time, ranges widened to open and close.')
    .waitFor()
  await library.getByRole('button', { name: 'Actions for ETHUSD hourly' }).click()
  await page.getByRole('menuitem', { name: 'Rename…' }).press('Enter')
  await expect.poll(() => library.getByLabel('Name').evaluate((input) => input.matches(':focus'))).toBe(true)
  await page.keyboard.type('Ether')
  await page.keyboard.press('Enter')
  await expect.poll(() => prices(page).innerText()).toMatch(/^Prices:\s*Ether\b/)
  await library.getByRole('button', { name: 'Actions for Ether' }).click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await library.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.keyboard.press('Escape')
  await page.getByText('“Ether”, on which this strategy ran, was deleted. Choose other prices').waitFor()
})

test('what is odd stands on a strip along time: each mark tells what, when and how many, and shows the bars around', async () => {
  const page = await open()
  const lines = hourly(400).split('\n')
  lines[200] = lines[200]!.replace(/^([^,]*),([^,]*),[^,]*/, '$1,$2,1')
  lines.splice(301, 3)
  lines.splice(100, 0, lines[100]!)
  await drop(page, { name: 'ETHUSD.csv', text: lines.join('\n') })
  const strip = dialog(page).getByRole('slider', { name: 'Findings along the time axis' })
  await strip.waitFor()
  await expect
    .poll(() => dialog(page).getByRole('group', { name: 'Kinds of findings' }).innerText())
    .toMatch(/Gaps\s+1\s+Duplicates\s+1\s+High below low\s+1/)
  await strip.focus()
  await page.keyboard.press('Home')
  await expect
    .poll(() => strip.getAttribute('aria-valuetext'))
    .toMatch(/^Duplicates: 2023-01-05 03:00:00, 1 bar; 1 of \d/)
  await page.keyboard.press('End')
  await expect
    .poll(() => strip.getAttribute('aria-valuetext'))
    .toMatch(/^Gaps: 2023-01-13 11:00:00 to 2023-01-13 15:00:00, 3 bars missing/)
  const around = dialog(page).getByRole('region', { name: 'Bars around it' })
  await around.waitFor()
  await expect
    .poll(() => around.locator('tr[aria-current]').allInnerTexts())
    .toEqual([
      expect.stringMatching(/^301\s+2023-01-13 11:00:00/),
      expect.stringMatching(/^302\s+2023-01-13 15:00:00/),
    ])
  await dialog(page)
    .getByRole('button', { name: /^High below low/ })
    .click()
  await dialog(page).getByRole('button', { name: 'As a table' }).click()
  const table = dialog(page).getByRole('grid', { name: 'Findings' })
  await expect.poll(() => table.getByRole('row').count()).toBe(2)
  await table.getByRole('gridcell', { name: 'High below low' }).click()
  await expect.poll(() => around.innerText()).toContain('2023-01-09 07:00:00')
  // The pointer finds the lone mark of this lane, and not those of the others.
  const box = (await strip.boundingBox())!
  await page.mouse.click(box.x + (box.width * 199) / 399, box.y + box.height / 2 + 11)
  await expect
    .poll(() => strip.getAttribute('aria-valuetext'))
    .toMatch(/^High below low: 2023-01-09 07:00:00, 1 bar/)
  expect(page.problems).toEqual([])
})

test('all instruments of a file are there to be looked at, found, and taken or left', async () => {
  const page = await open()
  const lines = ['date,symbol,open,high,low,close,volume']
  for (let day = 1; day <= 5; day++)
    for (let at = 0; at < 350; at++)
      lines.push(
        `2024-01-0${day},S${String(at).padStart(3, '0')},${at + day},${at + day + 1},${at + 1},${at + day},9`,
      )
  await drop(page, { name: 'market.csv', text: lines.join('\n') })
  await dialog(page).getByText('All 350 instruments are taken.').waitFor()
  const table = dialog(page).getByRole('grid', { name: 'Instruments' })
  await table.focus()
  await page.keyboard.press('End')
  await expect
    .poll(() => dialog(page).getByRole('region', { name: 'The first and the last bars' }).innerText())
    .toContain('354')
  await dialog(page).getByLabel('Find an instrument').fill('s34')
  await dialog(page).getByRole('button', { name: 'Take only these 10' }).click()
  await dialog(page).getByText('50 daily bars of 10 instruments').waitFor()
  await dialog(page).getByRole('button', { name: 'Take all' }).click()
  await expect.poll(() => addButton(page).isEnabled()).toBe(true)
  await addButton(page).click()
  await dialog(page).waitFor({ state: 'detached' })
  expect((await stored(page)).sets).toEqual([expect.objectContaining({ rows: 1750, starts: 350 })])
})

test('hours and holidays are written down by hand, count the gaps anew, and stay with the instrument', async () => {
  const page = await open()
  // Hours from 9 to 17 of five days, of which Wednesday ends at noon and Thursday has none.
  const lines = hourly(24 * 5, { from: Date.UTC(2023, 4, 1) }).split('\n')
  const kept = lines.filter((line) => {
    const [day, hour] = [Number(line.slice(8, 10)), Number(line.slice(11, 13))]
    return line.startsWith('time') || (hour >= 9 && hour < (day === 3 ? 12 : 17) && day !== 4)
  })
  await drop(page, { name: 'DAX.csv', text: kept.join('\n') })
  await dialog(page)
    .getByText(/hourly bars of DAX.*1 gap/)
    .waitFor()
  await dialog(page).getByRole('tab', { name: 'Instrument' }).click()
  await dialog(page).getByLabel('Trades', { exact: true }).selectOption('own')
  for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']) {
    await dialog(page).getByLabel(`${day} from`).fill('9:00')
    await dialog(page).getByLabel(`${day} to`).fill('17:00')
  }
  const special = dialog(page).getByLabel('Special days')
  await special.fill('2023-05-04 shut\n2023-05-03 9:00-12:00')
  await special.blur()
  await dialog(page).getByText("Line 1: 'shut' tells no hours").waitFor()
  await special.fill('2023-05-04 closed\n2023-05-03 9:00-12:00')
  await special.blur()
  await dialog(page)
    .getByText(/27 hourly bars of DAX.*nothing odd found/)
    .waitFor()
  await addButton(page).click()
  await dialog(page).waitFor({ state: 'detached' })
  await page.reload()
  await page.locator('.headline').waitFor()
  const library = await openLibrary(page)
  await library.getByRole('button', { name: 'Details of DAX hourly' }).click()
  await library.getByText('Nothing odd was found.').waitFor()
  await expect
    .poll(() => library.getByLabel('Special days').inputValue())
    .toBe('2023-05-03 09:00-12:00\n2023-05-04 closed')
  await library.getByLabel('Special days').fill('2023-05-04 closed')
  await library.getByLabel('Special days').blur()
  await library.getByRole('slider', { name: 'Findings along the time axis' }).waitFor()
  await library.getByText('1 finding').waitFor()
  expect(page.problems).toEqual([])
})

test('what the library is asked is answered, whatever memory the browser clears meanwhile', async () => {
  const page = await open()
  await drop(page, { name: 'BTCUSD.csv', text: hourly(50) })
  await addButton(page).click()
  await dialog(page).waitFor({ state: 'detached' })
  await page.reload()
  await page.locator('.headline').waitFor()
  const library = await openLibrary(page)
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  // The answer needs a part of the program that its worker has not fetched yet.
  await page.route('**/*.js', async (route) => {
    await held
    await route.continue()
  })
  await library.getByRole('button', { name: 'Details of BTCUSD hourly' }).click()
  await library.getByText('Looking through its bars…').waitFor()
  const developer = await page.context().newCDPSession(page)
  for (let times = 0; times < 3; times++) {
    await developer.send('HeapProfiler.collectGarbage')
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)))
  }
  release()
  await library.getByText('Nothing odd was found.').waitFor()
  expect(page.problems).toEqual([])
})

test('slots in which nothing traded are filled on request, for the run and in the library', async () => {
  const page = await open()
  const lines = hourly(300).split('\n')
  lines.splice(101, 5)
  await drop(page, { name: 'BTCUSD.csv', text: lines.join('\n') })
  await dialog(page)
    .getByRole('checkbox', { name: /Fill the 5 slots in which nothing traded/ })
    .check()
  await runButton(page).click()
  await expect.poll(() => status(page)).toContain('300 bars')
  const library = await openLibrary(page)
  await library.getByRole('button', { name: 'Details of BTCUSD hourly' }).click()
  await library.getByRole('checkbox', { name: /Slots in which nothing traded/ }).uncheck()
  await expect.poll(() => status(page)).toContain('295 bars')
})

test('a file of trades is known as one, and runs on the bars that are chosen', async () => {
  const page = await open()
  const lines = ['id,price,qty,time,is_buyer_maker']
  for (let row = 0; row < 2000; row++)
    lines.push(
      `${row},${100 + ((row * 7) % 13) / 4},2,${1_700_000_000_000 + row * 3000 + ((row * 7919) % 2000)},true`,
    )
  await drop(page, { name: 'BTCUSDT-trades.csv', text: lines.join('\n') })
  await dialog(page).getByText('2,000 trades of BTCUSDT-TRADES').waitFor()
  const bars = dialog(page).getByRole('region', { name: 'Bars of trades' })
  await bars.getByText('Trades', { exact: true }).click()
  await bars.getByLabel('Trades in a bar').fill('50')
  await bars.getByLabel('Trades in a bar').blur()
  await expect.poll(() => runButton(page).isEnabled()).toBe(true)
  await runButton(page).click()
  await expect.poll(() => status(page)).toMatch(/^40 bars/)
  const library = await openLibrary(page)
  await library.getByRole('button', { name: 'Details of BTCUSDT-TRADES trades' }).click()
  await library.getByText('Time', { exact: true }).click()
  await library.getByLabel('Bars of').selectOption('5m')
  await expect.poll(() => status(page)).toMatch(/^21 bars/)
  await page.reload()
  await expect.poll(() => status(page)).toMatch(/^21 bars/)
  expect(page.problems).toEqual([])
})

test('where the browser keeps nothing, bars are used for this visit, and it says that they will be gone', async () => {
  const page = await open()
  await page.route(/assets\/.*\.js/, async (route) => {
    const response = await route.fetch()
    const body = await response.text()
    // Workers cannot be told beforehand: each begins with its own script.
    await route.fulfill({
      response,
      body: `if (typeof window === 'undefined') Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: { open() { throw new DOMException('The user denied permission to access the database.', 'SecurityError') } } });\n${body}`,
    })
  })
  await page.reload()
  await page.locator('.headline').waitFor()
  await drop(page, { name: 'BTCUSD.csv', text: hourly(300) })
  await dialog(page)
    .getByText(/They will not be kept/)
    .waitFor()
  await expect
    .poll(() => dialog(page).getByRole('button', { name: 'Use for this visit' }).isEnabled())
    .toBe(true)
  await dialog(page).getByRole('button', { name: 'Use for this visit' }).click()
  await expect.poll(() => status(page)).toContain('300 bars')
  const library = await openLibrary(page)
  await library.getByText('this visit only').waitFor()
  await library.getByRole('button', { name: 'Details of BTCUSD hourly' }).click()
  await library.getByRole('combobox', { name: 'Bars' }).selectOption('day')
  await expect.poll(() => status(page)).toMatch(/^13 bars/)
})

test('files packed with gzip and zip, JSON, Parquet and a European spreadsheet are read alike', async () => {
  const text = hourly(500)
  const rows = text
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
  const column = (at: number) => rows.map((row) => Number(row[at]))
  const parquet = parquetWriteBuffer({
    columnData: [
      { name: 'time', data: rows.map(([time]) => new Date(time!)), type: 'TIMESTAMP' },
      ...['open', 'high', 'low', 'close', 'volume'].map((name, at) => ({
        name,
        data: column(at + 1),
        type: 'DOUBLE' as const,
      })),
    ],
  })
  const bytes = new TextEncoder().encode(text)
  const json = rows.map(([time, open, high, low, close, volume]) => ({
    time,
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume: Number(volume),
  }))
  const european = text
    .split('\n')
    .map((line) => line.replaceAll(',', ';').replaceAll('.', ','))
    .join('\r\n')
  const page = await open()
  const known = page.getByText(/in the library already/)
  for (const [at, file] of (
    [
      { name: 'BTC.csv', text },
      { name: 'BTC.csv.gz', bytes: base64(gzipSync(bytes)) },
      { name: 'BTC.zip', bytes: base64(zipSync({ 'BTC.csv': bytes })) },
      { name: 'BTC.json', text: JSON.stringify(json) },
      { name: 'BTC.parquet', bytes: base64(new Uint8Array(parquet)) },
      { name: 'BTC-de.csv', text: european },
    ] satisfies Dropped[]
  ).entries()) {
    await drop(page, file)
    await dialog(page)
      .getByText(/500 hourly bars of BTC/)
      .waitFor()
    if (at === 0) {
      await addButton(page).click()
      await dialog(page).waitFor({ state: 'detached' })
    } else {
      await known.waitFor()
      await page.keyboard.press('Escape')
      await dialog(page).waitFor({ state: 'detached' })
    }
  }
  expect((await stored(page)).sets.length).toBe(1)
})

test('several files make one data set of several instruments, and parts of one instrument make one table', async () => {
  const page = await open()
  const january = hourly(500)
  const february = hourly(500, { from: Date.UTC(2023, 0, 1) + 500 * 3_600_000 })
  await drop(page, { name: 'BTCUSD.csv', text: january }, { name: 'ETHUSD.csv', text: january })
  await dialog(page).getByText('1,000 hourly bars of 2 instruments').waitFor()
  // More may come while the dialog is open.
  await drop(page, { name: 'BTCUSD.csv', text: february })
  await dialog(page).getByText('1,500 hourly bars of 2 instruments').waitFor()
  await runButton(page).click()
  await expect.poll(() => status(page)).toContain('1,500 bars')
  await expect
    .poll(() => page.getByRole('radiogroup', { name: 'Instrument' }).innerText())
    .toMatch(/BTCUSD\s+ETHUSD/)
})

test('the same bars under another name are recognised before they are added', async () => {
  const page = await open()
  await drop(page, { name: 'BTCUSD.csv', text: hourly(300) })
  await addButton(page).click()
  await dialog(page).waitFor({ state: 'detached' })
  await drop(page, { name: 'copy of it.csv', text: hourly(300) })
  await dialog(page).getByText('in the library already, as “BTCUSD hourly”').waitFor()
  await runButton(page).click()
  await expect.poll(() => status(page)).toContain('300 bars')
  expect((await stored(page)).sets.map(({ name }) => name)).toEqual(['BTCUSD hourly'])
})

test('names and contents that mean harm are shown as what they are', async () => {
  const page = await open()
  const soup = Array.from({ length: 20_000 }, (_, at) => (at * 7919 + (at >> 3) * 104_729) % 256)
  const files: Dropped[] = [
    { name: '<img src=x onerror=alert(1)>.csv', text: hourly(50) },
    { name: `${'long'.repeat(60)}.csv`, text: hourly(60, { from: Date.UTC(2022, 0, 1) }) },
    { name: 'empty.csv', text: '' },
    { name: 'page.csv', text: '<!doctype html><html><body>Log in</body></html>' },
    { name: 'soup.csv', bytes: base64(Uint8Array.from(soup)) },
    { name: 'half.csv.gz', bytes: base64(gzipSync(new TextEncoder().encode(hourly(5000))).subarray(0, 900)) },
    { name: 'formula.csv', text: `${hourly(10)}\n=HYPERLINK("http://x"),1,2,3,4,5` },
    { name: '../../etc/passwd', text: 'root:x:0:0' },
  ]
  let asked = false
  page.on('dialog', () => (asked = true))
  await drop(page, ...files)
  await dialog(page).getByText('This is a web page and no table of prices').waitFor()
  await expect.poll(() => dialog(page).locator('.failed').count()).toBeGreaterThanOrEqual(4)
  await expect.poll(() => dialog(page).getByRole('progressbar').count()).toBe(0)
  await expect.poll(() => page.locator('img[src=x]').count()).toBe(0)
  expect(asked).toBe(false)
  expect(page.problems).toEqual([])
})

test('a hundred megabytes stream past while the page stays quick, and can be cancelled at once', async () => {
  const page = await open()
  const rows = 1_600_000
  await drop(page, { name: 'BIG.csv', rows })
  const bar = dialog(page).getByRole('progressbar', { name: 'Reading' })
  await bar.waitFor()
  await page.keyboard.press('Escape')
  await dialog(page).waitFor({ state: 'detached' })
  expect((await stored(page)).sets).toEqual([])
  await drop(page, { name: 'BIG.csv', rows })
  await page.evaluate(() => {
    const state = Object.assign(globalThis, { longest: 0, watching: true })
    let last = performance.now()
    const tick = () => {
      const now = performance.now()
      state.longest = Math.max(state.longest, now - last)
      last = now
      if (state.watching) setTimeout(tick, 4)
    }
    tick()
  })
  await dialog(page).getByText('1,600,000 one-minute bars of BIG').waitFor()
  const took = await page.evaluate(() => {
    const state = globalThis as unknown as { longest: number; watching: boolean; dropped: number }
    state.watching = false
    return { longest: state.longest, all: performance.now() - state.dropped }
  })
  console.log(
    `1,600,000 rows read and surveyed ${Math.round(took.all)} ms after the drop; longest wait of the page ${Math.round(took.longest)} ms`,
  )
  expect(took.longest).toBeLessThan(limit(400))
  await addButton(page).click()
  await dialog(page).waitFor({ state: 'detached' })
  expect(await stored(page)).toEqual({
    sets: [{ name: 'BIG one-minute', rows, starts: Math.ceil(rows / 65_536) }],
    chunks: Math.ceil(rows / 65_536),
  })
}, 180_000)

test('an import that dies while it stores leaves the library as it was, or has stored all', async () => {
  const page = await openApp(desk)
  await page.addInitScript(() => {
    const workers: Worker[] = []
    Object.assign(globalThis, { workers })
    globalThis.Worker = class extends Worker {
      constructor(...options: ConstructorParameters<typeof Worker>) {
        super(...options)
        workers.push(this)
      }
    }
  })
  await page.reload()
  await page.locator('.headline').waitFor()
  await drop(page, { name: 'FIRST.csv', text: hourly(100) })
  await addButton(page).click()
  await dialog(page).waitFor({ state: 'detached' })
  const rows = 400_000
  const chunks = Math.ceil(rows / 65_536)
  let died = 0
  for (const delay of [0, 30, 80, 150]) {
    await drop(page, { name: 'SECOND.csv', rows })
    await dialog(page).getByText('400,000 one-minute bars of SECOND').waitFor()
    await expect.poll(() => addButton(page).isEnabled()).toBe(true)
    await page.evaluate(async (delay) => {
      ;[...document.querySelectorAll('dialog button')]
        .find((button) => button.textContent?.trim() === 'Add')!
        .dispatchEvent(new MouseEvent('click', { bubbles: true }))
      await new Promise((resolve) => setTimeout(resolve, delay))
      const { workers } = globalThis as unknown as { workers: Worker[] }
      workers.at(-1)!.terminate()
    }, delay)
    const now = await stored(page)
    const whole = now.sets.length === 2
    expect(now).toEqual({
      sets: expect.arrayContaining([{ name: 'FIRST hourly', rows: 100, starts: 1 }]),
      chunks: whole ? 1 + chunks : 1,
    })
    if (whole) break
    died++
    if (await dialog(page).count()) await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
  }
  expect(died).toBeGreaterThan(0)
  await page.reload()
  await page.locator('.headline').waitFor()
  const library = await openLibrary(page)
  await expect.poll(() => library.innerText()).toContain('FIRST hourly')
})

test('a full store is told before anything is lost, and after room is made the same import goes in', async () => {
  const page = await open()
  // Chromium remembers for half a minute how much room there was, so the room is small from the beginning.
  const session = await page.context().newCDPSession(page)
  const { origin } = new URL(page.url())
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 3_000_000 })
  await drop(page, { name: 'FIRST.csv', text: hourly(100) })
  await addButton(page).click()
  await dialog(page).waitFor({ state: 'detached' })
  await drop(page, { name: 'SECOND.csv', rows: 200_000 })
  await expect.poll(() => addButton(page).isEnabled()).toBe(true)
  await addButton(page).click()
  await dialog(page)
    .getByText(/These data take 9\.6 MB.*Delete data sets/)
    .waitFor()
  expect(await stored(page)).toEqual({ sets: [{ name: 'FIRST hourly', rows: 100, starts: 1 }], chunks: 1 })
  await dialog(page).getByRole('button', { name: 'Use for this visit' }).click()
  await expect.poll(() => status(page)).toContain('200,000 bars')
  expect((await stored(page)).sets.length).toBe(1)
  await drop(page, { name: 'SECOND.csv', rows: 200_000 })
  await expect.poll(() => addButton(page).isEnabled()).toBe(true)
  await session.send('Storage.overrideQuotaForOrigin', { origin })
  await addButton(page).click()
  await dialog(page).waitFor({ state: 'detached' })
  expect((await stored(page)).sets.length).toBe(2)
  const library = await openLibrary(page)
  await library.getByText('FIRST hourly').waitFor()
  await expect
    .poll(() => library.getByRole('heading', { name: /^SECOND/ }).allInnerTexts())
    .toEqual(['SECOND one-minute'])
  expect(page.problems).toEqual([])
})

test('what one tab imports, renames and deletes the other shows, and both may import at once', async () => {
  const one = await open()
  const context = one.context()
  const two = Object.assign(await context.newPage(), { problems: [] as string[] })
  await two.goto(one.url())
  await two.locator('.headline').waitFor()
  const listed = await openLibrary(two)
  await listed.getByText('Nothing has been imported yet').waitFor()
  await drop(one, { name: 'A.csv', text: hourly(100) })
  await addButton(one).click()
  await listed.getByText('A hourly').waitFor()
  await two.keyboard.press('Escape')
  const later = (hours: number) => hourly(150, { from: Date.UTC(2023, 5, 1) + hours * 3_600_000 })
  await Promise.all([
    drop(one, { name: 'B.csv', text: later(0) }),
    drop(two, { name: 'C.csv', text: later(1) }),
  ])
  await Promise.all([addButton(one).click(), addButton(two).click()])
  await Promise.all([one, two].map((page) => dialog(page).waitFor({ state: 'detached' })))
  expect((await stored(one)).sets.map(({ name }) => name).sort()).toEqual([
    'A hourly',
    'B hourly',
    'C hourly',
  ])
  const [here, there] = [await openLibrary(one), await openLibrary(two)]
  await here.getByRole('button', { name: 'Actions for A hourly' }).click()
  await one.getByRole('menuitem', { name: 'Rename…' }).press('Enter')
  // What is there is selected, ready to be typed over.
  await expect.poll(() => here.getByLabel('Name').evaluate((input) => input.matches(':focus'))).toBe(true)
  await one.keyboard.type('Bitcoin')
  await one.keyboard.press('Enter')
  await there.getByText('Bitcoin').waitFor()
  await there.getByRole('button', { name: 'Actions for Bitcoin' }).click()
  await two.getByRole('menuitem', { name: 'Delete…' }).click()
  await there.getByRole('button', { name: 'Delete', exact: true }).click()
  await here.getByText('Bitcoin').waitFor({ state: 'detached' })
  expect((await stored(one)).chunks).toBe(2)
})

test('a data set that is no longer there says what to drop', async () => {
  const page = await open()
  await drop(page, { name: 'BTCUSD.csv', text: hourly(300) })
  await runButton(page).click()
  await expect.poll(() => status(page)).toContain('300 bars')
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const deleting = indexedDB.deleteDatabase('outcry-data')
        deleting.onsuccess = resolve
      }),
  )
  await page.reload()
  await page.getByText(/not in this library. Drop the file that they came from/).waitFor()
})

/** A library as version 1 of the database had it, made past the program before the program opens it. */
async function oldLibrary(page: OpenPage, version: number) {
  await page.evaluate(
    (version) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('outcry-data', version)
        opening.onerror = () => reject(opening.error)
        opening.onupgradeneeded = () => {
          const sets = opening.result.createObjectStore('sets', { keyPath: 'id' })
          const chunks = opening.result.createObjectStore('chunks')
          const id = `imported:${'ab'.repeat(32)}`
          const column = (value: (row: number) => number) =>
            Float64Array.from({ length: 40 }, (_, row) => value(row))
          const time = column((row) => (1.6e9 + row * 3600) * 1e6)
          sets.put({
            id,
            name: 'From before',
            tags: ['old'],
            instruments: [
              {
                spec: { name: 'OLD' },
                calendar: '24/7',
                interval: 3600e6,
                stamped: 'open',
                missingVolumes: 0,
                findings: [],
                rows: 40,
                from: time[0],
                to: time[39],
                starts: [time[0]],
                adjusted: false,
              },
            ],
            rows: 40,
            from: time[0],
            to: time[39],
            bytes: 1920,
            sources: [{ name: 'old.csv', bytes: 3000, format: 'Table with a header', readAs: [] }],
            summary: '40 hourly bars of OLD',
            view: {},
            leftOut: { count: 0, rows: [] },
            created: 1.7e12,
          })
          chunks.put(
            {
              bars: {
                time,
                open: column(() => 10),
                high: column(() => 12),
                low: column(() => 9),
                close: column((row) => 10 + (row % 2)),
                volume: column(() => 5),
              },
            },
            [id, 0, 0],
          )
        }
        opening.onsuccess = () => {
          opening.result.close()
          resolve()
        }
      }),
    version,
  )
}

test('a library of the first version is brought to the newest with all that is in it', async () => {
  const page = await open()
  await oldLibrary(page, 1)
  const library = await openLibrary(page)
  await library.getByText('From before').waitFor()
  await library.getByRole('button', { name: 'Run on it' }).click()
  await expect.poll(() => status(page)).toContain('40 bars')
  expect(
    await page.evaluate(async () => (await indexedDB.databases()).map(({ version }) => version)),
  ).toContain(5)
})

test('a library that a newer program has changed is left alone, and a reload is asked for', async () => {
  const page = await open()
  await oldLibrary(page, 99)
  const library = await openLibrary(page)
  await library.getByText(/Another tab uses a newer version of Outcry.*Reload this tab/).waitFor()
})

test('in the library bars are joined to longer ones, a repair is taken back, and an instrument is told otherwise', async () => {
  const page = await open()
  const lines = hourly(240).split('\n')
  lines[200] = lines[200]!.replace(/^([^,]*),([^,]*),[^,]*/, '$1,$2,1')
  await drop(page, { name: 'BTCUSD.csv', text: lines.join('\n') })
  await dialog(page).getByText('Leave out 1 bar').click()
  await expect.poll(() => runButton(page).isEnabled()).toBe(true)
  await runButton(page).click()
  await expect.poll(() => status(page)).toContain('239 bars')
  const library = await openLibrary(page)
  await library.getByRole('button', { name: 'Details of BTCUSD hourly' }).click()
  await library.getByText('As they are', { exact: true }).click()
  await expect.poll(() => status(page)).toContain('240 bars')
  await library.getByRole('combobox', { name: 'Bars' }).selectOption('day')
  await expect.poll(() => status(page)).toContain('10 bars')
  await library.getByRole('combobox', { name: 'Bars' }).selectOption('')
  await expect.poll(() => status(page)).toContain('240 bars')
  const before = await page.locator('footer code').innerText()
  await library.getByRole('spinbutton', { name: 'Lot' }).fill('1')
  await expect.poll(() => page.locator('footer code').innerText()).not.toBe(before)
  await page.reload()
  await expect.poll(() => status(page)).toContain('240 bars')
  await expect.poll(() => page.locator('footer code').innerText()).not.toBe(before)
})

test('what is exported comes back as the same bars', async () => {
  const page = await open()
  await drop(page, { name: 'BTCUSD.csv', text: hourly(300) })
  await addButton(page).click()
  await dialog(page).waitFor({ state: 'detached' })
  for (const format of ['CSV', 'JSON']) {
    const library = await openLibrary(page)
    await library.getByRole('button', { name: 'Actions for BTCUSD hourly' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: `Export as ${format}` }).click(),
    ])
    expect(download.suggestedFilename()).toBe(`BTCUSD hourly.${format.toLowerCase()}`)
    const parts: Buffer[] = []
    for await (const part of await download.createReadStream()) parts.push(part as Buffer)
    await page.keyboard.press('Escape')
    await drop(page, { name: download.suggestedFilename(), text: Buffer.concat(parts).toString() })
    await dialog(page).getByText('in the library already, as “BTCUSD hourly”').waitFor()
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
  }
})

test('a first impression is there within a moment of the drop', async () => {
  const page = await open()
  // The program's parts come once; what counts is what is done with the file.
  await drop(page, { name: 'WARM.csv', text: hourly(10) })
  await dialog(page)
    .getByText(/hourly bars of WARM/)
    .waitFor()
  await page.keyboard.press('Escape')
  await page.evaluate(() => {
    new MutationObserver((_, observer) => {
      if (!/TradingView export|Table with a header/.test(document.querySelector('dialog')?.textContent ?? ''))
        return
      observer.disconnect()
      performance.mark('glance')
    }).observe(document, { childList: true, subtree: true, characterData: true })
  })
  await drop(page, { name: 'BIG.csv', rows: 1_000_000 })
  await dialog(page).getByText('1,000,000 one-minute bars of BIG').waitFor()
  const glance = await page.evaluate(
    () =>
      performance.getEntriesByName('glance')[0]!.startTime -
      (globalThis as unknown as { dropped: number }).dropped,
  )
  console.log(`first impression of 1,000,000 rows ${Math.round(glance)} ms after the drop`)
  expect(glance).toBeLessThan(limit(600))
})

test.each(['light', 'dark'] as const)(
  'no serious barrier in the import and the library: %s',
  async (colorScheme) => {
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      const page = await open({ viewport, colorScheme })
      const lines = hourly(300, { zone: '' }).split('\n')
      lines.splice(100, 0, lines[100]!, 'nonsense')
      await drop(page, { name: 'XYZ.csv', text: lines.join('\n') })
      await dialog(page)
        .getByText(/Which time zone is/)
        .waitFor()
      const found: string[] = []
      const check = async () => found.push(...(await violations(page)))
      await check()
      await dialog(page).getByRole('button', { name: 'UTC' }).click()
      await expect
        .poll(() =>
          dialog(page)
            .getByText(/Which time zone is/)
            .count(),
        )
        .toBe(0)
      await dialog(page).getByText('Keep the first of each').click()
      for (const tab of ['How it was read', /Left out/, 'Instrument']) {
        await dialog(page).getByRole('tab', { name: tab }).click()
        await check()
      }
      await runButton(page).click()
      await dialog(page).waitFor({ state: 'detached' })
      await openLibrary(page)
      await check()
      expect(found).toEqual([])
      await page.context().close()
    }
  },
)

test('the keyboard alone opens the library, pastes a table and runs on it', async () => {
  const page = await open()
  await prices(page).focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('[role^=menuitem]:focus').count()).toBe(1)
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  const paste = page.getByRole('dialog', { name: 'Paste prices' })
  await paste.waitFor()
  await page.keyboard.insertText(hourly(50))
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await dialog(page)
    .getByText(/50 hourly bars of PASTED/i)
    .waitFor()
  await expect.poll(() => runButton(page).isEnabled()).toBe(true)
  for (let i = 0; i < 30; i++) {
    if (await runButton(page).evaluate((button) => button === document.activeElement)) break
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
  await expect.poll(() => status(page)).toContain('50 bars')
})
