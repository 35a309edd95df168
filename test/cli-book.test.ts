import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BookCommands } from '#exchange'
import { visible } from '../src/cli-words.ts'

/** A small day in the LOBSTER layout: two sides of two levels, a trade, a partial cancel, a deletion. */
const messages = [
  '34200.1,1,11,100,1000000,1',
  '34200.2,1,12,50,1001000,-1',
  '34200.3,1,13,70,999000,1',
  '34200.4,4,12,20,1001000,-1',
  '34200.5,2,11,40,1000000,1',
  '34200.6,3,13,70,999000,1',
]
const nowhere = '9999999999,0'
const somewhere = '-9999999999,0'
const rows = [
  `${nowhere},1000000,100,${nowhere},${somewhere}`,
  `1001000,50,1000000,100,${nowhere},${somewhere}`,
  `1001000,50,1000000,100,${nowhere},999000,70`,
  `1001000,30,1000000,100,${nowhere},999000,70`,
  `1001000,30,1000000,60,${nowhere},999000,70`,
  `1001000,30,1000000,60,${nowhere},${somewhere}`,
]

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outcry book '))
  writeFileSync(join(folder, 'messages.csv'), `${messages.join('\n')}\n`)
  writeFileSync(join(folder, 'book.csv'), `${rows.join('\r\n')}\r\n`)
  writeFileSync(join(folder, 'wrong.csv'), `${rows.with(3, rows[2]!).join('\n')}\n`)
  writeFileSync(join(folder, 'short.csv'), `${rows.slice(0, 2).join('\n')}\n`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Answer = Record<string, unknown>

const outcry = (args: string[], input = '') =>
  spawnSync(process.execPath, ['src/outcry.mjs', 'book', ...args], { encoding: 'utf8', input })
const file = (name: string) => join(folder, name)
const jsonLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('outcry book', () => {
  test('draws the book that is left at the end of the messages', () => {
    const { stdout, status } = outcry([file('messages.csv')])
    expect(stdout).toContain('After message 6, 09:30:00.600000')
    expect(stdout).toContain('100.1000          30')
    expect(stdout).toMatch(/ 60 +100\.0000\n/)
    expect(stdout).toContain('6 messages, 1 trade\n')
    expect(status).toBe(0)
  })

  test('agrees with the book file of the same messages, and ends its JSON with the count', () => {
    const { stdout } = outcry([
      file('messages.csv'),
      '--orderbook',
      file('book.csv'),
      '--levels',
      '2',
      '--json',
    ])
    expect(jsonLines(stdout).at(-1)).toEqual({
      rows: 6,
      rowsDiffering: 0,
      firstDiffering: null,
      adopted: expect.any(Number),
      trades: 1,
    })
  })

  test('says at which row a book file differs', () => {
    const { stdout } = outcry([
      file('messages.csv'),
      '--orderbook',
      file('wrong.csv'),
      '--levels',
      '2',
      '--json',
    ])
    expect(jsonLines(stdout).at(-1)).toMatchObject({ rowsDiffering: 1, firstDiffering: 4 })
  })

  test('prints the book every so often, from a time on', () => {
    const { stdout } = outcry([file('messages.csv'), '--every', '2', '--from', '09:30:00.35', '--json'])
    expect(jsonLines(stdout).map(({ row }) => row)).toEqual([4, 6, undefined])
    expect(jsonLines(stdout)[0]).toEqual({
      row: 4,
      time: 34200.4,
      bids: [
        [100, 100],
        [99.9, 70],
      ],
      asks: [[100.1, 30]],
    })
  })

  test('carries out operations from standard input and goes on after a line that is none', () => {
    const operations = [
      '{"op":"add","id":"a","side":"BUY","price":10,"quantity":2}',
      'nonsense',
      '{"op":"add","id":"b","side":"SELL","price":10,"quantity":3,"flag":"IMMEDIATE_OR_CANCEL"}',
    ]
    const { stdout, stderr, status } = outcry(['-'], operations.join('\n'))
    expect(jsonLines(stdout).map(({ event }) => event)).toEqual(['OPEN', 'ERROR', 'TRADE', 'FILL', 'CANCEL'])
    expect(stderr).toBe(
      '1 line was no operation: line 2; ERROR in the output says why. The others were carried out.\n',
    )
    expect(status).toBe(2)
  })

  test('what the book refuses is an answer, and no failure of the call', () => {
    const { stdout, stderr, status } = outcry(['-'], '{"op":"cancel","id":1}\n\n')
    expect(jsonLines(stdout)).toMatchObject([{ event: 'REJECT', code: 'UNKNOWN_ORDER' }])
    expect([status, stderr]).toEqual([0, ''])
  })

  test('a folder as standard input is told', () => {
    const folder = openSync('src', 'r')
    const { stdout, stderr, status } = spawnSync(process.execPath, ['src/outcry.mjs', 'book', '-'], {
      encoding: 'utf8',
      stdio: [folder, 'pipe', 'pipe'],
    })
    closeSync(folder)
    expect(stderr).toMatch(/^Standard input is a folder; expected operations as JSON lines/)
    expect([status, stdout]).toEqual([2, ''])
  })

  test.each([
    ['{"op":"add","id":1,"side":"BUY","pirce":9,"quantity":1}', /has a field "pirce"; op add has id, owner/],
    ['{"op":"add","side":"BUY","quantity":1}', /has no id; expected a number or a text/],
    ['{"op":"add","id":{},"side":"BUY","quantity":1}', /has id \{\}; expected a number or a text/],
    ['{"op":"add","id":1,"side":"BUY","hidden":"yes","quantity":1}', /has hidden "yes"; expected true or/],
    ['{"op":"add","id":1,"side":"BUY","price":"9","quantity":1}', /has price "9"; expected a number/],
    ['{"op":"add","id":1,"side":"BUY","price":9,"quantity":[1]}', /has quantity \[1\]; expected a number/],
    ['{"op":"add","id":1,"side":"BUY","quantity":1,"owner":"me"}', /has owner "me"; expected a number/],
    ['{"op":"add","id":1,"side":"UP","quantity":1}', /has side "UP"; expected BUY or SELL/],
    ['{"op":"add","id":1,"quantity":1}', /has no side; expected BUY or SELL/],
    [
      '{"op":"add","id":1,"side":"BUY","type":"LIMT","quantity":1}',
      /has type "LIMT"; expected MARKET, LIMIT/,
    ],
    ['{"op":"add","id":1,"side":"BUY","flag":5,"quantity":1}', /has flag 5; expected NONE, FILL_OR_KILL/],
    ['{"op":"change","id":1,"stopPrice":"9"}', /has stopPrice "9"; expected a number/],
    ['{"op":"levels","n":"x"}', /has n "x"; expected a whole number from 0 up/],
    ['{"op":"levels","n":-1}', /has n -1; expected a whole number from 0 up/],
    ['{"op":"resume","reference":"x"}', /has reference "x"; expected a number/],
    ['{"op":"massCancel"}', /has no owner; expected a number/],
    ['{"op":"position","owner":1,"quantity":"many"}', /has quantity "many"; expected a number/],
    ['{"op":"halt","now":true}', /has a field "now"; op halt has none/],
    ['{"op":"book","ticks":1}', /has a field "ticks"; op book has symbol, tick, lot/],
    ['{"op":"book","profile":"nyse"}', /profile is 'nyse'; expected one of exchange, aat/],
    ['{"op":"constructor"}', /has op "constructor"; expected add, cancel/],
    ['{"id":1}', /has no op; expected add, cancel/],
  ])('%s is no operation, and no order is made of it', (line, message) => {
    const [answer, ...others] = new BookCommands().run(line).map((text) => JSON.parse(text) as Answer)
    expect(answer).toEqual({ event: 'ERROR', line: 1, message: expect.stringMatching(message) })
    expect(others).toEqual([])
  })

  test.each<readonly [object, object]>([
    [
      { notional: 50, price: 9 },
      { numbers: { notional: 50, type: 'LIMIT' }, reason: /only a MARKET order/ },
    ],
    [{ notional: 50 }, { numbers: { notional: 50, quantity: 1 }, reason: /a quantity or a notional/ }],
    [
      { price: 9, flag: 'FOK', display: 1 },
      { numbers: { display: 1, flag: 'FOK' }, reason: /does not rest/ },
    ],
    [
      { price: 9, reduceOnly: true },
      { numbers: { reduceOnly: true, owner: null }, reason: /its owner/ },
    ],
    [{ type: 'STOP', trail: 1, trailPercent: 2 }, { numbers: { trail: 1, trailPercent: 2 } }],
    [
      { price: 9, pairWith: 'ice' },
      { numbers: { pairWith: 'ice' }, reason: /the other order of a pair/ },
    ],
  ])('what excludes one another in %j is told with the rule', (fields, expected) => {
    const commands = new BookCommands()
    commands.run('{"op":"add","id":"ice","side":"SELL","price":99,"quantity":4,"display":1}')
    const [line] = commands.run(JSON.stringify({ op: 'add', id: 1, side: 'BUY', quantity: 1, ...fields }))
    const { numbers, reason } = expected as { numbers: object; reason?: RegExp }
    expect(JSON.parse(line!)).toMatchObject({ event: 'REJECT', code: 'CONTRADICTORY', numbers })
    if (reason) expect((JSON.parse(line!) as Answer).reason).toMatch(reason)
  })

  test('a refusal for what is not there says what that is', () => {
    const commands = new BookCommands()
    const refused = (fields: object) =>
      JSON.parse(commands.run(JSON.stringify({ op: 'add', id: 1, side: 'BUY', ...fields }))[0]!) as Answer
    expect(refused({ price: 9 })).toMatchObject({ code: 'OFF_LOT', reason: 'the order has no quantity' })
    expect(refused({ type: 'LIMIT', quantity: 1 }).reason).toBe('the order has no price')
    expect(refused({ type: 'STOP', quantity: 1 }).reason).toBe('the order has no stopPrice')
    expect(refused({ type: 'STOP_LIMIT', quantity: 1, price: 9 }).reason).toBe('the order has no stopPrice')
    expect(refused({ notional: -5 })).toMatchObject({ code: 'OFF_LOT', numbers: { notional: -5 } })
    expect(refused({ price: 9, quantity: 1, owner: 7, reduceOnly: true })).toEqual({
      ...{ event: 'REJECT', sequence: 6, request: 'ADD', id: 1, code: 'NOT_REDUCING' },
      reason: 'the position of owner 7 is not known; op position tells it',
    })
    commands.run('{"op":"position","owner":7,"quantity":2}')
    expect(refused({ price: 9, quantity: 1, owner: 7, reduceOnly: true }).numbers).toEqual({ position: 2 })
  })

  test('a change that an order does not have is told with its type', () => {
    const commands = new BookCommands()
    commands.run('{"op":"add","id":1,"side":"BUY","price":9,"quantity":1}')
    expect(JSON.parse(commands.run('{"op":"change","id":1,"stopPrice":8}')[0]!)).toMatchObject({
      ...{ event: 'REJECT', request: 'CHANGE', code: 'CONTRADICTORY' },
      ...{ numbers: { stopPrice: 8, type: 'LIMIT' }, reason: 'a LIMIT order has no stopPrice to change' },
    })
  })

  test('a refusal has the numbers that were given', () => {
    const answers = (line: string) => new BookCommands().run(line).map((text) => JSON.parse(text) as Answer)
    const add = (fields: object) =>
      answers(JSON.stringify({ op: 'add', id: 1, side: 'BUY', price: 9, quantity: 1, ...fields }))
    expect(add({ id: 1.5 })).toMatchObject([{ event: 'REJECT', numbers: { id: 1.5 } }])
    expect(add({ id: 1.5 })[0]!.numbers).not.toHaveProperty('least')
    expect(add({ id: 2 ** 53 })).toMatchObject([{ numbers: { id: 2 ** 53, most: Number.MAX_SAFE_INTEGER } }])
    expect(add({ time: 5, note: 'mine', owner: null })).toMatchObject([{ event: 'OPEN' }])
  })

  test('the lowest price is told as a price', () => {
    const commands = new BookCommands()
    commands.run('{"op":"book","tick":0.5,"lowestPrice":-2}')
    const bid = (price: number) =>
      JSON.parse(
        commands.run(JSON.stringify({ op: 'add', id: 100 + 2 * price, side: 'BUY', price, quantity: 1 }))[0]!,
      )
    expect(bid(-2)).toMatchObject({ event: 'OPEN', price: -2 })
    expect(bid(-2.5)).toMatchObject({ event: 'REJECT', numbers: { price: -2.5, least: -2 } })
  })

  test.each([
    [[], /Give one file of messages/],
    [['nowhere.csv'], /There is no file nowhere\.csv/],
    [['-', '--levles', '3'], /There is no option --levles\. Did you mean --levels\?/],
    [['messages.csv', '--levels', '0'], /--levels is '0'; expected a whole number from 1 up/],
    [['messages.csv', '--from', 'noon'], /--from is 'noon'; expected a time such as 09:30:00/],
    [['messages.csv', '--format', 'csv'], /--format is 'csv'; expected lobster or jsonl/],
    [['messages.csv', '--orderbook', 'short.csv'], /ends after 2 rows, before .*messages\.csv does/],
    [['book.csv'], /book\.csv: Message 1 is '9999999999,0,1000000,100/],
  ])('%j is refused with exit code 2', (args, message) => {
    const paths = args.map((arg) => (arg.endsWith('.csv') && arg !== 'nowhere.csv' ? file(arg) : arg))
    const { stderr, status } = outcry(paths)
    expect(stderr).toMatch(message)
    expect(status).toBe(2)
  })
})

test('outcry run knows the synthetic market and says that its fills are on the book', () => {
  const run = () =>
    spawnSync(
      process.execPath,
      ['src/outcry.mjs', 'run', 'sample-strategies/market-maker.ts', '--data', 'synthetic', '--seed', '3'],
      { encoding: 'utf8' },
    )
  const { stdout, status } = run()
  expect(status).toBe(0)
  expect(stdout).toContain('on the order book')
  expect(run().stdout).toBe(stdout)
})

test('what a terminal would carry out is spelled out where a file is quoted', () => {
  expect(visible("Message 1 is '\u001b[31mred\u0007'\n\ttwo lines")).toBe(
    "Message 1 is '\\u{1b}[31mred\\u{7}'\n\ttwo lines",
  )
})
