import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { random } from '#market'
import { spanNumber } from '../src/strategy/indicators/calendar.ts'
import * as indicators from '../src/strategy/indicators/index.ts'
import type { Indicator, IndicatorInput } from '../src/strategy/indicators/index.ts'

const {
  adl,
  adx,
  alma,
  aroon,
  atr,
  awesomeOscillator,
  balanceOfPower,
  beta,
  bollinger,
  cci,
  chaikinMoneyFlow,
  chaikinOscillator,
  choppiness,
  cmo,
  correlation,
  dema,
  donchian,
  dpo,
  easeOfMovement,
  efficiencyRatio,
  elderRay,
  ema,
  fisher,
  forceIndex,
  heikinAshi,
  highest,
  hma,
  ichimoku,
  kama,
  keltner,
  klinger,
  linearRegression,
  lowest,
  macd,
  meanDeviation,
  mfi,
  momentum,
  obv,
  parabolicSar,
  pivotPoints,
  pvo,
  roc,
  rsi,
  sma,
  smi,
  smma,
  standardDeviation,
  stc,
  stochastic,
  stochasticRsi,
  supertrend,
  t3,
  tema,
  trix,
  trueRange,
  tsi,
  ulcerIndex,
  ultimateOscillator,
  variance,
  vortex,
  vwap,
  vwma,
  volumePriceTrend,
  williamsR,
  wma,
  zScore,
} = indicators

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

