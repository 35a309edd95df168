import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  calendarFrom,
  calendars,
  hoursOf,
  loadImporter,
  problemWithHours,
  readSession,
  readSpecial,
  type Session,
  type SessionHours,
  sessionOf,
  sessionText,
  specialText,
} from '#data'
import { type BarEvent, BarStrategy, Side } from 'outcry'
import { dataSet, fills, play } from './market.ts'

const { fillSlots, importBars, inspect, resample } = await loadImporter()
const DAY = 86_400e6
const at = (text: string) => Date.parse(`${text}Z`) * 1000
const iso = (time: number) => new Date(time / 1000).toISOString().slice(0, 16)
const dayOf = (text: string) => at(`${text}T00:00`) / DAY

/** Futures in Chicago: from 17:00 on the evening before to 16:00, Monday to Friday. */
const futures: SessionHours = {
  zone: 'America/Chicago',
  week: [null, [-420, 960], [-420, 960], [-420, 960], [-420, 960], [-420, 960], null],
  special: [
    { day: dayOf('2024-01-15'), session: [-420, 720] },
    { day: dayOf('2024-01-17'), session: null },
  ],
}

/** Bars at the given times whose prices are their numbers. */
function barsAt(times: readonly number[]) {
  const column = Float64Array.from(times, (_, row) => row + 1)
  return {
    time: Float64Array.from(times),
    open: column,
    high: column,
    low: column,
    close: column,
    volume: column.map(() => 1),
  }
}

const session = fc
  .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 1440 }))
  .map(([open, close]): Session => (close > open ? [open, close] : [open - 1440, close]))

test('a session that is written as times of day is read as it was, also over midnight', () => {
  fc.assert(
    fc.property(session, (session) => {
      const [from, to] = sessionText(session).split('-') as [string, string]
      expect(readSession(from, to)).toEqual({ value: session })
    }),
  )
  expect(readSession('9:30', '16')).toEqual({ value: [570, 960] })
  expect(readSession('17:00', '16:00')).toEqual({ value: [-420, 960] })
  expect(readSession('22:00', '0:00')).toEqual({ value: [1320, 1440] })
  expect(readSession('25:00', '16:00')).toEqual({
    problem: "'25:00' is no time of day; expected one such as 09:30.",
  })
})

test('special days that are written one a line are read as they were, and what is none is told by its line', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.record({
          day: fc.integer({ min: -20_000, max: 60_000 }),
          session: fc.oneof(fc.constant(null), session),
        }),
        { selector: ({ day }) => day, maxLength: 30 },
      ),
      (special) => {
        const ordered = special.sort((a, b) => a.day - b.day)
        expect(readSpecial(specialText(ordered))).toEqual({ value: ordered })
      },
    ),
  )
  expect(readSpecial('2024-12-25\n\n2024-12-24 until noon')).toEqual({
    problem: "Line 3: 'until noon' tells no hours; expected closed, or hours such as 09:30-13:00.",
  })
  expect(readSpecial('2024-02-30 closed')).toEqual({ problem: 'Line 1: there is no 2024-02-30.' })
  expect(readSpecial('Christmas')).toEqual({
    problem: "Line 1: 'Christmas' begins with no day; expected a line such as 2024-12-25 closed.",
  })
})

test('any text is read as special days or told what is wrong with it', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789-: \nclosed') })),
      (text) => {
        const read = readSpecial(text)
        expect('value' in read || read.problem.length > 0).toBe(true)
      },
    ),
  )
})

test('a week without a session, or with sessions one into the other, is refused', () => {
  expect(problemWithHours({ week: Array<null>(7).fill(null), special: [] })).toMatch(/No day has a session/)
  const week = [null, [0, 1200], [-420, 960], null, null, null, null] as (Session | null)[]
  expect(problemWithHours({ week, special: [] })).toBe(
    'The session of Tue opens at 17:00 on Mon, before that of Mon closes at 20:00.',
  )
  expect(problemWithHours(futures)).toBeUndefined()
})

test('the hours of a preset make the same calendar again, holidays and half days too', () => {
  const first = dayOf('2018-01-01')
  const last = dayOf('2024-12-31')
  for (const preset of [calendars.always, calendars.usEquities]) {
    const own = calendarFrom(hoursOf(preset, first, last))
    for (let day = first; day <= last; day++) expect(sessionOf(own, day)).toEqual(sessionOf(preset, day))
  }
  const forex = hoursOf(calendars.forex, first, last)
  expect([forex.week.map((session) => session && sessionText(session)), forex.special]).toEqual([
    [null, '17:00-17:00', '17:00-17:00', '17:00-17:00', '17:00-17:00', '17:00-17:00', null],
    [],
  ])
})

