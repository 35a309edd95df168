import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BookCommands, flowDisorder, LobsterReplay } from '#exchange'
import { LineCutter } from '../src/cli-lines.ts'
import { lobsterFile } from './recordings.ts'

const recorded = lobsterFile(5, 1_500).slice(0, 400)
const messages = recorded.map(([message]) => message)
const rows = recorded.map(([, row]) => row)
const operations = [
  '{"op":"book","tick":0.01,"lot":1,"symbol":"ACME"}',
  '{"op":"add","time":"2024-01-02T14:30:00Z","id":1,"side":"SELL","price":10.1,"quantity":20}',
  '{"op":"add","time":"2024-01-02T14:30:01Z","id":2,"side":"BUY","price":10,"quantity":5}',
  '{"op":"add","time":"2024-01-02T14:30:20Z","id":4,"side":"SELL","quantity":12}',
  '{"op":"cancel","time":"2024-01-02T14:31:00Z","id":1}',
]
const strategy = `import { BarStrategy } from 'outcry'
export default class extends BarStrategy { onBar() {} }`

let folder = ''
const file = (name: string) => join(folder, name)
const bytes = (lines: readonly string[], end = '\n') =>
  new TextEncoder().encode(lines.map((line) => `${line}${end}`).join(''))
const write = (name: string, lines: readonly string[]) => writeFileSync(file(name), bytes(lines))
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outcry recorded '))
  writeFileSync(file('idle.ts'), strategy)
  write('messages.csv', messages)
  write('book.csv', rows)
  write('wrong.csv', rows.with(30, rows[20]!).with(31, rows[20]!))
  writeFileSync(file('messages.csv.gz'), gzipSync(bytes(messages)))
  writeFileSync(file('book.csv.gz'), gzipSync(bytes(rows)))
  writeFileSync(file('cut.csv.gz'), gzipSync(bytes(messages)).subarray(0, 2000))
  writeFileSync(
    file('day.zip'),
    zipSync({ 'README.txt': bytes(['of no use']), 'book.csv': bytes(rows), 'messages.csv': bytes(messages) }),
  )
  write('operations.jsonl', operations)
  writeFileSync(file('operations.jsonl.gz'), gzipSync(bytes(operations, '\r\n')))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function outcry(...args: string[]) {
  const paths = args.map((arg) => (/\.(csv|jsonl|gz|zip|ts)$/.test(arg) ? file(arg) : arg))
  const { stdout, stderr, status } = spawnSync(process.execPath, ['src/outcry.mjs', ...paths], {
    encoding: 'utf8',
  })
  return { stdout, stderr, status }
}
const run = (...args: string[]) => outcry('run', 'idle.ts', '--data', ...args)

describe('packed recordings', () => {
  test('make the book that they make unpacked, with a packed book file', () => {
    const plain = outcry('book', 'messages.csv', '--orderbook', 'book.csv', '--json')
    expect(plain.status).toBe(0)
    for (const args of [
      ['messages.csv.gz', '--orderbook', 'book.csv.gz'],
      ['day.zip', '--orderbook', 'day.zip'],
    ])
      expect(outcry('book', ...args, '--json')).toEqual(plain)
    expect(outcry('book', 'operations.jsonl.gz')).toEqual(outcry('book', 'operations.jsonl'))
  })

  test('are run on as they are run on unpacked', () => {
    const digest = (...args: string[]) =>
      (JSON.parse(run(...args, '--json').stdout) as { digest: string }).digest
    const plain = digest('messages.csv', '--orderbook', 'book.csv', '--symbol', 'X')
    expect(digest('messages.csv.gz', '--orderbook', 'book.csv.gz', '--symbol', 'X')).toBe(plain)
    expect(digest('day.zip', '--orderbook', 'day.zip', '--symbol', 'X')).toBe(plain)
    expect(digest('operations.jsonl.gz')).toBe(digest('operations.jsonl'))
  })

  test('that are cut off are refused', () => {
    for (const { stderr, status } of [outcry('book', 'cut.csv.gz'), run('cut.csv.gz')]) {
      expect(stderr).toMatch(/cut\.csv\.gz: this gzip file is damaged or cut off/)
      expect(status).toBe(2)
    }
  })
})

