import { configurationSchema } from './configuration.ts'

/** One field of a configuration, for people. */
export interface ConfigurationField {
  /** Such as `exchanges[].market.seed`. */
  readonly path: string
  /** What it takes, with its bounds. */
  readonly takes: string
  /** As JSON; `required` where there has to be one, empty where it may be left out and nothing stands for it. */
  readonly otherwise: string
  readonly meaning: string
}

const costs = {
  commission: 'Fraction of the value of each fill; 0.001 is 0.1 %.',
  slippage: 'Fraction of the price that orders fill worse by which take any price.',
  makerCommission: 'Fraction of the value of fills of orders that waited; below 0 is a rebate.',
  commissionPerOrder: 'Money for each order that trades.',
  commissionPerUnit: 'Money for each share or other unit.',
  leastCommission: 'Least money for an order that trades.',
  mostCommission: 'Most commission of an order, as a fraction of its value; goes before the least.',
  slippagePrice: 'Slippage as an amount of price, beside the fraction.',
  slippageTicks: 'Slippage in ticks.',
} as const

const rules = {
  maxOrderVolume: 'Most units that one order may have.',
  maxOrderValue: 'Most money that one order may be worth.',
  maxPosition: 'Most units of one instrument, long or short, with all that works filled.',
  maxGross: 'Most money that all positions together may be worth, whatever their direction.',
  maxNet: 'Most money that long positions may be worth more than short ones, or the other way round.',
  maxShareOfFunds: 'Most that positions and working orders may be worth, as a fraction of the equity.',
  buyingPower: 'Whether every working order ties up what it needs before it fills.',
  maxLeverage: 'Most that positions and working orders may be worth, as a multiple of the equity.',
  priceBand: 'How much worse than the last price a limit may be, as a fraction of it.',
  orderRate: 'Orders that are accepted in a stretch of time.',
  'orderRate.most': 'How many.',
  'orderRate.seconds': 'Seconds of the stretch.',
  messageRate: 'Orders, changes and cancels in a stretch of time, refused ones too.',
  'messageRate.most': 'How many.',
  'messageRate.seconds': 'Seconds of the stretch.',
  duplicateSeconds: 'Seconds within which the same order is not taken twice.',
  noSelfTrade: 'Whether an order is refused that could trade with one of its own account.',
  restricted: 'Names of instruments that may only be closed.',
  hours: 'When orders are accepted; what closes is always.',
  'hours.start': 'First minute, on the clock of timeZone.',
  'hours.end': 'Minute from which they are refused.',
  'hours.days': 'Days of the week.',
  longOnly: 'Whether more may be sold than is held: not where it is true.',
  shortable: 'Units of each instrument, by its name, that can be borrowed to go short.',
  staleSeconds: 'Seconds after which a last price is too old to trade on.',
  maxDailyLoss:
    'Loss since the day began, as a fraction of the equity then, at which all is closed until the next day.',
  maxDrawdown: 'Fall from the highest equity, as a fraction of it, at which all is closed for good.',
  equityStop: 'Closes all for good when part of a profit is lost again.',
  'equityStop.gain': 'Profit from which it watches, as a fraction of the equity at the start.',
  'equityStop.giveBack': 'Fraction of the highest profit that may be lost again.',
  lossStreak: 'A pause after losing trades in a row: only what reduces is accepted.',
  'lossStreak.losses': 'Losing trades in a row.',
  'lossStreak.seconds': 'Seconds of the pause.',
  maxOpenOrders: 'Most orders that may work at a time.',
  steps:
    'What happens to volumes between two lots and prices between two ticks; refused where it is left out.',
  excess: 'What happens to an order that is too large; it is clipped where it is left out.',
  timeZone: 'Zone of the days and hours; that of the first instrument where it is left out.',
} as const