/** Bars of every half hour in which futures trade, from Sunday evening the 14th on, a bar left out. */
function halfHours() {
  const times: number[] = []
  // Chicago is six hours behind UTC in January.
  const add = (from: string, to: string) => {
    for (let time = at(from); time < at(to); time += 1800e6) times.push(time)
  }
  add('2024-01-14T23:00', '2024-01-15T18:00')
  add('2024-01-15T23:00', '2024-01-16T22:00')
  add('2024-01-17T23:00', '2024-01-18T22:00')
  return times
}

test('gaps are counted by the hours that were written: over midnight, on a half day and on a holiday', async () => {
  const whole = halfHours()
  const read = async (times: readonly number[]) => {
    const rows = times.map((time, row) => `${iso(time)}:00Z,${100 + (row % 7)},120,90,${100 + (row % 5)},5`)
    const { instruments } = await importBars(
      [new TextEncoder().encode(`time,open,high,low,close,volume\n${rows.join('\n')}`)],
      {},
    )
    return inspect(instruments[0]!, calendarFrom(futures)).findings.filter(({ check }) => check === 'gaps')
  }
  expect(await read(whole)).toEqual([])
  const missing = whole.filter((time) => time !== at('2024-01-16T06:00') && time !== at('2024-01-17T23:00'))
  expect(await read(missing)).toEqual([expect.objectContaining({ count: 2, rows: 2 })])
})

test('bars outside the hours that were written are told, and none inside them: over midnight, on a half day, on a holiday', async () => {
  const read = async (times: readonly number[]) => {
    const rows = times.map((time, row) => `${iso(time)}:00Z,${100 + (row % 7)},120,90,${100 + (row % 5)},5`)
    const { instruments } = await importBars(
      [new TextEncoder().encode(`time,open,high,low,close,volume\n${rows.join('\n')}`)],
      {},
    )
    return inspect(instruments[0]!, calendarFrom(futures)).findings.filter(
      ({ check }) => check === 'outsideHours',
    )
  }
  const whole = halfHours()
  expect(await read(whole)).toEqual([])
  // After the half day has closed, on the holiday, and in the hour between two sessions.
  const more = [at('2024-01-15T19:00'), at('2024-01-17T15:00'), at('2024-01-18T22:30')]
  const [finding] = await read([...whole, ...more].sort((a, b) => a - b))
  expect(finding).toMatchObject({ count: 3, rows: 3, text: '3 bars outside the hours that you gave' })
  expect(finding!.examples.map(({ time }) => time * 1000)).toEqual(more)
})

test('joined bars begin and end with the session that was written, and a day is the one on which it closes', () => {
  const bars = barsAt(halfHours())
  const calendar = calendarFrom(futures)
  const days = resample(bars, 'day', { calendar })
  expect([...days.time].map((time) => iso(time).slice(0, 10))).toEqual([
    '2024-01-15',
    '2024-01-16',
    '2024-01-18',
  ])
  expect([...days.volume]).toEqual([38, 46, 46])
  const long = resample(bars, 4 * 3600e6, { calendar })
  expect([...long.time].slice(0, 7).map(iso)).toEqual([
    '2024-01-14T23:00',
    '2024-01-15T03:00',
    '2024-01-15T07:00',
    '2024-01-15T11:00',
    '2024-01-15T15:00',
    '2024-01-15T23:00',
    '2024-01-16T03:00',
  ])
  const late = { ...bars, time: bars.time.map((time) => time + 1800e6) }
  const closing = resample(late, 4 * 3600e6, { calendar, stamped: 'close' })
  expect([...closing.volume]).toEqual([...long.volume])
  // The last of a session is complete when it closes, not four hours after it began.
  expect([...closing.time].slice(3, 6).map(iso)).toEqual([
    '2024-01-15T15:00',
    '2024-01-15T18:00',
    '2024-01-16T03:00',
  ])
})

