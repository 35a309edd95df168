import { type DataSet, type OfAgents, syntheticData, type SyntheticRequest } from '#data'
import { agentKinds, shapeOf, syntheticLimits, syntheticPresets } from '#exchange'
import { UsageError } from './cli-usage.ts'

/** Options of `outcry run` for a synthetic market. */
export const syntheticOptions = {
  preset: ['NAME', `${syntheticPresets.join(', ')} (calm)`],
  instruments: ['NUMBER', 'instruments, at most 20, among which the agents are shared out (1)'],
  agents: ['NUMBER', 'agents that trade, 10 for each instrument to 20000 (1000; thin has 200)'],
  minutes: ['NUMBER', 'length of the session in simulated time, at most 1440 (60)'],
  start: ['TIME', 'of the session, such as 2024-01-02T14:30Z'],
  auction: ['SECONDS', 'of collecting orders before the market opens with one price, within the session'],
  'start-price': ['PRICE', 'at the start, 100 to 10000000 ticks (drawn from the seed)'],
  drift: ['FRACTION', 'change of the hidden value that is to be expected in an hour, -1 to 1 (0)'],
  volatility: ['FRACTION', "standard deviation of the hidden value's change in an hour, at most 0.2 (0.01)"],
  liquidity: ['NUMBER', 'multiplies the sizes of the orders that rest, 0.05 to 100 (1)'],
  shares: [
    'KIND=FRACTION,…',
    `of the agents that are of a kind, at most 0.5: ${agentKinds.slice(1).join(', ')}`,
  ],
  rates: ['KIND=NUMBER,…', 'looks of one agent at the market, 0.0001 to 1000 a second; of noise too'],
  'agent-latency': ['KIND=MILLISECONDS,…', 'between agents of a kind and the exchange, 0.002 to 1000'],
} as const

/** Options for every market that has a book: synthetic, or recorded orders. */
export const bookOptions = {
  bar: ['SECONDS', 'of the bars that are made of the trades, at most the session or 86400 (10)'],
  latency: ['MILLISECONDS', 'that an order takes to the exchange, at most 60000 (1)'],
  tick: ['PRICE', 'smallest price step that orders may use; of a synthetic market 0.000001 to 10 (0.01)'],
} as const

/** Options for files of recorded orders. */
export const recordingOptions = {
  orderbook: ['FILE', 'LOBSTER book file of the same messages: orders from before them'],
  format: ['FORMAT', 'lobster or jsonl, where the file does not show it'],
  date: ['YYYY-MM-DD', "day of a LOBSTER file, where its name does not say it; --zone is the day's zone"],
} as const

export const marketOptions = { ...syntheticOptions, ...bookOptions, ...recordingOptions } as const
export type MarketOption = keyof typeof marketOptions

/** What was given of the options, with the symbol and the zone. */
export type Given = ReadonlyMap<string, string>

/** Refuses options that mean nothing to what a run is to be on. */
export function refuseOthers(given: Given, fitting: readonly object[], what: string): void {
  for (const option of Object.keys(marketOptions))
    if (given.has(option) && !fitting.some((options) => Object.hasOwn(options, option)))
      throw new UsageError(`--${option} means nothing to ${what}. outcry run --help says what it is for.`)
}

function number(given: Given, option: MarketOption, expected: string, fits: (value: number) => boolean) {
  const text = given.get(option)
  if (text === undefined) return undefined
  const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
  if (!fits(value)) throw new UsageError(`--${option} is '${text}'; expected ${expected}`)
  return value
}

/** A number that may be below zero. */
function signed(given: Given, option: MarketOption): number | undefined {
  const text = given.get(option)
  if (text === undefined) return undefined
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(text))
    throw new UsageError(`--${option} is '${text}'; expected a fraction, such as 0.02 or -0.02`)
  return Number(text)
}

