/** The kinds of agents, in the order in which they are numbered. */
export const agentKinds = ['noise', 'value', 'momentum', 'maker', 'informed', 'executor'] as const
export type AgentKind = (typeof agentKinds)[number]
/** One number for each kind of agent. */
export type PerKind = Readonly<Record<AgentKind, number>>

/** The markets that can be asked for by name. */
export const syntheticPresets = [
  'calm',
  'trending',
  'volatile',
  'thin',
  'flash-crash',
  'opening-auction',
] as const
export type SyntheticPreset = (typeof syntheticPresets)[number]

/** A parent order that is sold off whatever the price: the mechanism of the flash crash of 6 May 2010 (CFTC and SEC report, 30 September 2010). */
export interface SellProgram {
  /** When it starts, as a fraction of the session. */
  readonly start: number
  /** How long it would take at an even pace, in seconds. */
  readonly seconds: number
  /** Lots to sell. */
  readonly lots: number
}

/** What a synthetic market is made of. Everything that is left out is as the preset has it. */
export interface SyntheticOptions {
  /** `calm` unless told otherwise. */
  readonly preset?: SyntheticPreset
  /** The same seed gives the same market to the last event. */
  readonly seed?: number
  readonly instruments?: number
  /** Length of the session in simulated seconds, the opening auction included. */
  readonly seconds?: number
  /** When the session starts, microseconds UTC. */
  readonly sessionStart?: number
  /** Agents on all instruments together; each trades one instrument. */
  readonly agents?: number
  /** Smallest price step. */
  readonly tick?: number
  /** Price at the start; drawn for each instrument between 80 and 120 where it is left out. */
  readonly startPrice?: number
  /** Relative change of the hidden value that is to be expected in an hour. */
  readonly drift?: number
  /** Standard deviation of the hidden value's relative change in an hour, jumps not counted. */
  readonly volatility?: number
  /** Fraction of its distance from its long-run level that the hidden value loses in an hour. */
  readonly reversion?: number
  /** Jumps of the hidden value in an hour, on average. */
  readonly jumps?: number
  /** Mean size of a jump, relative. */
  readonly jumpSize?: number
  /** Multiplies the sizes of the orders that rest. */
  readonly liquidity?: number
  /** Fraction of the agents that is of a kind; the noise traders are what the others leave. */
  readonly shares?: Partial<Omit<PerKind, 'noise'>>
  /** How often one agent of a kind looks at the market, a second. */
  readonly rates?: Partial<PerKind>
  /** Mean delay between an agent of a kind and the exchange, each way, in microseconds. */
  readonly latency?: Partial<PerKind>
  /** Seconds for which orders are collected before the market opens with one price; 0 opens at once. */
  readonly auction?: number
  /** A large sale regardless of price; null for none. */
  readonly program?: SellProgram | null
  /** What happens when our own orders would trade with each other. */
  readonly selfTrade?: 'none' | 'cancel-newest' | 'cancel-oldest' | 'cancel-both'
}

/** The options with everything filled in. */
export type SyntheticSettings = Omit<
  Required<SyntheticOptions>,
  'shares' | 'rates' | 'latency' | 'startPrice'
> & {
  /** NaN where it is drawn. */
  readonly startPrice: number
  readonly shares: Omit<PerKind, 'noise'>
  readonly rates: PerKind
  readonly latency: PerKind
}

const calm: Omit<SyntheticSettings, 'preset'> = {
  seed: 1,
  instruments: 1,
  seconds: 3600,
  sessionStart: Date.UTC(2024, 0, 2, 14, 30) * 1000,
  agents: 1000,
  tick: 0.01,
  startPrice: NaN,
  drift: 0,
  volatility: 0.01,
  reversion: 0.2,
  jumps: 4,
  jumpSize: 0.001,
  liquidity: 1,
  shares: { value: 0.05, momentum: 0.015, maker: 0.008, informed: 0.003, executor: 0.01 },
  rates: { noise: 0.08, value: 0.3, momentum: 0.2, maker: 2, informed: 1, executor: 1 },
  latency: { noise: 20_000, value: 10_000, momentum: 5_000, maker: 200, informed: 1_000, executor: 2_000 },
  auction: 0,
  program: null,
  selfTrade: 'cancel-newest',
}

/** What sets each preset apart from the calm one. */
const presets: Readonly<Record<SyntheticPreset, Partial<SyntheticSettings>>> = {
  calm: {},
  trending: { drift: 0.02, reversion: 0, shares: { ...calm.shares, momentum: 0.06 } },
  volatile: { volatility: 0.02, jumps: 15, jumpSize: 0.004 },
  thin: { liquidity: 0.4, agents: 200, shares: { ...calm.shares, maker: 0.01, value: 0.06 } },
  'flash-crash': {
    liquidity: 0.6,
    shares: { ...calm.shares, value: 0.012, momentum: 0.015 },
    program: { start: 0.5, seconds: 240, lots: 80_000 },
  },
  'opening-auction': { auction: 120 },
}

/** Bounds of what may be asked for. */
export const syntheticLimits = {
  instruments: 20,
  agents: 20_000,
  seconds: 86_400,
  latency: 1_000_000,
  sessionStart: 4e15,
  /** Least and most. */
  tick: [1e-6, 10],
  drift: [-1, 1],
  volatility: [0, 0.2],
  liquidity: [0.05, 100],
  share: [0, 0.5],
  rate: [0.0001, 1000],
} as const

