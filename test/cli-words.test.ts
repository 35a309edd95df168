import { expect, test } from 'vitest'
import { namesOf } from '#session'
import { counted, decimals, listed, percent } from '../src/cli-words.ts'

test('strategies of one class are told apart by their files, by the inputs that differ, and at last by numbers', () => {
  const strategy = (file: string, inputs = {}, name?: string) => ({ name, className: 'Trend', file, inputs })
  expect(namesOf([strategy('a.ts', { fast: 5 }), strategy('a.ts', { fast: 5 }, 'Other')])).toEqual([
    'Trend',
    'Other',
  ])
  expect(namesOf([strategy('cfg/a.ts'), strategy('cfg/b.ts')])).toEqual(['Trend (a.ts)', 'Trend (b.ts)'])
  expect(namesOf([strategy('x/a.ts'), strategy('y/a.ts')])).toEqual(['Trend (x/a.ts)', 'Trend (y/a.ts)'])
  expect(
    namesOf([
      strategy('a.ts'),
      strategy('a.ts', { fast: 5, slow: 30 }),
      strategy('a.ts', { fast: 10, slow: 30 }),
    ]),
  ).toEqual(['Trend', 'Trend (fast 5, slow 30)', 'Trend (fast 10, slow 30)'])
  expect(
    namesOf([strategy('a.ts', { fast: 5, slow: 30 }), strategy('a.ts', { fast: 10, slow: 30 })]),
  ).toEqual(['Trend (fast 5)', 'Trend (fast 10)'])
  expect(namesOf([strategy('a.ts'), strategy('a.ts', {}, 'Trend'), strategy('a.ts')])).toEqual([
    'Trend 2',
    'Trend',
    'Trend 3',
  ])
})

test('a count of one has no plural', () => {
  expect([counted(0, 'row'), counted(1, 'row'), counted(1200, 'row')]).toEqual([
    '0 rows',
    '1 row',
    '1,200 rows',
  ])
  expect([counted(1, 'line is', 'lines are'), counted(2, 'line is', 'lines are')]).toEqual([
    '1 line is',
    '2 lines are',
  ])
  expect([[], ['A'], ['A', 'B'], ['A', 'B', 'C']].map(listed)).toEqual(['', 'A', 'A and B', 'A, B and C'])
})

test('what rounds to nothing has no sign, and thousands are set apart by commas', () => {
  expect([decimals(-0.004, 2), percent(-0.0001), decimals(-1234.5, 2)]).toEqual([
    '0.00',
    '0.0 %',
    '-1,234.50',
  ])
})