test('however hours are written, joined bars keep the order of time, lose no volume and hold nothing from after their end', () => {
  const free = fc.oneof(fc.constant(null), session)
  fc.assert(
    fc.property(
      fc.tuple(free, free, free, free, free, free, free),
      fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata'),
      fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 60 }),
      fc.constantFrom<'open' | 'close'>('open', 'close'),
      fc.constantFrom(900e6, 3600e6, 4 * 3600e6, 'day' as const),
      (week, zone, steps, stamped, to) => {
        fc.pre(problemWithHours({ week, special: [] }) === undefined)
        const times: number[] = []
        let time = at('2024-03-08T00:00')
        for (const step of steps) times.push((time += step * 60e6))
        const bars = barsAt(times)
        const joined = resample(bars, to, { calendar: calendarFrom({ zone, week, special: [] }), stamped })
        for (let row = 1; row < joined.time.length; row++)
          expect(joined.time[row]!).toBeGreaterThan(joined.time[row - 1]!)
        expect(joined.volume.reduce((sum, volume) => sum + volume, 0)).toBe(times.length)
        if (to === 'day') return
        let seen = 0
        joined.time.forEach((stamp, row) => {
          seen += joined.volume[row]!
          const last = times[seen - 1]!
          if (stamped === 'close') expect(last).toBeLessThanOrEqual(stamp)
          else {
            expect(last).toBeGreaterThanOrEqual(stamp)
            expect(last).toBeLessThan(stamp + to)
          }
        })
      },
    ),
    { numRuns: 300 },
  )
})

test('five-minute bars with one slot missing get it at the close before, with no volume and not real', () => {
  const times = [0, 5, 15, 20].map((minute) => at('2024-01-02T00:00') + minute * 60e6)
  const filled = fillSlots(barsAt(times), 300e6, { calendar: calendars.always })
  expect([...filled.time].map((time) => (time - times[0]!) / 60e6)).toEqual([0, 5, 10, 15, 20])
  expect(
    [filled.open, filled.high, filled.low, filled.close, filled.volume].map((column) => column[2]),
  ).toEqual([2, 2, 2, 2, 0])
  expect([...filled.real!]).toEqual([1, 1, 0, 1, 1])
})

test('closed hours are never filled: by written hours, by those of US exchanges, and where hours are not known', () => {
  const filled = (
    times: readonly number[],
    calendar: Parameters<typeof calendarFrom>[0] | keyof typeof calendars,
  ) =>
    [
      ...fillSlots(barsAt(times), 1800e6, {
        calendar: typeof calendar === 'string' ? calendars[calendar] : calendarFrom(calendar),
      }).time,
    ].map(iso)
  const whole = halfHours()
  const missing = whole.filter((time) => time !== at('2024-01-16T06:00') && time !== at('2024-01-17T23:00'))
  expect(filled(missing, futures)).toEqual(whole.map(iso))
  // A Friday's last bar and a Monday's first, with Martin Luther King's day between Monday and Tuesday.
  expect(filled([at('2024-01-12T20:00'), at('2024-01-16T15:30')], 'usEquities')).toEqual([
    '2024-01-12T20:00',
    '2024-01-12T20:30',
    '2024-01-16T14:30',
    '2024-01-16T15:00',
    '2024-01-16T15:30',
  ])
  expect(
    filled([at('2024-01-12T20:00'), at('2024-01-12T21:00'), at('2024-01-15T09:00')], 'weekdays'),
  ).toEqual(['2024-01-12T20:00', '2024-01-12T20:30', '2024-01-12T21:00', '2024-01-15T09:00'])
})

test('nothing trades in a bar that is not real, and a strategy is told which they are', async () => {
  const times = [0, 5, 15, 20].map((minute) => at('2024-01-02T00:00') + minute * 60e6)
  const bars = barsAt(times)
  for (const volume of [bars.volume, bars.volume.map(() => 0)]) {
    const seen: boolean[] = []
    class Buyer extends BarStrategy {
      override async onBar({ target }: BarEvent) {
        seen.push(target.real)
        if (seen.length === 2)
          await this.newOrder({ instrument: target.instrument, side: Side.BUY, volume: 1 })
      }
    }
    const filled = fillSlots({ ...bars, volume }, 300e6, { calendar: calendars.always })
    const record = await play(Buyer, dataSet({ instrument: { name: 'X', lotSize: 1 }, bars: filled }))
    expect(seen).toEqual([true, true, false, true, true])
    // Given on the second bar: the third is not real.
    expect(fills(record)).toEqual(['buy 1 X at 3 on 3 by open'])
  }
})

test('filling that would make a bar for every second of years is refused', () => {
  expect(() =>
    fillSlots(barsAt([at('2010-01-01T00:00'), at('2024-01-01T00:00')]), 1e6, { calendar: calendars.always }),
  ).toThrow(/more than 5,000,000 bars. Join the bars to longer ones/)
})

test('an interval far too short for its bars is told before any slot is looked for', () => {
  const saturday = barsAt([at('2024-01-06T01:00'), at('2024-01-07T13:00')])
  expect(() => fillSlots(saturday, 1, { calendar: calendars.usEquities })).toThrow(
    /^Filling would make more than 5,000,000 bars/,
  )
})