/** Most orders that one instrument may be expected to see: a book remembers the number of each for as long as it lives. */
const mostOrders = 15_000_000

/**
 * Fills in what the preset has and holds every number against its bounds.
 *
 * @throws RangeError saying what was found and what was expected
 */
export function syntheticSettings(options: SyntheticOptions = {}): SyntheticSettings {
  const preset = options.preset ?? 'calm'
  if (!syntheticPresets.includes(preset))
    throw new RangeError(
      `Synthetic market: preset is '${String(preset)}'; expected one of ${syntheticPresets.join(', ')}`,
    )
  const base = fitted({ ...calm, ...presets[preset] }, options)
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const settings: SyntheticSettings = {
    ...base,
    ...given,
    preset,
    shares: { ...base.shares, ...options.shares },
    rates: { ...base.rates, ...options.rates },
    latency: { ...base.latency, ...options.latency },
  }
  const { instruments, seconds, agents, shares, rates, latency, program, auction } = settings
  whole('seed', settings.seed, 0, 2 ** 32 - 1)
  whole('instruments', instruments, 1, syntheticLimits.instruments)
  whole('seconds', seconds, 1, syntheticLimits.seconds)
  whole('agents', agents, 10 * instruments, syntheticLimits.agents, ', ten or more for each instrument')
  whole('sessionStart', settings.sessionStart, 0, syntheticLimits.sessionStart, ' microseconds since 1970')
  within('tick', settings.tick, ...syntheticLimits.tick)
  if (!Number.isNaN(settings.startPrice))
    within(
      'startPrice',
      settings.startPrice,
      100 * settings.tick,
      1e7 * settings.tick,
      ', 100 to 10,000,000 ticks',
    )
  else if (settings.tick > 0.5)
    throw new RangeError(
      `Synthetic market: tick is ${settings.tick} and no startPrice was given; expected a tick of 0.5 or less, or a startPrice of 100 ticks or more`,
    )
  within('drift', settings.drift, ...syntheticLimits.drift)
  within('volatility', settings.volatility, ...syntheticLimits.volatility)
  within('reversion', settings.reversion, 0, 100)
  within('jumps', settings.jumps, 0, 1000)
  within('jumpSize', settings.jumpSize, 0, 0.1)
  within('liquidity', settings.liquidity, ...syntheticLimits.liquidity)
  whole('auction', auction, 0, seconds - 1, ', less than the session')
  for (const [kind, share] of Object.entries(shares))
    within(`shares.${kind}`, share, ...syntheticLimits.share)
  const sum = Object.values(shares).reduce((total, share) => total + share, 0)
  if (sum > 0.9)
    throw new RangeError(
      `Synthetic market: shares add up to ${sum}; expected at most 0.9, for the rest are noise traders`,
    )
  for (const [kind, rate] of Object.entries(rates))
    within(`rates.${kind}`, rate, ...syntheticLimits.rate, ' a second')
  for (const [kind, delay] of Object.entries(latency))
    whole(`latency.${kind}`, delay, 2, syntheticLimits.latency, ' microseconds')
  if (program) {
    within('program.start', program.start, 0, 1)
    within('program.seconds', program.seconds, 1, seconds, ', at most the session')
    whole('program.lots', program.lots, 1, 1e9)
  }
  // Looks that lead to a new order; makers mostly move the orders they have.
  const orders =
    ((agents * seconds) / instruments) *
    agentKinds.reduce((total, kind) => total + (kind === 'noise' ? 1 - sum : shares[kind]) * rates[kind], 0)
  if (orders > mostOrders)
    throw new RangeError(
      `Synthetic market: ${agents} agents would send about ${Math.round(orders)} orders to each of ${instruments} instruments in ${seconds} seconds; expected at most ${mostOrders}. Take fewer agents, a shorter session or lower rates.`,
    )
  return settings
}

/** Fits what a preset has, meant for an hour and 1000 agents on one instrument, to the session and the market it is to be in. */
function fitted(
  base: Omit<SyntheticSettings, 'preset'>,
  options: SyntheticOptions,
): Omit<SyntheticSettings, 'preset'> {
  const { auction, program } = base
  const { seconds = base.seconds, agents = base.agents, instruments = base.instruments } = options
  const room = Math.max(1, Math.floor(seconds / 10))
  const shortened = program ? Math.min(program.seconds, room) : 0
  return {
    ...base,
    auction: Math.min(auction, room),
    program: program && {
      ...program,
      seconds: shortened,
      lots: Math.max(
        1,
        Math.round((program.lots * shortened * agents) / (program.seconds * 1000 * instruments)),
      ),
    },
  }
}

function whole(name: string, found: number, least: number, most: number, note = ''): void {
  if (!(Number.isSafeInteger(found) && found >= least && found <= most))
    throw new RangeError(
      `Synthetic market: ${name} is ${String(found)}; expected a whole number from ${least} to ${most}${note}`,
    )
}

function within(name: string, found: number, least: number, most: number, note = ''): void {
  if (!(typeof found === 'number' && found >= least && found <= most))
    throw new RangeError(`Synthetic market: ${name} is ${String(found)}; expected ${least} to ${most}${note}`)
}
