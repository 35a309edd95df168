import { beforeEach, expect, test } from 'vitest'
import { BUY, OrderBook, SELL } from '#book'
import { FlowKind } from '#data'
import { useLocale } from '../src/app/format.ts'
import { ladderOf } from '../src/app/recorded/flow-ladder.ts'
import { happened } from '../src/app/recorded/flow-words.ts'

beforeEach(() => useLocale('en-US'))

test('every recorded order stands in the queue of its price, first come first', () => {
  const book = new OrderBook()
  book.limit(1, BUY, 100_000, 30)
  book.limit(2, BUY, 100_000, 10)
  book.limit(3, SELL, 100_200, 5)
  const { rungs, mid, spreadTicks } = ladderOf(book, {
    tickSize: 0.01,
    price: (steps) => steps / 10_000,
    size: (lots) => lots,
  })
  expect(rungs.map(({ price, side, queue }) => [price, side, queue.map(({ volume }) => volume)])).toEqual([
    [10.02, -1, [5]],
    [10.01, 0, []],
    [10, 1, [30, 10]],
  ])
  expect([mid, spreadTicks]).toEqual([10.01, 2])
})

test('a message is told in the words of the market', () => {
  const numbers = { price: (steps: number) => (steps / 100).toFixed(2), size: String }
  const message = { time: 0, id: 7, price: 1001, size: 30 }
  const said = (kind: FlowKind, side: 1 | -1) => happened({ ...message, kind, side }, numbers)
  expect([
    said(FlowKind.OPEN, 1),
    said(FlowKind.CANCEL, -1),
    said(FlowKind.TRADE, 1),
    said(FlowKind.HIDDEN, -1),
    said(FlowKind.EXECUTE, 1),
    said(FlowKind.HALT, 1),
  ]).toEqual([
    'New bid: 30 at 10.01',
    'Taken back: ask 30 at 10.01',
    'Trade: a seller takes 30 at 10.01',
    'Trade: a buyer takes 30 at 10.01, from a hidden order',
    undefined,
    'Trading is halted',
  ])
})
