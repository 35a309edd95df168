import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  type Indicator,
  type IndicatorInput,
  atr,
  bollinger,
  ema,
  macd,
  rsi,
  sma,
} from '../src/strategy/indicators/index.ts'

/** Bars one minute apart that open, peak, bottom and close at the given closes. */
const flat = (...closes: number[]): IndicatorInput[] =>
  closes.map((close, i) => ({
    open: close,
    high: close,
    low: close,
    close,
    volume: 100,
    time: i * 60_000,
  }))

/** The value after each bar. */
const valuesOf = (indicator: Indicator, bars: readonly IndicatorInput[]) =>
  bars.map((bar) => {
    indicator.update(bar)
    return indicator.value
  })

describe('what every indicator promises', () => {
  test('an average of three closes is absent for two bars and then moves by the new close less the one that left', () => {
    expect(valuesOf(sma(3), flat(1, 2, 6, 4))).toEqual([NaN, NaN, 3, 4])
  })

  test('comparisons with an indicator that is not warm are all false', () => {
    const average = sma(3)
    average.update(flat(1)[0]!)

    expect([average.value > 0, average.value < 0, average.ready]).toEqual([false, false, false])
    expect([average.crossedAbove(0), average.crossedBelow(0)]).toEqual([false, false])
  })

  test('the value one bar earlier is kept', () => {
    const average = sma(2)
    valuesOf(average, flat(1, 3, 5))
    expect([average.previous, average.value]).toEqual([2, 4])
  })

  test('a line crosses a level on the one bar where it goes from at-or-below to above', () => {
    const close = sma(1)
    const crossings = flat(4, 5, 6, 7, 5, 4, 6).map((bar) => {
      close.update(bar)
      return close.crossedAbove(5) ? 'up' : close.crossedBelow(5) ? 'down' : '-'
    })
    expect(crossings).toEqual(['-', '-', 'up', '-', '-', 'down', 'up'])
  })

  test('two averages updated on the same bar cross on the same bar, whichever was updated first', () => {
    const closes = [10, 10, 10, 10, 13, 16, 12, 8, 4]
    const crossings = (fastFirst: boolean) => {
      const fast = sma(2)
      const slow = sma(4)
      return flat(...closes).map((bar) => {
        for (const average of fastFirst ? [fast, slow] : [slow, fast]) average.update(bar)
        return [
          fast.crossedAbove(slow),
          fast.crossedBelow(slow),
          slow.crossedBelow(fast),
          fast.crossedAbove(fast),
        ]
      })
    }
    expect(crossings(true)).toEqual(crossings(false))
    expect(crossings(true).findIndex(([above]) => above)).toBe(4)
    expect(crossings(true).findIndex(([, below]) => below)).toBe(7)
    expect(crossings(true).every(([above, , mirrored, itself]) => above === mirrored && !itself)).toBe(true)
  })

  test('an indicator draws itself, and one with several lines draws each, always in the same array', () => {
    const average = sma(20)
    const bands = bollinger(20, 2)
    expect(average.lines).toEqual([average])
    expect(bands.lines.map(({ name, pane }) => `${name} on ${pane}`)).toEqual([
      'BB 20 2 upper on price',
      'BB 20 2 middle on price',
      'BB 20 2 lower on price',
    ])
    expect(bands.lines).toBe(bands.lines)
  })

  test('a line of an indicator crosses another, and cannot be fed bars of its own', () => {
    const trend = macd(2, 3, 2)
    const ups = flat(10, 10, 10, 10, 10, 9, 8, 9, 12, 15).map((bar) => {
      trend.update(bar)
      return trend.line.crossedAbove(trend.signal)
    })
    expect(ups.indexOf(true)).toBe(7)
    expect(() => trend.signal.update(flat(1)[0]!)).toThrow(/MACD 2 3 2 signal is one line.*whole indicator/)
  })

  test('MACD is ready when its last line is', () => {
    const trend = macd(2, 3, 2)
    const ready = flat(1, 2, 3, 4, 5).map((bar) => {
      trend.update(bar)
      return [trend.line.ready, trend.ready]
    })
    expect(ready).toEqual([
      [false, false],
      [false, false],
      [true, false],
      [true, true],
      [true, true],
    ])
  })

  test('an average can be of another field, of a function of the bar, or of another indicator', () => {
    const bar = { open: 1, high: 8, low: 2, close: 5, volume: 70, time: 0 }
    const sources = ['open', 'high', 'low', 'close', 'volume', 'hl2', 'hlc3', 'ohlc4'] as const
    expect(sources.map((source) => valuesOf(sma(1, source), [bar])[0])).toEqual([1, 8, 2, 5, 70, 5, 5, 4])
    expect(
      valuesOf(
        sma(1, ({ high, low }) => high - low),
        [bar],
      ),
    ).toEqual([6])

    const strength = rsi(2)
    const smoothed = sma(2, strength)
    const values = flat(1, 2, 1, 1, 4).map((next) => {
      strength.update(next)
      smoothed.update(next)
      return smoothed.value - (strength.value + strength.previous) / 2
    })
    expect(values).toEqual([NaN, NaN, NaN, 0, 0])
    expect([smoothed.name, smoothed.pane, sma(3, 'hl2').name]).toEqual(['SMA 2 of RSI 2', 'RSI', 'SMA 3 hl2'])
  })

  test('a missing price is passed over: absent on that bar, undisturbed on the next', () => {
    expect(valuesOf(sma(2), flat(1, 3, NaN, 5))).toEqual([NaN, 2, NaN, 4])
    expect(valuesOf(ema(3), flat(1, 2, 3, NaN, 4))).toEqual([NaN, NaN, 2, NaN, 3])
  })

  test('settings that make no sense are refused with what was found and what was expected', () => {
    expect(() => sma(0)).toThrow('sma period is 0; expected a whole number of bars from 1 to 1000000')
    expect(() => ema(2.5)).toThrow(RangeError)
    expect(() => macd(26, 12)).toThrow('macd slow period is 12; expected a whole number of bars from 27')
    expect(() => bollinger(20, -1)).toThrow(
      'bollinger deviations is -1; expected a finite number of at least 0',
    )
    expect(() => sma(3, 'typical' as 'close')).toThrow(
      'Indicator source is "typical"; expected one of open, high',
    )
  })
})

