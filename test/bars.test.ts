import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ZoneClock } from '#market'
import {
  type Bar,
  type BarEvent,
  BarSeries,
  BarStrategy,
  type BarSeriesOptions,
  ema,
  Instrument,
  sma,
  type Strategy,
} from 'outcry'
import { feederOf } from '../src/strategy/bar-series.ts'
import { dataSet, fills, market, play } from './market.ts'

const minute = 60_000
const day = 86_400_000

/** Bars of an instrument whose prices count up from 1: the `i`-th opens at `i + 1` and closes at `i + 1.5`. */
function counted(times: readonly number[], timeZone = 'UTC') {
  const column = (of: (i: number) => number) => Float64Array.from(times, (_, i) => of(i))
  return dataSet({
    instrument: { name: 'X', timeZone, lotSize: 1 },
    bars: {
      time: Float64Array.from(times, (time) => time * 1000),
      open: column((i) => i + 1),
      high: column((i) => i + 1.75),
      low: column((i) => i + 0.5),
      close: column((i) => i + 1.5),
      volume: column(() => 1),
    },
  })
}

const from = Date.UTC(2024, 0, 1)
const every = (minutes: number, count: number, start = from) =>
  Array.from({ length: count }, (_, i) => start + i * minutes * minute)
const short = (time: number) => new Date(time).toISOString().slice(5, 16)
const say = (bar: Bar) => `${short(bar.time)} ${bar.open} ${bar.high} ${bar.low} ${bar.close} ${bar.volume}`

/** What a series told when, over data. */
async function told(data: Parameters<typeof play>[1], interval: string | number, options?: BarSeriesOptions) {
  class Tells extends BarStrategy {
    series = this.bars(interval, options).onBar((bar) => this.log(`${short(this.now())}: ${say(bar)}`))
    onBar() {}
  }
  return (await play(Tells, data)).lines
}