/** What every field means, by its path. */
const meanings: Readonly<Record<string, string>> = {
  configuration: 'Form of the file. Always the first thing that is looked at.',
  name: 'What the run is called.',
  cash: 'Money at the start, in the currency of the account.',
  money: 'The currency of the account, and what others are worth in it.',
  'money.currency': 'Currency of the account; that of the first instrument where it is left out.',
  'money.rates':
    "What one unit of a currency is worth in the account's, by its code, for the whole run. Of others a pair among the instruments tells it, such as EURUSD.",
  'money.exchange':
    "When money is exchanged: with each fill, or never, which leaves balances and loans in their currencies, without interest. 'at-fill' where it is left out.",
  'money.cost': 'Fraction of what is exchanged that exchanging costs.',
  costs: 'What trading costs; amounts of money are in the currency of the instrument.',
  ...under('costs', costs),
  fill: 'When market orders fill on bars. The second is optimistic: nobody can act on a close that he has just seen.',
  bars: 'How orders fill on bars.',
  'bars.limits':
    'When limit orders fill: where the price is traded through, or touched, which is optimistic.',
  'bars.volumeShare':
    "Fraction of a bar's volume that all orders may trade; null for no limit. 1 where it is left out.",
  seed: "Seed of the strategies' own chance, of the random walk, and of synthetic markets that have none of their own.",
  leverage: 'Gross exposure allowed, as a multiple of the equity.',
  tradingType:
    'A back-test where it is left out. In a simulation every order is refused; the other two are refused as a whole.',
  risk: 'Rules for what may be traded, on the whole account.',
  ...under('risk', rules),
  'risk.perStrategy': 'The same rules, for each strategy by itself.',
  ...under('risk.perStrategy', rules),
  range: 'The bars that are run on; all where it is left out. Only for bars that are there before the run.',
  'range.from': 'The first bar is at this time or later.',
  'range.to': 'The last bar is at this time or earlier; of a day, the whole day counts.',
  exchanges:
    'One or several. Their events come in the order of time, of equal times the first exchange first.',
  'exchanges[].kind': 'What it is made of.',
  'exchanges[].name':
    'The tag of its instruments where there are several exchanges, each with a name of its own; the name of its data where it is left out.',
  'exchanges[].data':
    "Of kind 'bundled': which of the prices, or of the recorded orders, that come with the program.",
  'exchanges[].market': "Of kind 'synthetic': the market that is made.",
  'exchanges[].market.preset':
    'calm, trending, volatile, thin, flash-crash or opening-auction; calm where it is left out.',
  'exchanges[].market.symbol':
    'Name of the instrument; a number follows where there are several. Drawn from the seed where it is left out.',
  'exchanges[].market.seed':
    'The same seed makes the same market; that of the settings where it is left out.',
  'exchanges[].market.instruments':
    'Instruments, among which the agents are shared out; 1 where it is left out.',
  'exchanges[].market.seconds': 'Length of the session in simulated seconds; 3,600 where it is left out.',
  'exchanges[].market.agents': 'Agents that trade; as the preset has it where it is left out.',
  'exchanges[].market.barSeconds': 'Seconds of a bar; 10 where it is left out.',
  'exchanges[].market.latency':
    'Microseconds that an order takes to the exchange; 1,000 where it is left out.',
  'exchanges[].market.sessionStart':
    'Microseconds since 1970 UTC at which the session starts; 2024-01-02 14:30 UTC where it is left out.',
  'exchanges[].market.auction':
    'Seconds for which orders are collected before the market opens with one price for all.',
  'exchanges[].market.tick': 'Smallest price step; 0.01 where it is left out.',
  'exchanges[].market.startPrice': 'Price at the start; drawn from the seed where it is left out.',
  'exchanges[].market.drift': 'Relative change of the hidden value that is to be expected in an hour.',
  'exchanges[].market.volatility': "Standard deviation of the hidden value's relative change in an hour.",
  'exchanges[].market.liquidity': 'Multiplies the sizes of the orders that rest.',
  'exchanges[].market.shares': 'Fractions of the agents by their kind; noise traders are what these leave.',
  'exchanges[].market.shares.value': 'Of value traders.',
  'exchanges[].market.shares.momentum': 'Of momentum traders.',
  'exchanges[].market.shares.maker': 'Of market makers.',
  'exchanges[].market.shares.informed': 'Of informed traders.',
  'exchanges[].market.shares.executor': 'Of executors of large orders.',
  'exchanges[].market.rates': 'How often one agent of a kind looks at the market, a second.',
  'exchanges[].market.rates.noise': 'Of noise traders.',
  'exchanges[].market.rates.value': 'Of value traders.',
  'exchanges[].market.rates.momentum': 'Of momentum traders.',
  'exchanges[].market.rates.maker': 'Of market makers.',
  'exchanges[].market.rates.informed': 'Of informed traders.',
  'exchanges[].market.rates.executor': 'Of executors of large orders.',
  'exchanges[].market.agentLatency':
    'Mean microseconds between an agent of a kind and the exchange, each way.',
  'exchanges[].market.agentLatency.noise': 'Of noise traders.',
  'exchanges[].market.agentLatency.value': 'Of value traders.',
  'exchanges[].market.agentLatency.momentum': 'Of momentum traders.',
  'exchanges[].market.agentLatency.maker': 'Of market makers.',
  'exchanges[].market.agentLatency.informed': 'Of informed traders.',
  'exchanges[].market.agentLatency.executor': 'Of executors of large orders.',
  'exchanges[].file':
    "Of kinds 'file' and 'recorded': path, relative to the configuration. The page looks for a file of that name in its library.",
  'exchanges[].symbol': 'Name of the instrument where the file has none, or the one to take.',
  'exchanges[].zone': 'Time zone of times that carry none.',
  'exchanges[].dateOrder': 'What 01/02/2020 means.',
  'exchanges[].epochUnit': 'What counts since 1970 count.',
  'exchanges[].decimal': 'Mark between whole numbers and fractions.',
  'exchanges[].delimiter': 'Mark between columns.',
  'exchanges[].headerRows': 'Lines of the header, 0 for none.',
  'exchanges[].scale': 'What prices are divided by.',
  'exchanges[].thousands': 'Mark between thousands.',
  'exchanges[].preamble': 'Lines before the header.',
  'exchanges[].columns': 'What columns hold, by their numbers from 0.',
  'exchanges[].stamped': 'Whether a time is when a bar opens or when it closes.',
  'exchanges[].instruments':
    'What a file does not tell of its instruments; those that are listed are traded, in this order. All of the file, in any fraction of a unit, where it is left out.',
  'exchanges[].instruments[].name':
    'Its name in the file; of a file with one instrument, what it is to be called.',
  'exchanges[].instruments[].type': 'What kind it is.',
  'exchanges[].instruments[].exchange': 'Where it trades.',
  'exchanges[].instruments[].currency':
    'What its prices are in; USD, or the second of a pair such as EURUSD, where it is left out.',
  'exchanges[].instruments[].tick': 'Smallest price step; 0 where any price is allowed.',
  'exchanges[].instruments[].lot': 'Smallest volume that is traded.',
  'exchanges[].instruments[].multiplier':
    'Money that one unit of price is worth for one unit of volume; 1 where it is left out.',
  'exchanges[].instruments[].zone': 'Zone of its days and hours; that of the times where it is left out.',
  'exchanges[].repair': 'What to do about odd rows, in this order. Nothing is repaired unasked.',
  'exchanges[].imported': "The prices in the page's library; the command line reads the file.",
  'exchanges[].orderbook':
    "Of kind 'recorded': LOBSTER book file of the same messages, for orders from before them.",
  'exchanges[].format': 'Layout of the messages, where the file does not show it.',
  'exchanges[].date': 'Day of a LOBSTER file, where its name does not say it.',
  'exchanges[].tick': 'Smallest price step that orders may use; 0.01 where neither this nor the file says.',
  'exchanges[].barSeconds': 'Seconds of the bars that are made of recorded trades; 10 where it is left out.',
  'exchanges[].latency':
    'Microseconds that an order takes to the recorded exchange; 1,000 where it is left out.',
  strategies:
    'One or several. Each has a part of the cash and an account of its own; they are told of an event in this order.',
  'strategies[].name': 'What it is called; the name of its class where it is left out.',
  'strategies[].file':
    'Path of its code, relative to the configuration; what it imports lies beside it. Either this or source.',
  'strategies[].source': 'The code itself.',
  'strategies[].source.files': 'Text of each file by its name.',
  'strategies[].source.entry': 'Name of the main file.',
  'strategies[].class': 'Exported class that is run; the default export where it is left out.',
  'strategies[].inputs': "Values of its inputs by their names; the strategy's own where they are left out.",
  'strategies[].share':
    'Fraction of the cash that it begins with; an equal part of what is left where it is left out.',
}