describe('arithmetic', () => {
  test('on prices of a 1/64 grid a moving average equals the sum of its window to the last bit', () => {
    const average = sma(7)
    const closes: number[] = []
    let seed = 1
    for (let i = 0; i < 5000; i++) {
      seed = (seed * 48271) % 2147483647
      closes.push((seed % 100_000) / 64)
      average.update(flat(closes[i]!)[0]!)
      if (i >= 6) expect(average.value).toBe(closes.slice(-7).reduce((a, b) => a + b) / 7)
    }
  })

  test('a giant bar leaves nothing behind in an average or a band once it is out of the window for a window', () => {
    const bars = flat(...Array(10).fill(0.1), 1e15, ...Array(30).fill(0.1))
    const average = sma(10)
    const bands = bollinger(10)
    for (const bar of bars) {
      average.update(bar)
      bands.update(bar)
    }
    expect(average.value).toBeCloseTo(0.1, 15)
    expect(bands.upper.value).toBe(bands.lower.value)
  })

  test('a band of a dear and quiet instrument is as wide as the deviation worked out in two passes', () => {
    const closes = Array.from({ length: 500 }, (_, i) => 60_000 + ((i * 7919) % 101) / 100)
    const bands = bollinger(20, 2)
    closes.forEach((close, i) => {
      bands.update(flat(close)[0]!)
      if (i < 19) return
      const window = closes.slice(i - 19, i + 1)
      const mean = window.reduce((a, b) => a + b) / 20
      const deviation = Math.sqrt(window.reduce((a, b) => a + (b - mean) ** 2, 0) / 20)
      expect(bands.upper.value - bands.lower.value).toBeCloseTo(4 * deviation, 9)
    })
  })

  test('bands close up on a flat market and have no percentage there', () => {
    const bands = bollinger(5)
    valuesOf(bands, flat(1, 2, 3, 4, 0.1, 0.1, 0.1, 0.1, 0.1))
    expect([bands.upper.value, bands.lower.value, bands.percentB]).toEqual([bands.value, bands.value, NaN])
  })

  test('a market that only rises has a relative strength of 100, one that only falls 0, a flat one 50', () => {
    expect(valuesOf(rsi(2), flat(1, 2, 3, 4)).at(-1)).toBe(100)
    expect(valuesOf(rsi(2), flat(4, 3, 2, 1)).at(-1)).toBe(0)
    expect(valuesOf(rsi(2), flat(4, 4, 4, 4)).at(-1)).toBe(50)
  })

  test('true range reaches over the gap from the close before', () => {
    const bars = [
      { open: 10, high: 11, low: 9, close: 10, volume: 1, time: 0 },
      { open: 14, high: 15, low: 13, close: 14, volume: 1, time: 1 },
      { open: 8, high: 9, low: 7, close: 8, volume: 1, time: 2 },
    ]
    expect(valuesOf(atr(1), bars)).toEqual([NaN, 5, 7])
  })
})