test('the recorded orders that come with the program take what those of a file take', () => {
  writeFileSync(
    file('once.ts'),
    `import { Strategy } from 'outcry'
export default class Once extends Strategy {
  onStart() {
    void this.buy(this.instruments()[0]!, 1)
  }
}
`,
  )
  const sample = (...args: string[]) => {
    const { stdout, stderr } = outcry('run', 'once.ts', '--data', 'recorded-orders', '--json', ...args)
    expect(stderr).toBe('')
    return JSON.parse(stdout) as {
      digest: string
      settings: { instruments: string[] }
      trades: { entryTime: number }[]
    }
  }
  const usual = sample()
  expect(sample('--latency', '1').digest).toBe(usual.digest)
  const late = sample('--latency', '250')
  expect(late.trades[0]!.entryTime - usual.trades[0]!.entryTime).toBe(249)
  expect(sample('--symbol', 'X').settings.instruments).toEqual(['X'])
  expect(sample('--bar', '60', '--tick', '0.05').digest).not.toBe(usual.digest)
  const refused = (...args: string[]) => run('recorded-orders', ...args).stderr
  expect(refused('--latency', 'soon')).toMatch(/--latency is 'soon'; expected milliseconds/)
  expect(refused('--tick', '0.003')).toBe(
    'The tick (--tick) is 0.003; expected a whole multiple of 0.01, the step of the recorded prices.\n',
  )
  expect(refused('--agents', '5')).toContain('--agents means nothing to --data recorded-orders')
})

test('a file of operations needs no format, and shows its book every so often', () => {
  const { stdout, status } = outcry('book', 'operations.jsonl', '--every', '3', '--levels', '1')
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(status).toBe(0)
  expect(events.map(({ event }) => event)).toEqual([
    'OPEN',
    'OPEN',
    'LEVELS',
    'TRADE',
    'FILL',
    'CANCEL',
    'CANCEL',
    'LEVELS',
  ])
  expect(events[2]).toEqual({ event: 'LEVELS', bids: [[10, 5]], asks: [[10.1, 20]] })
})

test('a run says at how many rows the given book differs, and where first', () => {
  const differs = run('messages.csv', '--orderbook', 'wrong.csv', '--json')
  expect(differs.stderr).toMatch(
    /^wrong\.csv: 2 of 400 rows differ from the book that the messages make, the first at row 31;/,
  )
  expect(JSON.parse(differs.stdout)).toMatchObject({
    orderbook: { file: 'wrong.csv', rows: 400, rowsDiffering: 2, firstDiffering: 31 },
  })
  const agrees = run('messages.csv', '--orderbook', 'book.csv', '--json')
  expect(agrees.stderr).toBe('')
  expect(JSON.parse(agrees.stdout)).toMatchObject({ orderbook: { rowsDiffering: 0, firstDiffering: null } })
  expect(JSON.parse(run('messages.csv', '--json').stdout)).not.toHaveProperty('orderbook')
})