function under(path: string, all: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).map(([name, meaning]) => [`${path}.${name}`, meaning]))
}

/** What of a schema is looked at to describe it. */
interface Described {
  readonly type: string
  readonly message?: unknown
  readonly literal?: unknown
  readonly default?: unknown
  readonly wrapped?: Described
  readonly item?: Described
  readonly entries?: Readonly<Record<string, Described>>
  readonly options?: readonly unknown[]
  readonly pipe?: readonly Described[]
}

/** Every field of a configuration in the order of its schema, with its bounds and its default from there. */
export function configurationFields(): readonly ConfigurationField[] {
  const all = new Map<string, ConfigurationField>()
  for (const { path, takes, otherwise } of within(configurationSchema as unknown as Described, '')) {
    const meaning = meanings[path]
    if (meaning === undefined) throw new Error(`Nothing says what ${path} means`)
    const known = all.get(path)
    // The same field of another kind of exchange.
    if (known && known.takes !== takes) all.set(path, { ...known, takes: `${known.takes} or ${takes}` })
    else if (!known) all.set(path, { path, takes, otherwise, meaning })
  }
  return [...all.values()]
}

type Found = Omit<ConfigurationField, 'meaning'>

/** The fields within a schema, whose own path is given. */
function* within(schema: Described, path: string): Generator<Found> {
  const all = schema.pipe ?? [schema]
  for (const { entries, options, item } of all) {
    for (const [name, entry] of Object.entries(entries ?? {}))
      yield* at(entry, path === '' ? name : `${path}.${name}`, 'required')
    // The choices of a variant are schemas, those of a picklist are texts.
    for (const option of options ?? [])
      if (typeof option === 'object') yield* within(option as Described, path)
    if (item) yield* within(item, `${path}[]`)
  }
}

function* at(schema: Described, path: string, otherwise: string): Generator<Found> {
  if (schema.wrapped && schema.type === 'optional') {
    const { default: value } = schema
    yield* at(schema.wrapped, path, value === undefined ? '' : JSON.stringify(value))
    return
  }
  const { message, literal, wrapped } = schema
  const takes =
    literal === undefined
      ? typeof message === 'string'
        ? message
        : `null or ${String(wrapped?.message ?? '')}`
      : typeof literal === 'string'
        ? `'${literal}'`
        : String(literal)
  yield { path, takes, otherwise }
  yield* within(schema, path)
}