/** One figure of an indicator, and the column of the vectors that it must equal on every row. */
type Verified = readonly [
  vector: string,
  field: string,
  make: () => Indicator,
  read: (indicator: never) => number,
]

/** Names a figure to verify; `read` picks it, `value` when left out. */
function verify<I extends Indicator>(
  vector: string,
  field: string,
  make: () => I,
  read: (indicator: I) => number = ({ value }) => value,
): Verified {
  return [vector, field, make, read as (indicator: never) => number]
}

const verified: readonly Verified[] = [
  verify('sma', 'sma', () => sma(20)),
  verify('ema', 'ema', () => ema(20)),
  verify('rsi', 'rsi', () => rsi(14)),
  verify(
    'macd',
    'macd',
    () => macd(),
    ({ line }) => line.value,
  ),
  verify(
    'macd',
    'signal',
    () => macd(),
    ({ signal }) => signal.value,
  ),
  verify(
    'macd',
    'histogram',
    () => macd(),
    ({ histogram }) => histogram.value,
  ),
  verify(
    'bb',
    'sma',
    () => bollinger(),
    ({ middle }) => middle.value,
  ),
  verify(
    'bb',
    'upperBand',
    () => bollinger(),
    ({ upper }) => upper.value,
  ),
  verify(
    'bb',
    'lowerBand',
    () => bollinger(),
    ({ lower }) => lower.value,
  ),
  verify(
    'bb',
    'percentB',
    () => bollinger(),
    ({ percentB }) => percentB,
  ),
  verify(
    'bb',
    'width',
    () => bollinger(),
    ({ width }) => width,
  ),
  verify('atr', 'atr', () => atr(14)),
]

interface Vectors {
  readonly quotes: readonly (Omit<IndicatorInput, 'time'> & { readonly date: string })[]
  readonly indicators: Record<
    string,
    {
      readonly fields: readonly string[]
      readonly rows: readonly (readonly (number | boolean | string | null)[])[]
    }
  >
}

const file = new URL('../../shared/vectors/indicators-502-bars.json', import.meta.url)
const vectors: Vectors | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
const bars: readonly IndicatorInput[] = vectors?.quotes.map((q) => ({ ...q, time: Date.parse(q.date) })) ?? []

describe('502 daily bars of a large fund, as computed by Stock.Indicators', () => {
  test.skipIf(vectors)('are absent here, so none of its figures were compared', ({ skip }) => skip())

  test.skipIf(!vectors).for(verified)('%s: %s agrees on every row, to 1e-9', ([name, field, make, read]) => {
    const { fields, rows } = vectors!.indicators[name]!
    const column = fields.indexOf(field)
    expect(column).toBeGreaterThan(0)
    const indicator = make() as never as Indicator
    const wrong: string[] = []
    bars.forEach((bar, i) => {
      indicator.update(bar)
      const found = read(indicator as never)
      const expected = rows[i]![column] ?? NaN
      if (typeof expected !== 'number') throw new Error(`row ${i} is ${expected}`)
      const near = Math.abs(found - expected) <= 1e-9 * Math.abs(expected) || Object.is(found, expected)
      if (!near)
        wrong.push(`row ${i}: found ${found}, expected ${expected}, ratio off by ${found / expected - 1}`)
    })
    expect(wrong).toEqual([])
  })
})