/** Numbers by kinds of agents, such as `maker=3,informed=0.5`, with bounds in the unit of the option. */
function perKind(
  given: Given,
  option: MarketOption,
  [least, most]: readonly [number, number],
  scale = 1,
): OfAgents | undefined {
  const text = given.get(option)
  if (text === undefined) return undefined
  const kinds = option === 'shares' ? agentKinds.slice(1) : agentKinds
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [kind = '', value = ''] = part.split('=')
      if (!(kinds as readonly string[]).includes(kind) || !/^(\d+\.?\d*|\.\d+)$/.test(value))
        throw new UsageError(
          `--${option} has '${part}'; expected such as maker=${option === 'shares' ? '0.01' : '2'}, of ${kinds.join(', ')}`,
        )
      if (!(Number(value) >= least && Number(value) <= most))
        throw new UsageError(`--${option} has '${part}'; expected ${least} to ${most}`)
      return [kind, Math.round(Number(value) * scale * 1e9) / 1e9]
    }),
  )
}

/** Options whose setting has another name, or is in another unit. */
const optionsOfSettings: Readonly<Record<string, MarketOption>> = {
  sessionStart: 'start',
  startPrice: 'start-price',
}

/** What the market says of a setting, said of the option that it came from. */
function ofOption(message: string): string {
  const [, setting, rest] = /^Synthetic market: (\w+)( is .*)$/s.exec(message) ?? []
  const option = setting && (optionsOfSettings[setting] ?? setting)
  return option && Object.hasOwn(marketOptions, option) ? `--${option}${rest!}.` : `${message}.`
}

/** Seconds of a bar and microseconds of delay, as far as they were given. */
export function bookSettings(given: Given) {
  const barSeconds = number(
    given,
    'bar',
    'whole seconds, such as 60',
    (value) => Number.isInteger(value) && value > 0,
  )
  const latency = number(
    given,
    'latency',
    'milliseconds up to 60000, such as 0.5',
    (value) => value >= 0 && value <= 60_000,
  )
  return {
    ...(barSeconds === undefined ? {} : { barSeconds }),
    ...(latency === undefined ? {} : { latency: Math.round(latency * 1000) }),
  }
}

/** The synthetic market that the options ask for. */
export function syntheticMarket(given: Given, seed: number): DataSet {
  refuseOthers(given, [syntheticOptions, bookOptions], 'a synthetic market')
  const limits = syntheticLimits
  const whole = (most: number) => (value: number) => Number.isInteger(value) && value > 0 && value <= most
  const instruments = number(
    given,
    'instruments',
    `a whole number from 1 to ${limits.instruments}`,
    whole(limits.instruments),
  )
  const agents = number(
    given,
    'agents',
    `a whole number up to ${limits.agents}, ten or more for each instrument`,
    whole(limits.agents),
  )
  const minutes = number(
    given,
    'minutes',
    `minutes up to ${limits.seconds / 60}, in whole seconds, such as 30`,
    (value) => whole(limits.seconds)(value * 60),
  )
  const preset = given.get('preset')
  const symbol = given.get('symbol')
  const any = Number.isFinite
  const start = given.get('start')
  const sessionStart = start === undefined ? undefined : Date.parse(start) * 1000
  if (Number.isNaN(sessionStart))
    throw new UsageError(`--start is '${start}'; expected a time such as 2024-01-02T14:30Z`)
  const more = {
    sessionStart,
    auction: number(given, 'auction', 'whole seconds, such as 120', Number.isInteger),
    tick: tickOf(given),
    startPrice: number(given, 'start-price', 'a price above zero', (value) => value > 0),
    drift: signed(given, 'drift'),
    volatility: number(given, 'volatility', 'a fraction, such as 0.02', any),
    liquidity: number(given, 'liquidity', 'a number, such as 0.5', any),
    shares: perKind(given, 'shares', limits.share),
    rates: perKind(given, 'rates', limits.rate),
    agentLatency: perKind(given, 'agent-latency', [0.002, limits.latency / 1000], 1000),
  }
  const request: SyntheticRequest = {
    seed,
    ...(preset === undefined ? {} : { preset }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(instruments === undefined ? {} : { instruments }),
    ...(agents === undefined ? {} : { agents }),
    ...(minutes === undefined ? {} : { seconds: minutes * 60 }),
    ...bookSettings(given),
    ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)),
  }
  const data = syntheticData(request)
  try {
    shapeOf(data)
  } catch (error) {
    throw new UsageError(ofOption((error as Error).message))
  }
  return data
}

/** The smallest price step that was asked for. */
export function tickOf(given: Given): number | undefined {
  return number(
    given,
    'tick',
    'a price step above zero, such as 0.01',
    (value) => value > 0 && value < Infinity,
  )
}