describe('longer bars', () => {
  test('of an hour from quarters are complete with the quarter that ends it', async () => {
    expect(await told(counted(every(15, 9)), '1h')).toEqual([
      '01-01T00:45: 01-01T00:00 1 4.75 0.5 4.5 4',
      '01-01T01:45: 01-01T01:00 5 8.75 4.5 8.5 4',
    ])
  })

  test('are complete with a later bar where the last of their own is missing', async () => {
    const times = every(15, 9).filter((_, i) => i !== 3)
    expect(await told(counted(times), '1h')).toEqual([
      '01-01T01:00: 01-01T00:00 1 3.75 0.5 3.5 3',
      '01-01T01:45: 01-01T01:00 4 7.75 3.5 7.5 4',
    ])
  })

  test('that are joined of bars without a length, such as so many trades each, wait for the next: nobody knows when it comes', async () => {
    const times = [0, 13, 31, 47, 74, 91].map((minutes) => from + minutes * minute)
    expect((await told(counted(times), '1h')).map((line) => line.slice(0, 11))).toEqual(['01-01T01:14'])
  })

  test('can be looked up by place, as the newest, and one after the other; what is under way cannot', async () => {
    class Looks extends BarStrategy {
      hours = this.bars('1h')
      onBar() {
        const { hours } = this
        this.log(hours.length, hours.last?.close, hours.at(0)?.close, hours.at(-2)?.close, hours.at(9))
      }
      onExit() {
        this.log(
          [...this.hours].map(({ close }) => close),
          this.hours.latest(1).map(({ close }) => close),
          this.hours.at(2),
        )
      }
    }
    expect((await play(Looks, counted(every(30, 5)))).lines).toEqual([
      '0 undefined undefined undefined undefined',
      '1 2.5 2.5 undefined undefined',
      '1 2.5 2.5 undefined undefined',
      '2 4.5 2.5 2.5 undefined',
      '2 4.5 2.5 2.5 undefined',
      '[2.5, 4.5] [4.5] undefined',
    ])
  })

  test('are told before the bar that completed them, and their orders trade on what follows', async () => {
    class Buys extends BarStrategy {
      hours = this.bars(this.instruments()[0]!, '1h').onBar(async (hour) => {
        this.log('hour')
        if (this.hours.length === 1) await this.buy(hour.instrument, 1)
      })
      onBar() {
        this.log('bar')
      }
    }
    const record = await play(Buys, counted(every(30, 4)))
    expect(record.lines).toEqual(['bar', 'hour', 'bar', 'bar', 'hour', 'bar'])
    expect(fills(record)).toEqual(['buy 1 X at 3 on 2 by open'])
  })

  test('of days from daily bars are those bars, and a week is complete with its Sunday or the next Monday', async () => {
    const days = every(1440, 15)
    expect(await told(counted(days), '1d')).toHaveLength(15)
    expect(await told(counted(days), '1w')).toEqual([
      '01-07T00:00: 01-01T00:00 1 7.75 0.5 7.5 7',
      '01-14T00:00: 01-08T00:00 8 14.75 7.5 14.5 7',
    ])
    const weekdays = days.filter((time) => ![0, 6].includes(new Date(time).getUTCDay()))
    expect((await told(counted(weekdays), '1w')).map((text) => text.slice(0, 26))).toEqual([
      '01-08T00:00: 01-01T00:00 1',
      '01-15T00:00: 01-08T00:00 6',
    ])
  })

  test('of days begin at midnight in the zone of the instrument, 23 hours long when clocks go forward', async () => {
    const hours = every(60, 24 * 3, Date.UTC(2024, 2, 9, 5))
    expect(
      (await told(counted(hours, 'America/New_York'), '1d')).map((text) => [
        text.slice(0, 24),
        text.split(' ').at(-1),
      ]),
    ).toEqual([
      ['03-10T04:00: 03-09T00:00', '24'],
      ['03-11T03:00: 03-10T00:00', '23'],
      ['03-12T03:00: 03-11T00:00', '24'],
    ])
  })

  test('of four hours follow the clock over its change, and an hour that comes twice is two bars', async () => {
    const hours = every(60, 12, Date.UTC(2024, 10, 3, 4))
    const options = { timeZone: 'America/New_York' }
    expect((await told(counted(hours), '4h', options)).map((text) => text.split(' ').at(-1))).toEqual([
      '5',
      '4',
    ])
    expect(await told(counted(hours), '1h', options)).toHaveLength(12)
  })

  test('of a session leave out what lies outside, begin with the open, and end the day at the close', async () => {
    const session = { session: { open: '09:30', close: '16:00' }, timeZone: 'America/New_York' }
    const start = Date.UTC(2024, 0, 2, 14)
    const halves = counted(every(30, 40, start))
    expect((await told(halves, '1d', session)).map((text) => text.slice(0, 26))).toEqual([
      '01-02T20:30: 01-02T00:00 2',
    ])
    expect((await told(halves, '2h', session)).map((text) => text.slice(0, 24))).toEqual([
      '01-02T16:00: 01-02T14:30',
      '01-02T18:00: 01-02T16:30',
      '01-02T20:00: 01-02T18:30',
      '01-02T20:30: 01-02T20:30',
    ])
  })

  test('on a synthetic market are complete at their stamp, and hold the trades up to it', async () => {
    const synthetic = { seed: 3, seconds: 300, agents: 60, barSeconds: 10 }
    const data = { id: 's', name: 'S', provenance: 'made', instruments: [], synthetic }
    class Minutes extends BarStrategy {
      parts: Bar[] = []
      seconds = this.bars('10s').onBar((bar) => void this.parts.push(bar))
      minutes = this.bars('1m').onBar((minute) => {
        const parts = this.parts.splice(0)
        this.log(
          minute.time === this.now(),
          parts.length,
          minute.open === parts[0]!.open && minute.close === parts.at(-1)!.close,
          minute.high === Math.max(...parts.map(({ high }) => high)),
          minute.volume === parts.reduce((sum, { volume }) => sum + volume, 0),
        )
      })
      onBar() {}
    }
    expect((await play(Minutes, data)).lines).toEqual(Array(5).fill('true 6 true true true'))
  })

  test('of a daily data set cannot be hours, and intervals have to fit into days', async () => {
    const of = (interval: string | number, options?: BarSeriesOptions) =>
      told(market(10, 11), interval, options)
    await expect(of('1h')).rejects.toThrow(
      "bars: the interval is '1h'; expected at least the 1 day between the bars of X",
    )
    await expect(of('7h')).rejects.toThrow(/'7h'; expected one that divides a day/)
    await expect(of('36h')).rejects.toThrow(/'36h'; expected one that divides a day/)
    await expect(of('month')).rejects.toThrow(/bars: the interval is 'month'; expected/)
    await expect(of('1d', { timeZone: 'Nowhere' })).rejects.toThrow(/bars: there is no time zone 'Nowhere'/)
    await expect(of('1d', { session: { open: '16:00', close: '09:30' } })).rejects.toThrow(
      /bars: the session is from '16:00' to '09:30'; expected an open before the close/,
    )
    await expect(of('1d', 5 as never)).rejects.toThrow(/bars: the options are 5/)
  })

  test('are refused of an instrument that the run does not have', async () => {
    class Wrong extends BarStrategy {
      series = this.bars(new Instrument({ name: 'Y' }), '1d')
      onBar() {}
    }
    await expect(play(Wrong, market(10))).rejects.toThrow(
      /bars: Y is not an instrument of this run; expected one of X/,
    )
  })
})

describe('an indicator on longer bars', () => {
  test('is fed with them alone, and is drawn as steps on the bars of the run', async () => {
    class Steps extends BarStrategy {
      average = this.indicator(sma(2), this.bars('1h'))
      onBar() {
        this.log(this.average.value)
      }
    }
    const record = await play(Steps, counted(every(20, 10)))
    const steps = [NaN, NaN, NaN, NaN, NaN, 5, 5, 5, 8, 8]
    expect(record.lines).toEqual(steps.map(String))
    expect(record.plots.map(({ name, pane, values }) => [name, pane, [...values]])).toEqual([
      ['SMA 2', 'price', steps],
    ])
  })

  test('over bars of the same length is the indicator itself', async () => {
    class Both extends BarStrategy {
      plain = this.indicator(ema(3))
      series = this.indicator(ema(3), this.bars('15m'))
      onBar() {
        if (this.plain.value !== this.series.value && this.plain.ready) throw new Error('differ')
      }
    }
    await play(Both, counted(every(15, 50)))
  })
})

