import { describe, expect, test } from 'vitest'
import { BarStrategy, Strategy } from 'outcry'
import { dataSet, market, play } from './market.ts'

/** Ticks as bars of one price, at the given milliseconds. */
function ticks(times: readonly number[], timeZone = 'UTC') {
  const flat = () => new Float64Array(times.length).fill(10)
  return dataSet({
    instrument: { name: 'X', timeZone },
    bars: {
      time: Float64Array.from(times, (time) => time * 1000),
      open: flat(),
      high: flat(),
      low: flat(),
      close: flat(),
      volume: flat(),
    },
  })
}

const clock = (time: number) => new Date(time).toISOString().slice(11, 19)

/** What a strategy that sets up jobs in `onStart` writes down. */
async function calls(setUp: (strategy: Strategy, call: (time: number) => void) => void, times: number[]) {
  class Scheduled extends BarStrategy {
    onStart() {
      setUp(this, (time) => this.log(new Date(time).toISOString()))
    }
    onBar() {}
  }
  return (await play(Scheduled, ticks(times))).lines
}

describe('on a stream of ticks every 7 seconds from 09:30:00 to 10:16:33 (EN-18)', () => {
  const start = Date.UTC(2024, 0, 2, 9, 30)
  const times = Array.from({ length: 400 }, (_, i) => start + i * 7000)
  const of = async (setUp: Parameters<typeof calls>[0]) =>
    (await calls(setUp, times)).map((text) => text.slice(11, 19))

  test('every 30 seconds is 93 calls on an exact grid, none at the start', async () => {
    const found = await of((s, call) => s.periodic(call, { seconds: 30 }))
    expect(found.length).toBe(93)
    expect([found[0], found[1], found.at(-1)]).toEqual(['09:30:30', '09:31:00', '10:16:30'])
  })

  test('every 5 minutes is 9 calls', async () => {
    expect(await of((s, call) => s.periodic(call, { minutes: 5 }))).toHaveLength(9)
  })

  test('the full minute comes 46 times', async () => {
    const found = await of((s, call) => s.at(call, {}))
    expect([found.length, found[0], found.at(-1)]).toEqual([46, '09:31:00', '10:16:00'])
  })

  test('45 past is once, and 30 past is not the start', async () => {
    expect(await of((s, call) => s.at(call, { minute: 45 }))).toEqual(['09:45:00'])
    expect(await of((s, call) => s.at(call, { hour: 9, minute: 30 }))).toEqual([])
  })

  test('a quarter of an hour by the clock, by interval and by cron text is the same', async () => {
    const quarters = ['09:45:00', '10:00:00', '10:15:00']
    expect(await of((s, call) => s.every('15m', call))).toEqual(quarters)
    expect(await of((s, call) => s.every(900_000, call))).toEqual(quarters)
    expect(await of((s, call) => s.cron('*/15 * * * *', call))).toEqual(quarters)
  })

  test('a job that stops itself is not called again', async () => {
    const found = await of((s, call) => {
      let count = 0
      const job = s.periodic(
        (time) => {
          call(time)
          if (++count === 2) job.stop()
        },
        { seconds: 10 },
      )
    })
    expect(found).toEqual(['09:30:10', '09:30:20'])
  })
})

test('one o’clock over 64 daily bars comes once a night: 91 times (EN-17)', async () => {
  const days = Array.from({ length: 92 }, (_, i) => Date.UTC(2020, 5, 11 + i, 16))
  const trading = days.filter((_, i) => i % 7 < 5 || i === 91).slice(-64)
  const all = [days[0]!, ...trading.slice(1)]
  expect(await calls((s, call) => s.at(call, { hour: 1, minute: 0 }), all)).toHaveLength(91)
})

test('missed times are caught up one by one, and the clock stands at each', async () => {
  class Catches extends BarStrategy {
    onStart() {
      this.every('1d', async (time) => {
        await null
        this.log(time === this.now(), new Date(this.now()).getUTCDate())
      })
    }
    onBar() {
      this.log('bar', new Date(this.now()).getUTCDate())
    }
  }
  const { lines } = await play(Catches, ticks([Date.UTC(2024, 0, 1, 12), Date.UTC(2024, 0, 4, 12)]))
  expect(lines).toEqual(['bar 1', 'true 2', 'true 3', 'true 4', 'bar 4'])
})

test('a job of the same moment as a bar comes after it, and its orders trade on what is later', async () => {
  class AtTheClose extends BarStrategy {
    onStart() {
      this.every('1d', () => this.log('job', this.portfolio().cash))
      this.every('1d', async () => void (await this.buy(this.instruments()[0]!, 1)))
    }
    onBar() {
      this.log('bar')
    }
  }
  const { lines, fills } = await play(AtTheClose, market(10, 11, 12))
  expect(lines).toEqual(['bar', 'bar', 'job 10000', 'bar'])
  expect([...fills.price]).toEqual([12])
})

test('nine in the morning in New York moves by an hour in UTC when its clocks change', async () => {
  const spring = Array.from({ length: 5 }, (_, i) => Date.UTC(2024, 2, 8 + i))
  const found = await calls(
    (s, call) => s.at(call, { hour: 9, minute: 0, timeZone: 'America/New_York' }),
    spring,
  )
  expect(found.map((text) => text.slice(5, 16))).toEqual([
    '03-08T14:00',
    '03-09T14:00',
    '03-10T13:00',
    '03-11T13:00',
  ])
})

test('the zone is that of the first instrument where none is given', async () => {
  class Morning extends BarStrategy {
    onStart() {
      this.at((time) => this.log(clock(time)), { hour: 9, minute: 30 })
    }
    onBar() {}
  }
  const data = ticks([Date.UTC(2024, 6, 1), Date.UTC(2024, 6, 2)], 'Asia/Tokyo')
  expect((await play(Morning, data)).lines).toEqual(['00:30:00'])
})

test.each([
  ['periodic', (s: Strategy) => s.periodic(() => {}, {}), /time between calls is 0 ms; expected at least 1/],
  ['periodic', (s: Strategy) => s.periodic(() => {}, { seconds: -1 }), /seconds is -1/],
  [
    'at',
    (s: Strategy) => s.at(() => {}, { minute: 60 }),
    /minute is 60; expected a whole number from 0 to 59/,
  ],
  ['every', (s: Strategy) => s.every('soon', () => {}), /interval is 'soon'.*such as '30s'/],
  ['cron', (s: Strategy) => s.cron('61 * * * *', () => {}), /cron: '61 \* \* \* \*' in UTC cannot be read/],
  ['cron', (s: Strategy) => s.cron('* * * * *', () => {}, 'Mars/Phobos'), /no time zone 'Mars\/Phobos'/],
  ['every', (s: Strategy) => s.every('1h', 'now' as never), /callback is .now.; expected a function/],
])('%s refuses what it cannot mean', async (_, set, message) => {
  class Wrong extends BarStrategy {
    onStart() {
      set(this)
    }
    onBar() {}
  }
  await expect(play(Wrong, market(10))).rejects.toThrow(message)
})