describe('a recording is refused with its line, what was found, what is expected and what mends it', () => {
  const turned = [...messages.slice(0, 20), messages[21]!, messages[20]!, ...messages.slice(22)]
  test.each<[string, readonly string[], RegExp]>([
    [
      'neighbours that have changed places',
      turned,
      /Message 22 is at 34200\.\d+, earlier than the one before it at 34200\.\d+; .*lines 21 and 22 have changed places/,
    ],
    [
      'newest first',
      messages.toReversed(),
      /Message 2 is at .*399 lines are earlier than the line before .*sort -s -t, -k1,1n/,
    ],
    [
      'a later time behind which all is earlier',
      ['34999,1,900000,5,100000,1', ...messages],
      /Message 2 is at .*earlier than the one before it at 34999/,
    ],
    [
      'a time below zero',
      messages.with(9, messages[9]!.replace('34', '-34')),
      /Message 10 has the time '-3\d+/,
    ],
    [
      'a time beyond the day',
      [...messages, '1340285400.1,1,900000,5,100000,1'],
      /Message 401 has the time '1340285400\.1', which looks like a time since 1970; expected seconds after midnight/,
    ],
    [
      'no number as a time',
      messages.with(4, messages[4]!.replace(/^[^,]+/, 'NaN')),
      /Message 5 has the time 'NaN'/,
    ],
    [
      'a price below zero',
      messages.with(6, messages[6]!.split(',').with(4, '-100').join(',')),
      /Message 7 has the price -100; expected ten-thousandths above 0\. Mend that line or leave it out/,
    ],
    [
      'a spoilt line behind empty ones',
      [...messages.slice(0, 5), '', '', 'nonsense', ...messages.slice(5)],
      /Line 8: Message 6 is 'nonsense'/,
    ],
  ])('%s', (name, lines, complaint) => {
    const path = `${name}.csv`
    write(path, lines)
    for (const { stderr, status } of [run(path, '--format', 'lobster'), outcry('book', path)]) {
      expect(stderr).toMatch(complaint)
      expect(stderr.startsWith(`${file(path)}: `)).toBe(true)
      expect(status).toBe(2)
    }
  })

  test.each<[string, readonly string[], RegExp]>([
    ['no time', operations.with(2, '{"op":"halt"}'), /Line 3 has no time; expected "time" in milliseconds/],
    ['no date', operations.with(2, '{"op":"halt","time":"noon"}'), /Line 3 has the time "noon"; expected/],
    ['before 1970', operations.with(1, '{"op":"halt","time":-5}'), /Line 2 has the time -5, before 1970;/],
    [
      'microseconds',
      [...operations, '{"op":"halt","time":1704205860000000}'],
      /Line 6 has the time 1704205860000000, after the year 2200: these look like microseconds;/,
    ],
    [
      'neighbours in the wrong places',
      [...operations.slice(0, 2), operations[3]!, operations[2]!, operations[4]!],
      /Line 4 is at 2024-01-02T14:30:01\.000Z, earlier than the operation before it at 2024-01-02T14:30:20\.000Z; .*lines 3 and 4 have changed places/,
    ],
    [
      'a line of 10 MB',
      [...operations, `{"op":"halt","note":"${'x'.repeat(1e7)}"}`],
      /Line 6 has more than 20,000 letters; no operation is as long/,
    ],
  ])('operations with %s', (name, lines, complaint) => {
    const path = `${name}.jsonl`
    write(path, lines)
    const { stderr, status } = run(path)
    expect(stderr).toMatch(complaint)
    expect(status).toBe(2)
  })
})

test('a long line is told where operations are carried out, and the next is carried out', () => {
  const commands = new BookCommands()
  commands.run('{"op":"halt"}')
  expect(JSON.parse(commands.run('x'.repeat(30_000))[0]!)).toMatchObject({ event: 'ERROR', line: 2 })
  expect(JSON.parse(commands.run('{"op":"levels"}')[0]!)).toMatchObject({ event: 'LEVELS' })
})

test('an order at a price below zero is no order', () => {
  const replay = new LobsterReplay()
  expect(() => replay.step('34200.1,1,1,20,-100,1')).toThrow('Message 1 has the price -100')
  expect(replay.step('34200.2,7,0,0,-1,-1')).toBe(true)
  expect(replay.summary.rows).toBe(2)
})