describe('no longer bar knows more than has been told', () => {
  const zones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']
  const intervals = ['30m', '1h', '4h', '6h', '1d', '3d', '1w']
  /** Bars on a grid of ten minutes with gaps, over a change of clocks; the first two are neighbours. */
  const times = fc
    .record({
      start: fc.integer({ min: 0, max: 2000 }),
      steps: fc.array(fc.nat({ max: 60 }), { maxLength: 120 }),
    })
    .map(({ start, steps }) => {
      const first = Date.UTC(2024, 2, 1) + start * 10 * minute
      const all = [first, first + 10 * minute]
      for (const step of steps) all.push(all.at(-1)! + (step < 40 ? 1 : step) * 10 * minute)
      return all
    })

  test('cutting the data short changes nothing that was told before the cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        times,
        fc.constantFrom(...zones),
        fc.constantFrom(...intervals),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (times, zone, interval, cut) => {
          const whole = await told(counted(times, zone), interval)
          const kept = Math.max(2, Math.floor(cut * times.length))
          const part = await told(counted(times.slice(0, kept), zone), interval)
          expect(whole.slice(0, part.length)).toEqual(part)
          const last = short(times[kept - 1]!)
          expect(whole.slice(part.length).every((line) => line.slice(0, 11) > last)).toBe(true)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('each is made of exactly the bars whose stamps lie in it, in order, none left out', () => {
    fc.assert(
      fc.property(
        times,
        fc.constantFrom(...zones),
        fc.constantFrom(...intervals),
        (times, zone, interval) => {
          const instrument = new Instrument({ name: 'X', timeZone: zone })
          const calls: (() => unknown)[] = []
          const stamps = { at: 'open', interval: 600e6, dates: false } as const
          const series = new BarSeries(instrument, interval, {}, stamps, (job) => void calls.push(job))
          const { bars } = counted(times).instruments[0]!
          let row = 0
          for (const time of times) {
            feederOf(series).update({
              time,
              open: bars.open[row]!,
              high: bars.high[row]!,
              low: bars.low[row]!,
              close: bars.close[row]!,
              volume: 1,
            })
            row++
          }
          const clock = new ZoneClock('test', zone)
          let next = 0
          let before = -Infinity
          for (const bar of series) {
            expect(bar.time).toBeGreaterThan(before)
            before = bar.time
            // Opens and closes count the bars that went into it.
            expect(bar.open).toBe(next + 1)
            const last = bar.close - 1.5
            expect(bar.volume).toBe(last - next + 1)
            const days = { '1d': 1, '3d': 3, '1w': 7 }[interval]
            for (let i = next; i <= last; i++) {
              const local = clock.local(times[i]!)
              if (days !== undefined) {
                expect(local).toBeGreaterThanOrEqual(bar.time)
                expect(local).toBeLessThan(bar.time + days * day)
              } else expect(times[i]!).toBeGreaterThanOrEqual(bar.time)
            }
            next = last + 1
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('an order that is sent after reading an indicator without a value', () => {
  const reads = (
    does: (s: Strategy & { average: { value: number; ready: boolean } }, e: BarEvent) => unknown,
  ) =>
    class extends BarStrategy {
      average = this.indicator(sma(3))
      async onBar(event: BarEvent) {
        await does(this, event)
      }
    }
  const buy = (s: Strategy, { target }: BarEvent) => s.buy(target.instrument, 1)
  const rising = market(10, 11, 12, 13, 14)

  test('is told in the log once, with the name of the line', async () => {
    const careless = reads((s, event) => !(event.target.close < s.average.value) && buy(s, event))
    expect((await play(careless, rising)).lines).toEqual([
      'Order 1 was sent after SMA 3 had been read, which has no value yet. It is NaN, and every comparison with NaN is false, also one that was meant to wait: ask ready first.',
    ])
  })

  test('is not told where the strategy asked whether it is ready, or the order had nothing to do with it', async () => {
    const careful = reads(
      (s, event) => (!s.average.ready || event.target.close > s.average.value) && buy(s, event),
    )
    expect((await play(careful, rising)).lines).toEqual([])
    const other = reads(async (s, event) => {
      if (event.target.close === 10) await buy(s, event)
      else if (event.target.close > s.average.value) await buy(s, event)
    })
    expect((await play(other, rising)).lines).toEqual([])
  })
})

test('bars that are stamped with their end make longer bars that are complete at their own', async () => {
  const { instruments, ...rest } = counted(every(15, 9))
  const closing = { ...rest, instruments: instruments.map((one) => ({ ...one, stamped: 'close' as const })) }
  expect(await told(closing, '1h')).toEqual([
    '01-01T00:00: 01-01T00:00 1 1.75 0.5 1.5 1',
    '01-01T01:00: 01-01T01:00 2 5.75 1.5 5.5 4',
    '01-01T02:00: 01-01T02:00 6 9.75 5.5 9.5 4',
  ])
})
