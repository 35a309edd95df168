import { describe, expect, test } from 'vitest'
import { BookCommands, LobsterReplay } from '#exchange'
import { Steps } from '#market'
import { lobsterFile } from './recordings.ts'

/** Rows of `[message, book row]`: two levels a side. */
const day: [string, string][] = [
  // The first row holds 30 unknown lots at 10.01 beside the new order.
  ['34200.1,1,101,20,100100,-1', '100100,50,99900,10,100200,5,99800,7'],
  ['34200.2,1,102,5,100000,1', '100100,50,100000,5,100200,5,99900,10'],
  ['34200.3,4,55,30,100100,-1', '100100,20,100000,5,100200,5,99900,10'],
  ['34200.4,2,101,4,100100,-1', '100100,16,100000,5,100200,5,99900,10'],
  ['34200.5,5,0,3,100050,1', '100100,16,100000,5,100200,5,99900,10'],
  // 10.01 is gone: a level at 10.03 that the file never told of comes into sight.
  ['34200.6,3,101,16,100100,-1', '100200,5,100000,5,100300,9,99900,10'],
  ['34200.7,7,0,0,-1,-1', '100200,5,100000,5,100300,9,99900,10'],
  ['34200.8,7,0,0,1,-1', '100200,5,100000,5,100300,9,99900,10'],
]

describe('replaying order-by-order files', () => {
  test.each([1, 3, 10])('of %i levels, begun in mid-session, agrees with the file on every row', (depth) => {
    const file = lobsterFile(depth, 1_500)
    const replay = new LobsterReplay()
    const differing = file.filter(([message, row]) => !replay.step(message, row))
    expect(differing.slice(0, 3)).toEqual([])
    const { rows, adopted, trades } = replay.summary
    expect(rows).toBe(file.length)
    expect(trades).toBe(file.filter(([message]) => message.split(',')[1] === '4').length)
    expect(adopted).toBeGreaterThan(0)
    expect(adopted).toBeLessThan(rows)
  })

  test('rebuilds the given book row by row, from its first row on', () => {
    const replay = new LobsterReplay(2)
    for (const [message, row] of day) expect(replay.step(message, row), message).toBe(true)
    expect(replay.summary).toEqual({
      rows: 8,
      rowsDiffering: 0,
      firstDiffering: null,
      adopted: 1,
      trades: 2,
    })
    expect(replay.book.levels(2).asks).toEqual([
      { price: 100_200, quantity: 5, orders: 1 },
      { price: 100_300, quantity: 9, orders: 1 },
    ])
  })

  test('notices the row at which the given book is another one', () => {
    const replay = new LobsterReplay(2)
    const wrong = day.map(([message, row], i): [string, string] =>
      i === 3 ? [message, row.replace('100100,16', '100100,17')] : [message, row],
    )
    for (const [message, row] of wrong) replay.step(message, row)
    expect(replay.summary).toMatchObject({ rowsDiffering: 1, firstDiffering: 4 })
  })

  test('needs no book file: unknown orders are then left out', () => {
    const replay = new LobsterReplay()
    for (const [message] of day.slice(0, 3)) replay.step(message)
    expect(replay.book.topOfBook()).toEqual({
      bid: { price: 100_000, quantity: 5, orders: 1 },
      ask: { price: 100_100, quantity: 20, orders: 1 },
    })
    expect(replay.lastTrade).toEqual({ time: 34200.3, price: 100_100, quantity: 30, taker: 0 })
  })

  test('knows a halt and a resumption', () => {
    const replay = new LobsterReplay()
    const halts = day.map(([message]) => (replay.step(message), replay.halted))
    expect(halts).toEqual([false, false, false, false, false, false, true, false])
  })

  test('stays halted while orders are taken again and nothing trades yet (price 0)', () => {
    const replay = new LobsterReplay()
    const at = (price: number, time: number) => (
      replay.step(`${34200 + time},7,0,0,${price},-1`),
      replay.halted
    )
    expect([at(-1, 1), at(0, 2), at(1, 3), at(0, 4)]).toEqual([true, true, false, false])
  })

  test('takes off an order only what was left of it, where a part went out of sight', () => {
    // One level a side. Behind 10.00 six lots of order 1 are taken back and six of another join it, of which the file says nothing.
    const nobody = '-9999999999,0'
    const rows: [string, string][] = [
      ['34200.1,1,1,10,100100,-1', `100100,10,${nobody}`],
      ['34200.2,1,2,5,100000,-1', `100000,5,${nobody}`],
      ['34200.3,3,2,5,100000,-1', `100100,10,${nobody}`],
      ['34200.4,3,1,4,100100,-1', `100100,6,${nobody}`],
    ]
    const replay = new LobsterReplay(1)
    expect(rows.map(([message, row]) => replay.step(message, row))).toEqual([true, true, true, true])
    expect(replay.book.topOfBook().ask).toEqual({ price: 100_100, quantity: 6, orders: 1 })
  })

  test('says which line does not have the layout', () => {
    const replay = new LobsterReplay()
    expect(() => replay.step('34200.1,1,abc,20,100100,-1')).toThrow(
      "Message 1 is '34200.1,1,abc,20,100100,-1'",
    )
    expect(() => replay.step('34200.1,9,1,20,100100,-1')).toThrow('Message 2 has type 9')
    expect(() => replay.step('34200.1,1,,20,100100,-1')).toThrow("Message 3 is '34200.1,1,,20,100100,-1'")
    expect(() => replay.step('34200.1,1,1,9007199254740991,100100,-1')).toThrow(
      'Message 4 has the size 9007199254740991; expected shares up to 4503599627370496',
    )
    expect(() => replay.step('34200.1,1,1,20,9007199254740991,-1')).toThrow(
      'Message 5 has the price 9007199254740991; expected ten-thousandths below 549755813888',
    )
    expect(() => new LobsterReplay().step(day[0]![0], '1,2,3')).toThrow('Book row 1')
  })
})