test('lines are cut the same wherever the pieces end', () => {
  const text = 'a\r\nbé\n\n\rlast'
  for (const encoded of [new TextEncoder().encode(text), Buffer.from(`\ufeff${text}`, 'utf16le')])
    for (let size = 2; size < 12; size++) {
      const cutter = new LineCutter()
      const lines: string[] = []
      for (let at = 0; at < encoded.length; at += size)
        lines.push(...cutter.cut(encoded.subarray(at, at + size)))
      expect([...lines, ...cutter.end()]).toEqual(['a', 'bé', '', '', 'last'])
    }
  const cutter = new LineCutter()
  const piece = new TextEncoder().encode('y'.repeat(50_000))
  const long = [...cutter.cut(piece), ...cutter.cut(piece), ...cutter.cut(Uint8Array.of(10, 122))]
  expect(long).toHaveLength(1)
  expect(long[0]!.length).toBeGreaterThan(20_000)
  expect(cutter.end()).toEqual(['z'])
})

test('times that only changed places with their neighbours are told from such as are all about', () => {
  const disorder = (...times: number[]) => flowDisorder(times.map((time, i) => [i + 1, time] as const))
  expect(disorder(1, 2, 2, 3)).toEqual({ count: 0, lines: [], neighbours: true })
  expect(disorder(1, 2, 4, 3, 5)).toEqual({ count: 1, lines: [4], neighbours: true })
  expect(disorder(2, 1, 4, 3, 6, 5)).toEqual({ count: 3, lines: [2, 4, 6], neighbours: true })
  expect(disorder(1, 5, 2, 3, 6)).toEqual({ count: 1, lines: [3], neighbours: false })
  expect(disorder(3, 2, 1)).toMatchObject({ count: 2, neighbours: false })
})

test('what has orders instead of prices is not imported, and the commands that take it are named', () => {
  for (const [name, what] of [
    ['operations.jsonl', /operations on a book.*outcry book .* --data/],
    ['operations.jsonl.gz', /operations on a book.*outcry book .* --data/],
    ['messages.csv', /LOBSTER messages.*outcry book .* --data/],
    ['book.csv', /a LOBSTER book file.*outcry book MESSAGES --orderbook/],
  ] as const) {
    const { stderr, status } = outcry('import', name)
    expect(stderr).toMatch(what)
    expect(status).toBe(2)
  }
  expect(run('book.csv').stderr).toMatch(/expected the messages as --data, and this file as --orderbook/)
})

test('what cannot be read or written is told in a sentence', () => {
  const shell = (line: string) => {
    const { stderr, status } = spawnSync('bash', ['-c', line], { encoding: 'utf8' })
    return [stderr.trim(), status]
  }
  const command = `'${process.execPath}' src/outcry.mjs`
  writeFileSync(file('rules.json'), '\ufeff{"maxDrawdown": 0.2}')
  const idle = `${command} run '${file('idle.ts')}' --data aapl`
  expect(shell(`${idle} --risk '${file('rules.json')}' > /dev/null`)).toEqual(['', 0])
  expect(shell(`${idle} --risk '${folder}'`)).toEqual([
    `--risk: there is no file ${folder}; expected risk rules as JSON.`,
    2,
  ])
  expect(shell(`${command} book <(cat '${file('messages.csv')}')`)[0]).toMatch(
    /is a pipe or a device; expected a file/,
  )
  expect(shell(`cat '${file('messages.csv')}' | ${command} book - --format lobster > /dev/null`)).toEqual([
    '',
    0,
  ])
  expect(shell(`cat '${file('operations.jsonl.gz')}' | ${command} book - > /dev/null`)).toEqual(['', 0])
  expect(shell(`${command} book '${file('messages.csv')}' --every 1 | head -1 > /dev/null`)).toEqual(['', 0])
})

test.skipIf(!existsSync('/dev/full'))('a full disk is told', () => {
  const { stderr, status } = spawnSync(
    'bash',
    ['-c', `'${process.execPath}' src/outcry.mjs config > /dev/full`],
    {
      encoding: 'utf8',
    },
  )
  expect(stderr).toMatch(/^Standard output cannot be written: .*ENOSPC/)
  expect(status).toBe(2)
})
