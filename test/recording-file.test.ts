import { expect, test } from 'vitest'
import type { FlowBlock } from '#data'
import {
  FlowCursor,
  lobsterName,
  readLobster,
  readOperations,
  RecordingCollector,
  recordingLayout,
} from '#exchange'
import { lobsterFile } from './recordings.ts'

const operations = [
  '{"op":"book","tick":0.01,"lot":1}',
  '{"op":"add","time":1000,"id":1,"side":"BUY","price":10,"quantity":5}',
  '{"op":"add","time":2000,"id":2,"side":"SELL","price":10,"quantity":3}',
]

/** All that a collector finds in lines, with the rows of a book file where there are some. */
function collected(layout: 'lobster' | 'operations', lines: readonly string[], rows?: readonly string[]) {
  const collector = new RecordingCollector(layout)
  lines.forEach((line, i) => collector.line(line, rows?.[i]))
  return collector.found()
}

/** The rows of blocks, however they are cut. */
function flat(blocks: Iterable<FlowBlock>): number[][] {
  return [...blocks].flatMap(({ length, time, kind, id, side, price, size }) =>
    Array.from({ length }, (_, i) => [time[i]!, kind[i]!, id[i]!, side[i]!, price[i]!, size[i]!]),
  )
}

test('the layout of recorded orders shows in their lines, whatever the file is called', () => {
  const file = lobsterFile(5, 200)
  expect(recordingLayout(file.map(([message]) => message))).toBe('lobster')
  expect(recordingLayout(file.map(([, row]) => row))).toBe('book')
  expect(recordingLayout(operations)).toBe('operations')
  expect(recordingLayout(['', '34200.5,1,17,100,5853300,-1', ''])).toBe('lobster')
  const spoilt = Array.from({ length: 8 }, (_, i) => `3420${i},1,${i + 1},100,5853300,-1`)
  expect(recordingLayout(spoilt.with(5, '34205,2,1,abc,5853300,1'))).toBe('lobster')
})

test.each([
  ['bars with a header', ['time,open,high,low,close,volume', '2024-01-02,1,2,1,2,10']],
  ['bars without a header', ['1704153600,1,2,1,2,10', '1704157200,1,2,1,2,10']],
  ['bars of a price of 1 that look like messages at first', ['1704153600,1,2,1,2,1', '1704157200,1,2,1,2,1']],
  ['trades', ['34200.1,585.33,100', '34200.2,585.34,50']],
  ['a table of small whole numbers', ['5,1,3,1', '6,1,4,1']],
  ['JSON that has no operations', ['{"time":1,"open":2}']],
  ['nothing', ['', '']],
])('%s are no recorded orders', (_, lines) => {
  expect(recordingLayout(lines)).toBeUndefined()
})

test('the name of a LOBSTER file tells the instrument and the day', () => {
  expect(lobsterName('AAPL_2012-06-21_34200000_57600000_message_10.csv')).toEqual({
    symbol: 'AAPL',
    date: '2012-06-21',
  })
  expect(lobsterName('messages.csv')).toBeUndefined()
})

test('what is collected is what a run from the file reads, with the check of the book file', () => {
  const file = lobsterFile(5, 200)
  const messages = file.map(([message]) => message)
  const rows = file.map(([, row]) => row)
  const found = collected('lobster', messages, rows)
  expect(flat(found.blocks)).toEqual(flat(readLobster({ messages, rows, midnight: 0 })))
  expect(found).toMatchObject({ messages: messages.length, levels: 5, rowsDiffering: 0, unreadableCount: 0 })
  expect(found.adopted).toBeGreaterThan(0)
  expect(found.trades).toBe(messages.filter((line) => line.split(',')[1] === '4').length)
  expect(found.start).toBe(34_200_001_000)
  expect(found.rows).toBe(flat(found.blocks).length)
  expect(flat(collected('lobster', messages).blocks)).toEqual(flat(readLobster({ messages, midnight: 0 })))
  expect(flat(collected('operations', operations).blocks)).toEqual(flat(readOperations(operations)))
})

test('a book file that tells of other orders is found out', () => {
  const file = lobsterFile(5, 200)
  const rows = file.map(([, row]) => row)
  const wrong = rows.map((row, i) => (i === 40 ? row.replace(/,(\d+)/, ',7777') : row))
  const found = collected(
    'lobster',
    file.map(([message]) => message),
    wrong,
  )
  expect(found.firstDiffering).toBe(41)
  expect(found.rowsDiffering).toBeGreaterThan(0)
})

test('lines that cannot be read are counted and told, and the others are read', () => {
  const found = collected('lobster', [
    'time,type,id,size,price,direction',
    '34200,1,1,10,100000,1',
    '34201,1,2,ten,100100,-1',
    '34202,1,3,10,100100,-1',
    '34100,1,4,10,100200,-1',
    '34203,9,5,10,100200,-1',
  ])
  expect(found).toMatchObject({ messages: 2, rows: 2, unreadableCount: 4, start: 34_200e6, end: 34_202e6 })
  expect(found.unreadable.map(({ line, reason }) => [line, reason.replace(/;.*/, '')])).toEqual([
    [1, "Message 1 is 'time,type,id,size,price,direction'"],
    [3, "Message 3 is '34201,1,2,ten,100100,-1'"],
    [5, 'Message 5 is at 34100, earlier than the one before it at 34202'],
    [6, 'Message 6 has type 9'],
  ])
})

test('the changes that are told of a file are those that its book is gone through by', () => {
  const file = lobsterFile(5, 200)
  const messages = file.map(([message]) => message)
  const seeded = collected(
    'lobster',
    messages,
    file.map(([, row]) => row),
  )
  const alone = collected('lobster', messages)
  const matched = collected('operations', operations)
  for (const { changes, blocks } of [seeded, alone, matched])
    expect(changes).toBe(new FlowCursor(blocks).changes)
  // What leaves the levels in sight is a change beside its message; what happens to unknown orders is none.
  expect(seeded.changes).toBeGreaterThan(seeded.messages)
  expect(alone.changes).toBeLessThan(alone.messages)
  // The order that is added second trades, and nothing of it comes to rest.
  expect([matched.messages, matched.changes]).toEqual([2, 2])
})

test('orders from before the file are seeded from the first row whose message can be read', () => {
  const file = lobsterFile(5, 200)
  const messages = ['nothing', ...file.map(([message]) => message)]
  const rows = [file[0]![1], ...file.map(([, row]) => row)]
  expect(collected('lobster', messages, rows)).toMatchObject({ rowsDiffering: 0, unreadableCount: 1 })
})

test('a file that is mostly something else is given up', () => {
  const collector = new RecordingCollector('lobster')
  expect(() => {
    for (let i = 0; i < 5000; i++) collector.line(`${i},nonsense`)
  }).toThrow(/Most of its first 1001 lines are no messages\. The first of them: Message 1 is '0,nonsense'/)
})

test('a recording that a page cannot hold is refused with the way that can', () => {
  const collector = new RecordingCollector('operations')
  const line = '{"op":"levels","n":0,"time":1}'
  expect(() => {
    for (let i = 0; i < 3_000_000; i++) collector.line(line)
  }).toThrow(/more than 2,000,000 messages; a page holds no more\. The command line.*outcry run/)
})

test('a line without an end is no message', () => {
  const collector = new RecordingCollector('operations')
  collector.line('x'.repeat(1e6))
  const { reason, text } = collector.found().unreadable[0]!
  expect(reason).toMatch(/more than 20,000 letters/)
  expect(text).toHaveLength(120)
})