describe('operations as JSON lines', () => {
  const say = (commands: BookCommands, ...operations: unknown[]) =>
    operations.flatMap((operation) =>
      commands
        .run(typeof operation === 'string' ? operation : JSON.stringify(operation))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    )

  test('are answered by events, with names and decimals as given', () => {
    const commands = new BookCommands()
    expect(
      say(
        commands,
        { op: 'add', id: 'a', side: 'SELL', type: 'LIMIT', price: 5.5, quantity: 0.3 },
        { op: 'add', id: 7, side: 'BUY', price: 6, quantity: 0.1 },
        { op: 'change', id: 'a', quantity: 0.2 },
        { op: 'levels', n: 1 },
        { op: 'cancel', id: 'a' },
      ),
    ).toEqual([
      { event: 'OPEN', sequence: 1, id: 'a', side: 'SELL', price: 5.5, quantity: 0.3, shown: 0.3 },
      {
        event: 'TRADE',
        sequence: 2,
        maker: 'a',
        taker: 7,
        takerSide: 'BUY',
        price: 5.5,
        quantity: 0.1,
        makerLeft: 0.2,
        takerLeft: 0,
        queueLeft: 0.2,
      },
      { event: 'FILL', sequence: 3, id: 7 },
      { event: 'CHANGE', sequence: 4, id: 'a', reason: 'REQUESTED', price: 5.5, quantity: 0.1, shown: 0.1 },
      { event: 'LEVELS', bids: [], asks: [[5.5, 0.1]] },
      { event: 'CANCEL', sequence: 5, id: 'a', reason: 'REQUESTED', quantity: 0.1 },
    ])
  })

  test('have ids that are as large as numbers can be, beside names', () => {
    const add = (id: number | string) => ({ op: 'add', id, side: 'BUY', price: 1, quantity: 1 })
    const large = ['x', 2 ** 52, 2 ** 52 - 1, String(2 ** 52), 2 ** 53 - 1]
    expect(say(new BookCommands(), ...large.map(add))).toMatchObject(
      large.map((id) => ({ event: 'OPEN', id })),
    )
    expect(say(new BookCommands(), add(2 ** 53), add(1.5))).toMatchObject([
      { event: 'REJECT', code: 'OUT_OF_RANGE', numbers: { id: 2 ** 53 } },
      { event: 'REJECT', code: 'OUT_OF_RANGE', numbers: { id: 1.5 } },
    ])
  })

  test('are on the usual steps where the first line was no book that can be made', () => {
    const commands = new BookCommands()
    expect(
      say(
        commands,
        { op: 'book', tick: 0.5, lot: 0 },
        { op: 'book', tick: 0.5, profile: 'nyse' },
        { op: 'book', tick: 5, lowestPrice: 1e20 },
        { op: 'add', id: 1, side: 'BUY', price: 9.9999, quantity: 0.25 },
      ),
    ).toMatchObject([
      {
        event: 'ERROR',
        message:
          'Line 1 cannot make this book: lot is 0; expected a decimal above zero with at most 15 places',
      },
      {
        event: 'ERROR',
        message: "Line 2 cannot make this book: profile is 'nyse'; expected one of exchange, aat",
      },
      {
        event: 'ERROR',
        message: expect.stringMatching(/^Line 3 cannot make this book: lowestPrice is /) as string,
      },
      { event: 'OPEN', price: 9.9999, quantity: 0.25 },
    ])
  })

  test('are told why nothing, or not everything, is taken outside continuous trading', () => {
    const add = { op: 'add', id: 1, side: 'BUY', price: 1, quantity: 1 }
    expect(
      say(
        new BookCommands(),
        { op: 'halt' },
        add,
        { op: 'auction' },
        { ...add, flag: 'IMMEDIATE_OR_CANCEL' },
        add,
      ).filter(({ event }) => event !== 'PHASE'),
    ).toMatchObject([
      {
        event: 'REJECT',
        code: 'HALTED',
        reason: 'trading is halted: nothing but cancels is taken until op resume',
      },
      {
        event: 'REJECT',
        code: 'HALTED',
        reason:
          'an auction collects: it takes LIMIT and MARKET orders that can wait for op resume, and stops',
      },
      { event: 'OPEN', id: 1 },
    ])
  })

  test('choose the rules of the book in their first line', () => {
    const commands = new BookCommands()
    const events = say(
      commands,
      { op: 'book', tick: 0.25, lot: 1, profile: 'aat' },
      { op: 'add', id: 1, side: 'B', type: 'LIMIT', price: 5.1, quantity: 1 },
      { op: 'add', id: 2, side: 'B', type: 'L', price: 5, quantity: 1, flag: 'FOK' },
      { op: 'book' },
    )
    expect(events).toMatchObject([
      { event: 'REJECT', id: 1, code: 'OFF_TICK' },
      { event: 'OPEN', id: 2 },
      { event: 'ERROR', line: 4 },
    ])
  })

  test('are refused with the numbers that decided, in the units of the operation', () => {
    const answers = say(
      new BookCommands(),
      { op: 'book', tick: 0.25, lot: 0.1, reachedStop: 'reject' },
      { op: 'add', id: 1, side: 'BUY', price: 5, quantity: 0.5 },
      { op: 'add', id: 1, side: 'BUY', price: 5, quantity: 0.5 },
      { op: 'add', id: 2, side: 'SELL', price: 5.1, quantity: 0.5 },
      { op: 'add', id: 3, side: 'SELL', price: 5.5, quantity: 0.55 },
      { op: 'add', id: 4, side: 'SELL', price: 4.75, quantity: 0.1, flag: 'POST_ONLY' },
      { op: 'add', id: 5, side: 'SELL', price: 5, quantity: 0.3 },
      { op: 'change', id: 1, quantity: 0.2 },
      { op: 'add', id: 6, side: 'SELL', stopPrice: 5.25, quantity: 0.1 },
      { op: 'add', id: 7, side: 'SELL', price: 5.5, quantity: 0.1, owner: 7, reduceOnly: true },
      { op: 'position', owner: 8, quantity: -0.2 },
      { op: 'add', id: 8, side: 'SELL', price: 5.5, quantity: 0.1, owner: 8, reduceOnly: true },
      { op: 'add', id: 9, side: 'SELL', price: 5.5, quantity: 0.1, owner: -1 },
      { op: 'cancel', id: 99 },
    )
    expect(answers.filter(({ event }) => event === 'REJECT')).toMatchObject([
      { id: 1, code: 'DUPLICATE_ORDER' },
      { id: 2, code: 'OFF_TICK', numbers: { price: 5.1 } },
      { id: 3, code: 'OFF_LOT', numbers: { quantity: 0.55 } },
      { id: 4, code: 'WOULD_TRADE', numbers: { price: 4.75, best: 5 } },
      { id: 1, code: 'OUT_OF_RANGE', numbers: { quantity: 0.2, least: 0.3 } },
      { id: 6, code: 'WOULD_TRIGGER', numbers: { stopPrice: 5.25, last: 5 } },
      { id: 7, code: 'NOT_REDUCING', reason: expect.stringContaining('owner 7 is not known') },
      { id: 8, code: 'NOT_REDUCING', numbers: { position: -0.2 } },
      { id: 9, code: 'OUT_OF_RANGE', numbers: { owner: -1 } },
      { id: 99, code: 'UNKNOWN_ORDER' },
    ])
    expect(answers.find(({ id }) => id === 9)!['numbers']).toEqual({ owner: -1 })
    for (const answer of answers)
      if (answer.code === 'DUPLICATE_ORDER' || answer.code === 'UNKNOWN_ORDER')
        expect(answer).not.toHaveProperty('numbers')
  })

  test('that make no sense are errors with their line, not crashes', () => {
    const commands = new BookCommands()
    expect(
      say(
        commands,
        'nonsense',
        '[]',
        { op: 'fly' },
        { op: 'add' },
        { op: 'cancel', id: null },
        { op: 'cancel', id: 7 },
        { op: 'add', id: 1, side: 'BUY', type: 'FLOAT', price: 1, quantity: 1 },
        { op: 'add', id: 1, side: 'BUY', price: 'x', quantity: 1 },
      ),
    ).toMatchObject([
      { event: 'ERROR', line: 1 },
      { event: 'ERROR', line: 2 },
      { event: 'ERROR', line: 3 },
      { event: 'ERROR', line: 4 },
      { event: 'ERROR', line: 5 },
      { event: 'REJECT', code: 'UNKNOWN_ORDER' },
      { event: 'ERROR', line: 7 },
      { event: 'ERROR', line: 8 },
    ])
  })
})

describe('steps', () => {
  test('convert decimals to whole numbers and back without loss', () => {
    for (const [size, value, count] of [
      [0.01, 0.07, 7],
      [0.01, 1.1, 110],
      [0.25, 5.75, 23],
      [0.05, 0.15, 3],
      [5, 125, 25],
      [1e-8, 0.3, 30_000_000],
      [0.0001, 5.0001, 50_001],
    ] as const) {
      const steps = new Steps(size)
      expect(steps.count(value)).toBe(count)
      expect(steps.value(count)).toBe(value)
    }
  })
  test('have no count for what lies between them', () => {
    expect(new Steps(0.25).count(5.1)).toBeNaN()
    expect(new Steps(0.01).count(NaN)).toBeNaN()
    expect(() => new Steps(0)).toThrow('The step is 0')
    expect(() => new Steps(-1)).toThrow(RangeError)
    expect(() => new Steps(NaN)).toThrow(RangeError)
  })
})
