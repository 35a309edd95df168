import { afterEach, expect, test } from 'vitest'
import { clock, number, useLocale, writtenMoment, zoneShown } from '../src/app/format.ts'
import { fuzzy, search } from '../src/app/palette/fuzzy.ts'
import { inWords, keyNames, shortcuts } from '../src/app/palette/shortcuts.ts'
import { writing } from '../src/app/writing.svelte.ts'

afterEach(() => {
  useLocale()
  writing.zone = 'exchange'
  writing.dates = 'iso'
})

const labels = [
  'Run',
  'Reset the inputs',
  'Rename this strategy…',
  'Theme: dark',
  'Your strategies…',
  'Café crossover',
]
const found = (typed: string) => search(typed, labels, (label) => [label]).map(({ item }) => item)

test('letters in their order find a command, whatever stands between them', () => {
  expect(found('ren')[0]).toBe('Rename this strategy…')
  expect(found('yst')[0]).toBe('Your strategies…')
  expect(found('th dark')).toEqual(['Theme: dark'])
  expect(found('cafe')).toEqual(['Café crossover'])
  expect(found('xyz')).toEqual([])
  expect(found('  ')).toEqual(labels)
})

test('starts of words and letters side by side come before letters anywhere', () => {
  expect(found('run')[0]).toBe('Run')
  expect(fuzzy('ti', 'Reset the inputs')!.at).toEqual([6, 10])
  expect(fuzzy('in', 'Reset the inputs')!.at).toEqual([10, 11])
  expect(fuzzy('set', 'Reset the inputs')!.at).toEqual([2, 3, 4])
  expect(fuzzy('run', 'Run')!.score).toBeGreaterThan(fuzzy('run', 'Rename this one')?.score ?? -1)
})

test('other words find a command too, and mark nothing in its label', () => {
  const [first] = search('trash', [['Your strategies…', 'deleted trash']], (texts) => texts)
  expect(first?.at).toEqual([])
})

test('keys are named as the keyboard shows them', () => {
  expect(keyNames('Mod+Enter')).toEqual(['Ctrl', '↵'])
  expect(keyNames('+')).toEqual(['+'])
  expect(inWords('In the code Mod+P')).toBe('In the code Ctrl+P')
  const all = shortcuts.flatMap(({ all }) => all)
  expect(all.every(({ keys, what }) => keys.length > 0 && /^[A-Z].*[^.]$/.test(what))).toBe(true)
})

const moment = Date.UTC(2018, 2, 2, 14, 30) * 1000

test('times are told in the zone that was chosen, dates of daily bars in none', () => {
  const intraday = () => clock([moment + 1e6], 'America/New_York')
  expect(intraday().at(moment)).toBe('2018-03-02 09:30:00')
  writing.zone = 'utc'
  expect(intraday().at(moment)).toBe('2018-03-02 14:30:00')
  expect(intraday().zone).toBe('UTC')
  expect(clock([moment + 1e6], 'America/New_York', 'as-given').at(moment)).toBe('2018-03-02 09:30:00')
  expect(writtenMoment(moment, 'America/New_York')).toBe('2018-03-02 14:30:00, UTC')
  writing.zone = 'local'
  expect(zoneShown('America/New_York')).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone)
  const day = 1_520_000_000_000_000 - (1_520_000_000_000_000 % 86_400_000_000)
  expect(clock([day], 'Asia/Tokyo').at(day)).toBe('2018-03-02')
})

test('dates follow the number format where that was chosen', () => {
  useLocale('de-DE')
  expect(number(1234.5, 1)).toBe('1.234,5')
  expect(clock([1], 'UTC').at(moment)).toBe('2018-03-02 14:30:00')
  writing.dates = 'locale'
  expect(clock([1], 'UTC').at(moment)).toBe('02.03.18, 14:30:00')
  expect(clock([1], 'UTC').day(moment)).toBe('02.03.18')
})