/** Where two series differ by more than 1e-9 of the expected, or by 1e-12 where that is as good as 0. */
function differences(found: readonly number[], expected: readonly number[]): string[] {
  expect(found.length).toBe(expected.length)
  return expected.flatMap((value, i) =>
    Math.abs(found[i]! - value) <= 1e-9 * Math.abs(value) + 1e-12 || Object.is(found[i], value)
      ? []
      : [`row ${i}: found ${found[i]}, expected ${value}`],
  )
}

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
      "Indicator source is 'typical'; expected one of open, high",
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

  test('a change from nothing is no change in percent', () => {
    expect(valuesOf(roc(1), flat(2, 0, 3, 6))).toEqual([NaN, -100, NaN, 100])
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

/** Bars with gaps, ties and quiet stretches, on a grid of quarters; the same every time. */
function wander(count: number): IndicatorInput[] {
  const { next } = random(11)
  let last = 400
  return Array.from({ length: count }, (_, i) => {
    const step = () => (i % 50 < 8 ? 0 : Math.floor(next() * 9) - 4)
    const open = last + step()
    const close = (last = Math.max(40, open + step()))
    const high = Math.max(open, close) + Math.abs(step())
    const low = Math.min(open, close) - Math.abs(step())
    const volume = Math.floor(next() * 1000)
    const time = Date.UTC(2024, 0, 1) + i * 3_600_000
    return { open: open / 4, high: high / 4, low: low / 4, close: close / 4, volume, time }
  })
}

describe('what has no published figures agrees with its definition worked out in full', () => {
  const walk = wander(600)
  const windowOf = (i: number, size: number) => walk.slice(i - size + 1, i + 1)
  const close = walk.map((bar) => bar.close)

  /** Compares with a definition that looks at all bars up to one, or at the newest `size` of them. */
  function expectEach(indicator: Indicator, warmFrom: number, definition: (row: number) => number) {
    const expected = walk.map((_, i) => (i + 1 < warmFrom ? NaN : definition(i)))
    expect(differences(valuesOf(indicator, walk), expected)).toEqual([])
  }

  test('the highest and the lowest of a window, ties and all', () => {
    expectEach(indicators.highest(9), 9, (i) => Math.max(...windowOf(i, 9).map(({ high }) => high)))
    expectEach(indicators.lowest(9), 9, (i) => Math.min(...windowOf(i, 9).map(({ low }) => low)))
    expectEach(indicators.highest(1, 'close'), 1, (i) => close[i]!)
  })

  test('how old the extremes of a window are, of equal ones the oldest', () => {
    const age = (i: number, pick: (bar: IndicatorInput) => number) => {
      const values = windowOf(i, 8).map(pick)
      return 7 - values.indexOf(Math.max(...values))
    }
    expectEach(aroon(7), 8, (i) => (100 * (age(i, ({ low }) => -low) - age(i, ({ high }) => high))) / 7)
  })

  test('the zero-lag average is the exponential average of the price carried on by its change over the lag', () => {
    let row = 0
    const carried = ema(7, () => (row < 3 ? NaN : 2 * close[row]! - close[row - 3]!))
    const expected = walk.map((bar, i) => {
      row = i
      carried.update(bar)
      return carried.value
    })
    expect(differences(valuesOf(indicators.zlema(7), walk), expected)).toEqual([])
  })

  test('the percentage oscillator is the difference of averages in percent of the slow one', () => {
    const fast = valuesOf(ema(12), walk)
    const slow = valuesOf(ema(26), walk)
    expectEach(indicators.ppo(12, 26, 9), 26, (i) => (100 * (fast[i]! - slow[i]!)) / slow[i]!)
  })

  test('the chandelier hangs three ranges below the highest high', () => {
    const range = valuesOf(atr(22), walk)
    const exit = indicators.chandelier(22, 3)
    expectEach(exit, 23, (i) => Math.max(...windowOf(i, 22).map(({ high }) => high)) - 3 * range[i]!)
    const lowest = Math.min(...walk.slice(-22).map(({ low }) => low))
    expect(exit.short.value).toBeCloseTo(lowest + 3 * range.at(-1)!, 9)
  })

  test('the mass index sums the ratio of the averaged range to its own average', () => {
    const range = ema(9, ({ high, low }) => high - low)
    const again = ema(9, range)
    const ratio = walk.map((bar) => {
      range.update(bar)
      again.update(bar)
      return range.value / again.value
    })
    const sum = (i: number) => ratio.slice(i - 24, i + 1).reduce((a, b) => a + b)
    expectEach(indicators.massIndex(25, 9), 2 * 9 + 25 - 2, sum)
  })

  test('the price momentum oscillator smooths ten times the percent change twice', () => {
    const smooth = (numbers: number[], period: number) => {
      let level = numbers.slice(0, period).reduce((a, b) => a + b) / period
      return [level, ...numbers.slice(period).map((number) => (level += (2 / period) * (number - level)))]
    }
    const changes = close.slice(1).map((value, i) => (value / close[i]! - 1) * 1000)
    const twice = smooth(smooth(changes, 35), 20)
    expectEach(indicators.pmo(35, 20, 10), 55, (i) => twice[i - 54]!)
  })

  test('Connors strength is the mean of the strength, of that of the streak and of the rank of the change', () => {
    let streak = 0
    const streaks = close.map((value, i) => {
      const change = i === 0 ? 0 : Math.sign(value - close[i - 1]!)
      return (streak = change === 0 ? 0 : Math.sign(streak) === change ? streak + change : change)
    })
    let row = 0
    const ofStreak = rsi(2, () => streaks[row]!)
    const strengthOfStreak = walk.map((bar, i) => {
      row = i
      ofStreak.update(bar)
      return ofStreak.value
    })
    const strength = valuesOf(rsi(3), walk)
    const changes = close.map((value, i) => value / close[i - 1]! - 1)
    const rank = (i: number) => changes.slice(i - 100, i).filter((change) => change < changes[i]!).length
    expectEach(
      indicators.connorsRsi(3, 2, 100),
      102,
      (i) => (strength[i]! + strengthOfStreak[i]! + rank(i)) / 3,
    )
  })

  test('a peak is known two bars after it and stands until the next', () => {
    const peaks = indicators.fractal(2)
    const found = flat(1, 2, 5, 3, 2, 4, 4, 1, 7, 6, 5).map((bar) => {
      peaks.update(bar)
      return [peaks.up.value, peaks.down.value]
    })
    expect(found.map(([up]) => up)).toEqual([NaN, NaN, NaN, NaN, 5, 5, 5, 5, 5, 5, 7])
    expect(found.map(([, down]) => down)).toEqual([NaN, NaN, NaN, NaN, NaN, NaN, 2, 2, 2, 1, 1])
  })

  test('a volume-weighted price that starts afresh each day forgets the day before', () => {
    const average = vwap('day', 'close')
    const days = [10, 20, 30, 40].map((close, i) => ({
      ...flat(close)[0]!,
      volume: i + 1,
      time: Date.UTC(2024, 1, 28, 12) + i * 43_200_000,
    }))
    expect(valuesOf(average, days)).toEqual([10, 20, (20 * 2 + 30 * 3) / 5, 40])
  })

  test('the levels of a day come from the day before, those of a week from the week before', () => {
    const hours = wander(24 * 16)
    const day = pivotPoints('day')
    const week = pivotPoints('week')
    for (const bar of hours) {
      day.update(bar)
      week.update(bar)
    }
    const levels = (from: number, to: number) => {
      const span = hours.slice(from, to)
      const high = Math.max(...span.map((bar) => bar.high))
      const low = Math.min(...span.map((bar) => bar.low))
      return (high + low + span.at(-1)!.close) / 3
    }
    // 2024 began on a Monday, so the sixteenth day is a Tuesday.
    expect(day.value).toBeCloseTo(levels(24 * 14, 24 * 15), 12)
    expect(week.value).toBeCloseTo(levels(24 * 7, 24 * 14), 12)
  })

  test('months change where the calendar says, in four centuries', () => {
    const wrong: number[] = []
    for (let day = -84_000; day < 84_000; day++) {
      const time = day * 86_400_000
      const [date, before] = [new Date(time), new Date(time - 1)]
      const changed = spanNumber(time, 'month') !== spanNumber(time - 1, 'month')
      if (changed !== (date.getUTCMonth() !== before.getUTCMonth())) wrong.push(day)
      if ((spanNumber(time, 'week') !== spanNumber(time - 1, 'week')) !== (date.getUTCDay() === 1))
        wrong.push(day)
    }
    expect(wrong).toEqual([])
  })
})

describe('over a long run', () => {
  const long = wander(30_000)
  /** A price that no binary fraction holds, so that rounding has its chance. */
  const rough = long.map((bar) => ({
    ...bar,
    close: bar.close * 1.1,
    high: bar.high * 1.1,
    low: bar.low * 1.1,
  }))
  const windowed: Record<string, () => Indicator> = {
    sma: () => sma(20),
    wma: () => wma(14),
    hma: () => hma(14),
    alma: () => alma(9),
    vwma: () => vwma(14),
    bollinger: () => bollinger(20),
    standardDeviation: () => standardDeviation(20),
    meanDeviation: () => meanDeviation(20),
    zScore: () => zScore(20),
    linearRegression: () => linearRegression(14),
    correlation: () => correlation(20, 'volume'),
    beta: () => beta(20, 'high'),
    donchian: () => donchian(20),
    stochastic: () => stochastic(14),
    williamsR: () => williamsR(14),
    cci: () => cci(20),
    cmo: () => cmo(14),
    roc: () => roc(10),
    ultimateOscillator: () => ultimateOscillator(),
    awesomeOscillator: () => awesomeOscillator(),
    balanceOfPower: () => balanceOfPower(14),
    aroon: () => aroon(25),
    vortex: () => vortex(14),
    choppiness: () => choppiness(14),
    ulcerIndex: () => ulcerIndex(14),
    mfi: () => mfi(14),
    chaikinMoneyFlow: () => chaikinMoneyFlow(20),
  }

  test.for(Object.entries(windowed))('%s remembers nothing older than its window', ([, make]) => {
    const old = make()
    for (const bar of rough.slice(0, 29_979)) old.update(bar)
    const young = make()
    for (const bar of rough.slice(29_900, 29_979)) young.update(bar)
    const oldAndYoung = rough.slice(29_979).map((bar) => {
      old.update(bar)
      young.update(bar)
      return [old.value, young.value] as const
    })
    for (const [withPast, without] of oldAndYoung) {
      expect(withPast).not.toBeNaN()
      expect(Math.abs(withPast - without)).toBeLessThan(1e-9 * Math.max(1, Math.abs(without)))
    }
  })
})

/** Every factory that authors can call, made with its defaults, or with 14 bars where it asks for a period. */
const factories = Object.entries(indicators).filter(
  (entry): entry is [string, (...settings: never[]) => Indicator] => /^[a-z]/.test(entry[0]),
)
const madeOf = (name: string, factory: (...settings: never[]) => Indicator): Indicator => {
  const make = factory as (...settings: unknown[]) => Indicator
  return name === 'correlation' || name === 'beta' ? make(14, 'high') : factory.length > 0 ? make(14) : make()
}

describe('the library as a whole', () => {
  test.for(factories)(
    '%s has a name and a pane, warms up, and then has a value on every bar',
    ([name, factory]) => {
      const indicator = madeOf(name, factory)
      expect(indicator.name).not.toBe('')
      expect(indicator.pane).not.toBe('')
      expect(indicator.lines.length).toBeGreaterThan(0)

      const values = valuesOf(indicator, wander(1000))
      const warm = values.findIndex((value) => !Number.isNaN(value))

      expect(warm).toBeGreaterThanOrEqual(0)
      expect(warm).toBeLessThan(200)
      expect(values.slice(warm).filter((value) => !Number.isFinite(value))).toEqual([])
      expect(indicator.ready).toBe(true)
      expect(indicator.previous).toBe(values.at(-2))
    },
  )

  test.for(factories)('%s says in its doc comment what it is and shows how it is used', ([name]) => {
    const text = Object.values(sources).find((source) => source.includes(`export function ${name}(`))!
    const before = text.slice(0, text.indexOf(`export function ${name}(`))
    const comment = before.slice(before.lastIndexOf('/**'))

    expect(comment.trimEnd().endsWith('*/')).toBe(true)
    expect(comment).toMatch(/@example\n \* \w+ = this\.indicator\(/)
    expect(comment.length).toBeGreaterThan(150)
  })
})

const sources = import.meta.glob<string>('../src/strategy/indicators/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
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
  verify('wma', 'wma', () => wma(14)),
  verify('dema', 'dema', () => dema(14)),
  verify('tema', 'tema', () => tema(20)),
  verify('hma', 'hma', () => hma(14)),
  verify('smma', 'smma', () => smma(20)),
  verify('kama', 'kama', () => kama(10, 2, 30)),
  verify('kama', 'er', () => efficiencyRatio(10)),
  verify('alma', 'alma', () => alma(9, 0.85, 6)),
  verify('t3', 't3', () => t3(5, 0.7)),
  verify('vwma', 'vwma', () => vwma(14)),
  verify('vwap', 'vwap', () => vwap()),
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
    'pvo',
    'pvo',
    () => pvo(),
    ({ line }) => line.value,
  ),
  verify(
    'pvo',
    'signal',
    () => pvo(),
    ({ signal }) => signal.value,
  ),
  verify(
    'pvo',
    'histogram',
    () => pvo(),
    ({ histogram }) => histogram.value,
  ),
  verify(
    'stoch',
    'k',
    () => stochastic(14, 3, 3),
    ({ k }) => k.value,
  ),
  verify(
    'stoch',
    'd',
    () => stochastic(14, 3, 3),
    ({ d }) => d.value,
  ),
  verify(
    'stoch',
    'j',
    () => stochastic(14, 3, 3),
    ({ j }) => j,
  ),
  verify(
    'stoch-rsi',
    'stochRsi',
    () => stochasticRsi(14, 14, 1, 3),
    ({ k }) => k.value,
  ),
  verify(
    'stoch-rsi',
    'signal',
    () => stochasticRsi(14, 14, 1, 3),
    ({ d }) => d.value,
  ),
  verify('willr', 'williamsR', () => williamsR(14)),
  verify('cci', 'cci', () => cci(20)),
  verify('roc', 'roc', () => roc(14)),
  verify('roc', 'momentum', () => momentum(14)),
  verify('trix', 'trix', () => trix(14)),
  verify('cmo', 'cmo', () => cmo(14)),
  verify('uo', 'ultimate', () => ultimateOscillator(7, 14, 28)),
  verify('awesome', 'oscillator', () => awesomeOscillator(5, 34)),
  verify(
    'tsi',
    'tsi',
    () => tsi(25, 13, 7),
    ({ line }) => line.value,
  ),
  verify(
    'tsi',
    'signal',
    () => tsi(25, 13, 7),
    ({ signal }) => signal.value,
  ),
  verify(
    'smi',
    'smi',
    () => smi(13, 25, 2, 3),
    ({ line }) => line.value,
  ),
  verify(
    'smi',
    'signal',
    () => smi(13, 25, 2, 3),
    ({ signal }) => signal.value,
  ),
  verify('stc', 'stc', () => stc(10, 23, 50)),
  verify(
    'fisher',
    'fisher',
    () => fisher(10),
    ({ line }) => line.value,
  ),
  verify(
    'fisher',
    'trigger',
    () => fisher(10),
    ({ signal }) => signal.value,
  ),
  verify('bop', 'bop', () => balanceOfPower(14)),
  verify(
    'elder-ray',
    'bullPower',
    () => elderRay(13),
    ({ bull }) => bull.value,
  ),
  verify(
    'elder-ray',
    'bearPower',
    () => elderRay(13),
    ({ bear }) => bear.value,
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
  verify('tr', 'tr', () => trueRange()),
  verify('atr', 'atr', () => atr(14)),
  verify(
    'keltner',
    'upperBand',
    () => keltner(20, 2, 10),
    ({ upper }) => upper.value,
  ),
  verify(
    'keltner',
    'centerline',
    () => keltner(20, 2, 10),
    ({ middle }) => middle.value,
  ),
  verify(
    'keltner',
    'lowerBand',
    () => keltner(20, 2, 10),
    ({ lower }) => lower.value,
  ),
  verify(
    'keltner',
    'width',
    () => keltner(20, 2, 10),
    ({ width }) => width,
  ),
  verify(
    'donchian',
    'upperBand',
    () => donchian(20),
    ({ upper }) => upper.value,
  ),
  verify(
    'donchian',
    'centerline',
    () => donchian(20),
    ({ middle }) => middle.value,
  ),
  verify(
    'donchian',
    'lowerBand',
    () => donchian(20),
    ({ lower }) => lower.value,
  ),
  verify(
    'donchian',
    'width',
    () => donchian(20),
    ({ width }) => width,
  ),
  verify('chop', 'chop', () => choppiness(14)),
  verify('ulcer', 'ulcerIndex', () => ulcerIndex(14)),
  verify(
    'adx',
    'pdi',
    () => adx(14),
    ({ plus }) => plus.value,
  ),
  verify(
    'adx',
    'mdi',
    () => adx(14),
    ({ minus }) => minus.value,
  ),
  verify(
    'adx',
    'dx',
    () => adx(14),
    ({ dx }) => dx,
  ),
  verify('adx', 'adx', () => adx(14)),
  verify(
    'adx',
    'adxr',
    () => adx(14),
    ({ adxr }) => adxr,
  ),
  verify(
    'aroon',
    'aroonUp',
    () => aroon(25),
    ({ up }) => up.value,
  ),
  verify(
    'aroon',
    'aroonDown',
    () => aroon(25),
    ({ down }) => down.value,
  ),
  verify(
    'aroon',
    'oscillator',
    () => aroon(25),
    ({ oscillator }) => oscillator.value,
  ),
  verify('psar', 'sar', () => parabolicSar(0.02, 0.2)),
  verify('supertrend', 'superTrend', () => supertrend(10, 3)),
  verify(
    'supertrend',
    'upperBand',
    () => supertrend(10, 3),
    ({ upper }) => upper.value,
  ),
  verify(
    'supertrend',
    'lowerBand',
    () => supertrend(10, 3),
    ({ lower }) => lower.value,
  ),
  verify(
    'ichimoku',
    'tenkanSen',
    () => ichimoku(9, 26, 52),
    ({ conversion }) => conversion.value,
  ),
  verify(
    'ichimoku',
    'kijunSen',
    () => ichimoku(9, 26, 52),
    ({ base }) => base.value,
  ),
  verify(
    'ichimoku',
    'senkouSpanA',
    () => ichimoku(9, 26, 52),
    ({ spanA }) => spanA.value,
  ),
  verify(
    'ichimoku',
    'senkouSpanB',
    () => ichimoku(9, 26, 52),
    ({ spanB }) => spanB.value,
  ),
  verify(
    'vortex',
    'pvi',
    () => vortex(14),
    ({ plus }) => plus.value,
  ),
  verify(
    'vortex',
    'nvi',
    () => vortex(14),
    ({ minus }) => minus.value,
  ),
  verify('obv', 'obv', () => obv()),
  verify('adl', 'adl', () => adl()),
  verify('cmf', 'cmf', () => chaikinMoneyFlow(20)),
  verify('chaikin-osc', 'oscillator', () => chaikinOscillator(3, 10)),
  verify('mfi', 'mfi', () => mfi(14)),
  verify('force', 'forceIndex', () => forceIndex(2)),
  verify(
    'kvo',
    'oscillator',
    () => klinger(34, 55, 13),
    ({ line }) => line.value,
  ),
  verify(
    'kvo',
    'signal',
    () => klinger(34, 55, 13),
    ({ signal }) => signal.value,
  ),
  verify('stdev', 'stdDev', () => standardDeviation(14)),
  verify('stdev', 'zScore', () => zScore(14)),
  verify('sma-analysis', 'mse', () => variance(20)),
  verify('sma-analysis', 'mad', () => meanDeviation(20)),
  verify(
    'slope',
    'slope',
    () => linearRegression(14),
    ({ slope }) => slope,
  ),
  verify(
    'slope',
    'rSquared',
    () => linearRegression(14),
    ({ rSquared }) => rSquared,
  ),
  verify(
    'heikinashi',
    'open',
    () => heikinAshi(),
    ({ open }) => open.value,
  ),
  verify(
    'heikinashi',
    'high',
    () => heikinAshi(),
    ({ high }) => high.value,
  ),
  verify(
    'heikinashi',
    'low',
    () => heikinAshi(),
    ({ low }) => low.value,
  ),
  verify(
    'heikinashi',
    'close',
    () => heikinAshi(),
    ({ close }) => close.value,
  ),
  verify(
    'pivot-points',
    'pp',
    () => pivotPoints('month'),
    ({ pivot }) => pivot.value,
  ),
  verify(
    'pivot-points',
    'r1',
    () => pivotPoints('month'),
    ({ r1 }) => r1.value,
  ),
  verify(
    'pivot-points',
    'r2',
    () => pivotPoints('month'),
    ({ r2 }) => r2.value,
  ),
  verify(
    'pivot-points',
    'r3',
    () => pivotPoints('month'),
    ({ r3 }) => r3.value,
  ),
  verify(
    'pivot-points',
    's1',
    () => pivotPoints('month'),
    ({ s1 }) => s1.value,
  ),
  verify(
    'pivot-points',
    's2',
    () => pivotPoints('month'),
    ({ s2 }) => s2.value,
  ),
  verify(
    'pivot-points',
    's3',
    () => pivotPoints('month'),
    ({ s3 }) => s3.value,
  ),
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

/** Reads a column of the vectors, NaN where it is null. */
function columnOf(vector: string, field: string): number[] {
  const { fields, rows } = vectors!.indicators[vector]!
  const column = fields.indexOf(field)
  if (column < 0) throw new Error(`no column ${field} in ${vector}; found ${fields.join(', ')}`)
  return rows.map((row) => {
    const cell = row[column] ?? NaN
    if (typeof cell !== 'number') throw new Error(`${vector} ${field} holds ${cell}`)
    return cell
  })
}

describe('502 daily bars of a large fund, as computed by Stock.Indicators', () => {
  test.skipIf(vectors)('are absent here, so none of its figures were compared', ({ skip }) => skip())

  test.skipIf(!vectors).for(verified)(
    '%s: %s agrees on every row, to 1e-9',
    ([vector, field, make, read]) => {
      const indicator = make() as Indicator
      const found = bars.map((bar) => {
        indicator.update(bar)
        return read(indicator as never)
      })

      expect(differences(found, columnOf(vector, field))).toEqual([])
    },
  )

  test('holds at least forty of the indicators verified here', () => {
    expect(new Set(verified.map(([vector]) => vector)).size).toBeGreaterThanOrEqual(40)
  })

  test.skipIf(!vectors)('the parabolic stop is touched on the same bars', () => {
    const { fields, rows } = vectors!.indicators['psar']!
    const stop = parabolicSar(0.02, 0.2)
    const found = bars.map((bar) => {
      stop.update(bar)
      return stop.ready ? stop.reversed : null
    })
    expect(found).toEqual(rows.map((row) => row[fields.indexOf('isReversal')]))
  })

  test.skipIf(!vectors)(
    'the supertrend rises where its lower line is in force and falls where its upper one is',
    () => {
      const trend = supertrend(10, 3)
      const upper = columnOf('supertrend', 'upperBand')
      const lower = columnOf('supertrend', 'lowerBand')
      const found = bars.map((bar) => {
        trend.update(bar)
        return [trend.falling, trend.rising]
      })
      expect(found).toEqual(upper.map((_, i) => [!Number.isNaN(upper[i]), !Number.isNaN(lower[i])]))
    },
  )

  test.skipIf(!vectors)('the end of the regression line agrees with its slope and intercept', () => {
    const slope = columnOf('slope', 'slope')
    const intercept = columnOf('slope', 'intercept')
    // Bars are numbered from 1 there.
    const expected = slope.map((value, i) => intercept[i]! + value * (i + 1))
    expect(differences(valuesOf(linearRegression(14), bars), expected)).toEqual([])
  })

  test.skipIf(!vectors)('the detrended price agrees eight bars after the bar that charts draw it on', () => {
    const drawn = columnOf('dpo', 'dpo')
    const found = valuesOf(dpo(14), bars)
    expect(differences(found.slice(8), drawn.slice(0, -8))).toEqual([])
    expect(found.slice(0, 13).every(Number.isNaN)).toBe(true)
  })

  test.skipIf(!vectors)('beta and correlation agree, the other series being rebuilt from its returns', () => {
    const returns = columnOf('beta', 'returnsEval')
    const closes = returns.map(
      (
        (level) => (change: number) =>
          (level *= 1 + change)
      )(100),
    )
    let row = -1
    const other = () => closes[row]!
    const fundAgainst = [beta(50, 'close', other), correlation(20, other)] as const
    const found = bars.map((bar) => {
      row++
      for (const indicator of fundAgainst) indicator.update(bar)
      return fundAgainst.map(({ value }) => value)
    })

    expect(
      differences(
        found.map(([value]) => value!),
        columnOf('beta', 'beta'),
      ),
    ).toEqual([])
    expect(
      differences(
        found.map(([, value]) => value!),
        columnOf('corr', 'correlation'),
      ),
    ).toEqual([])
  })
})

interface Sheet {
  readonly [column: string]: readonly (number | null)[]
}

const sheetFile = new URL('../../shared/vectors/indicators-chartschool.json', import.meta.url)
const sheets: Record<string, Sheet> | undefined = existsSync(sheetFile)
  ? JSON.parse(readFileSync(sheetFile, 'utf8')).vectors
  : undefined

/** The bars of a sheet; fields that it does not give are those of the close, or of the middle of the range. */
function barsOf(sheet: Sheet): IndicatorInput[] {
  const field = (name: string) => sheet[name] ?? sheet[name.toLowerCase()]
  const length = Math.max(...Object.values(sheet).map((column) => column.length))
  return Array.from({ length }, (_, i) => {
    const given = field('Close')?.[i]
    const high = field('High')?.[i] ?? given ?? NaN
    const low = field('Low')?.[i] ?? given ?? NaN
    const close = given ?? (high + low) / 2
    const volume = field('Volume')?.[i] ?? 0
    return { open: field('Open')?.[i] ?? close, high, low, close, volume, time: i * 86_400_000 }
  })
}

/** Sheets whose convention is ours. The others begin their averages with the first value, or take ranges otherwise. */
const worked: readonly Verified[] = [
  verify('accum', 'ADLine', () => adl()),
  verify('adx', 'ADX', () => adx(14)),
  verify(
    'adx',
    '+DI14',
    () => adx(14),
    ({ plus }) => plus.value,
  ),
  verify(
    'adx',
    '-DI14',
    () => adx(14),
    ({ minus }) => minus.value,
  ),
  verify('bbands', 'MiddleBand', () => bollinger(20, 2)),
  verify(
    'bbands',
    'HighBand',
    () => bollinger(20, 2),
    ({ upper }) => upper.value,
  ),
  verify(
    'bbands',
    'LowBand',
    () => bollinger(20, 2),
    ({ lower }) => lower.value,
  ),
  verify(
    'bbands',
    'PercentageBand',
    () => bollinger(20, 2),
    ({ percentB }) => percentB,
  ),
  verify('cci', 'CCI', () => cci(20)),
  verify('dc', 'upper_band', () => highest(20)),
  verify('dc', 'lower_band', () => lowest(20)),
  verify('easeofmovement', 'SMA_EMV', () => easeOfMovement(14)),
  verify('fi', 'FI_1', () => forceIndex(1)),
  verify('kama', 'KAMA', () => kama(10, 2, 30)),
  verify('mfi', 'MFI', () => mfi(14)),
  verify('obv', 'OBV', () => obv()),
  verify('percentr', 'Williams_%R', () => williamsR(14)),
  verify('roc', 'ROC', () => roc(12)),
  verify(
    'soo',
    'SO',
    () => stochastic(14, 1, 3),
    ({ k }) => k.value,
  ),
  verify(
    'soo',
    'SO_SIG',
    () => stochastic(14, 1, 3),
    ({ d }) => d.value,
  ),
  verify('ui', 'ulcer_index', () => ulcerIndex(14)),
  verify('ultosc', 'Ult_Osc', () => ultimateOscillator(7, 14, 28)),
  verify(
    'vortex',
    '+VI14',
    () => vortex(14),
    ({ plus }) => plus.value,
  ),
  verify(
    'vortex',
    '-VI14',
    () => vortex(14),
    ({ minus }) => minus.value,
  ),
  verify('vpt', 'unsmoothed vpt', () => volumePriceTrend()),
  verify('vwap', 'vwap', () => vwma(14, 'hlc3')),
  verify('wma', 'WMA', () => wma(9)),
]

describe('worked spreadsheets of the ChartSchool', () => {
  test.skipIf(sheets)('are absent here, so none of their figures were compared', ({ skip }) => skip())

  test.skipIf(!sheets).for(worked)(
    '%s: %s agrees on the last five rows, to 1e-5',
    ([name, column, make, read]) => {
      const sheet = sheets![name]!
      const indicator = make() as Indicator
      const found = barsOf(sheet).map((bar) => {
        indicator.update(bar)
        return read(indicator as never)
      })
      const rows = sheet[column]!.map((expected, i) => [found[i]!, expected] as const)
        .slice(-5)
        .filter(([, expected]) => expected !== null)

      expect(rows.length).toBeGreaterThan(0)
      for (const [value, expected] of rows) expect(Math.abs(value / expected! - 1)).toBeLessThan(1e-5)
    },
  )
})
