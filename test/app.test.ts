import { beforeEach, expect, test } from 'vitest'
import { change, clock, counted, money, number, percent, useLocale } from '../src/app/format.ts'
import { csv, sorted, type Column } from '../src/app/kit/table.ts'
import { readMoment } from '../src/app/panels/moments.ts'

beforeEach(() => useLocale('en-US'))

test('a percentage has one decimal, and two when it is small', () => {
  expect(percent(0.614)).toBe('61.4\u202f%')
  expect(percent(0.0042)).toBe('0.42\u202f%')
  expect(percent(0)).toBe('0.0\u202f%')
  expect(percent(-0.189, true)).toBe('\u221218.9\u202f%')
})

test('what cannot be computed is a dash, never NaN', () => {
  expect([number(NaN), percent(NaN, true), change(NaN), money(NaN, 'USD')]).toEqual(['–', '–', '–', '–'])
  expect(number(Infinity)).toBe('∞')
})

test('what rounds to nothing has no sign', () => {
  useLocale('en-US')
  expect([number(-0.001, 2), percent(-0.00001), money(-0.001, 'USD'), change(-0.001)]).toEqual([
    '0.00',
    '0.00\u202f%',
    '$0.00',
    '0.00',
  ])
  expect([number(-0.01, 2), money(-1, 'USD')]).toEqual(['\u22120.01', '\u2212$1.00'])
})

test('a count of one has no plural', () => {
  useLocale('en-US')
  expect([
    counted(0, 'bar'),
    counted(1, 'bar'),
    counted(1200, 'bar'),
    counted(1, 'entry', 'entries'),
  ]).toEqual(['0 bars', '1 bar', '1,200 bars', '1 entry'])
})

test('money names its currency, also one that no standard knows', () => {
  expect(money(1284.4, 'USD')).toBe('$1,284')
  expect(money(-223.26, 'USD', { sign: true })).toBe('\u2212$223.26')
  expect(money(0.5, 'USDT-X')).toBe('0.50\u202fUSDT-X')
})

test('German readers get their own points and commas', () => {
  useLocale('de-DE')
  expect(percent(1.0734, true)).toBe('+107,3\u202f%')
  expect(number(1234.5, 2)).toBe('1.234,50')
})

test('daily bars carry dates, which no time zone moves to the day before', () => {
  const midnight = Date.UTC(2015, 1, 17) * 1000
  expect(clock([midnight, midnight + 86_400_000_000], 'America/New_York').at(midnight)).toBe('2015-02-17')
})

test('intraday times are told in the zone of their instrument', () => {
  const open = Date.UTC(2015, 1, 17, 14, 30) * 1000
  expect(clock([open], 'America/New_York').at(open)).toBe('2015-02-17 09:30:00')
})

const profits = [3, NaN, -2, 10]
const columns: Column[] = [
  { id: 'name', label: 'Name', value: (row) => ['a', '=1+1', 'c, "d"', 'e'][row]! },
  { id: 'profit', label: 'Profit', numeric: true, value: (row) => profits[row]! },
]

test('rows without a figure stay last whichever way a table is sorted', () => {
  const by = (descending: boolean) => sorted([0, 1, 2, 3], columns, { column: 'profit', descending })
  expect(by(false)).toEqual([2, 0, 3, 1])
  expect(by(true)).toEqual([3, 0, 2, 1])
})

test('a copied table quotes what needs it and disarms formulas', () => {
  expect(csv([0, 1, 2], columns)).toBe('Name,Profit\r\na,3\r\n\'=1+1,\r\n"c, ""d""",-2\r\n')
})

test('a moment is read as the clock of an exchange writes it, and a date as the date that it is', () => {
  const utc = (text: string) => Date.parse(text) * 1000
  const newYork = { zone: 'America/New_York', dates: false }
  expect(readMoment('2016-01-31 14:30', newYork)).toBe(utc('2016-01-31T19:30Z'))
  expect(readMoment(' 2016-07-01T09:30:15 ', newYork)).toBe(utc('2016-07-01T13:30:15Z'))
  // The clocks went forward at two.
  expect(readMoment('2016-03-13 00:30', newYork)).toBe(utc('2016-03-13T05:30Z'))
  expect(readMoment('2016-03-13 12:00', newYork)).toBe(utc('2016-03-13T16:00Z'))
  expect(readMoment('2016-01-31', { ...newYork, dates: true })).toBe(utc('2016-01-31T00:00Z'))
  for (const text of ['', 'yesterday', '2016-13-01', '31.01.2016', '2016-01-31 25:00'])
    expect(readMoment(text, newYork), text).toBeUndefined()
})
