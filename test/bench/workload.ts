import { type BarColumns, random } from '#market'

/**
 * Minute bars on a 1/64 grid, exact in binary, so that moving sums are the same in every engine. The rule and its
 * results (closed trades, final equity) come with the project's shared workloads: 27,376 and 990007.469531 for a
 * million bars of seed 7.
 */
export function workload(count: number, seed = 7): BarColumns {
  const { next } = random(seed)
  const gauss = () => {
    let sum = 0
    for (let i = 0; i < 12; i++) sum += next()
    return sum - 6
  }
  const grid = (x: number) => Math.round(x * 64) / 64
  const column = () => new Float64Array(count)
  const columns = {
    time: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
  const start = Date.UTC(2020, 0, 1) * 1000
  let price = 100
  for (let i = 0; i < count; i++) {
    const open = grid(Math.max(1, price * (1 + 0.0001 * gauss())))
    const drift = -0.00002 * Math.log(price / 100)
    const close = grid(Math.max(1, open * (1 + drift + 0.001 * gauss())))
    columns.time[i] = start + i * 60_000_000
    columns.open[i] = open
    columns.high[i] = grid(Math.max(open, close) * (1 + 0.0005 * next()))
    columns.low[i] = grid(Math.min(open, close) * (1 - 0.0005 * next()))
    columns.close[i] = close
    columns.volume[i] = 1 + Math.floor(next() * 100_000)
    price = close
  }
  return columns
}

/** What the crossover of the workload comes to by a plain loop over typed arrays: no orders, no events, no account. */
export function handWritten({ open, close }: BarColumns, cash: number, commission: number) {
  let trades = 0
  let long = false
  let fast = 0
  let slow = 0
  const equity = new Float64Array(close.length)
  let signal = 0
  for (let i = 0; i < close.length; i++) {
    if (signal > 0) {
      cash -= open[i]! * (1 + commission)
      long = true
    } else if (signal < 0) {
      cash += open[i]! * (1 - commission)
      long = false
      trades++
    }
    signal = 0
    fast += close[i]!
    slow += close[i]!
    if (i >= 10) fast -= close[i - 10]!
    if (i >= 20) slow -= close[i - 20]!
    if (i >= 19) {
      if (fast / 10 > slow / 20 && !long) signal = 1
      else if (fast / 10 < slow / 20 && long) signal = -1
    }
    equity[i] = cash + (long ? close[i]! : 0)
  }
  return { trades, equity }
}
