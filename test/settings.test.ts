import { expect, test } from 'vitest'
import { readMarket, readRisk, readSettings, Unreadable } from '#session'

const settings = {
  cash: 10_000,
  costs: { commission: 0.001, slippage: 0.0005 },
  fill: 'next-open',
  seed: 1,
  leverage: 1,
  inputs: { fast: 10, short: true, kind: 'ema' },
}

/** What is said of settings with these fields changed. */
function said(change: unknown): string {
  const value =
    typeof change === 'object' && change !== null && !Array.isArray(change)
      ? { ...settings, ...change }
      : change
  try {
    readSettings(value)
  } catch (error) {
    if (error instanceof Unreadable) return error.message
    throw error
  }
  return 'taken'
}

test('settings that were written as JSON come back as they were', () => {
  expect(readSettings(JSON.parse(JSON.stringify(settings)))).toEqual(settings)
  expect(readSettings(settings)).not.toBe(settings)
})

test('risk rules come with the settings, and every one of them comes back as it was', () => {
  const set = {
    maxOrderVolume: 10,
    maxOrderValue: 1000,
    maxPosition: 0,
    maxGross: 1e6,
    maxNet: 1e5,
    maxShareOfFunds: 0.5,
    buyingPower: true,
    maxLeverage: 2,
    priceBand: 0.05,
    orderRate: { most: 5, seconds: 60 },
    messageRate: { most: 0, seconds: 0.5 },
    duplicateSeconds: 1,
    noSelfTrade: false,
    restricted: ['XYZ'],
    hours: { start: '09:30', end: '16:00', days: 'MON-FRI' },
    longOnly: true,
    shortable: { XYZ: 100 },
    staleSeconds: 60,
    maxDailyLoss: 0.02,
    maxDrawdown: 0.2,
    equityStop: { gain: 0.1, giveBack: 0.5 },
    lossStreak: { losses: 3, seconds: 3600 },
    maxOpenOrders: 20,
    steps: 'round',
    excess: 'refuse',
    timeZone: 'America/New_York',
  }
  const risk = { ...set, perStrategy: set }
  expect(readSettings({ ...settings, risk }).risk).toEqual(risk)
  expect(readRisk({})).toEqual({})
})

test('the trading type comes with the settings where one is given', () => {
  expect(readSettings({ ...settings, tradingType: 'SIMULATION' }).tradingType).toBe('SIMULATION')
  expect(said({ tradingType: 'paper' })).toContain("settings.tradingType is 'paper'; expected")
})

test.each<readonly [string, unknown, string]>([
  ['no object', null, 'settings is null; expected an object with fields.'],
  ['a list', [settings], 'settings is a list of 1; expected an object with fields.'],
  ['a text', 'cash', "settings is 'cash'; expected an object with fields."],
  ['cash of nothing', { cash: 0 }, 'settings.cash is 0; expected a number from 1 to 1,000,000,000,000.'],
  ['cash without end', { cash: 1e999 }, 'settings.cash is Infinity; expected a number from'],
  ['cash that is no number', { cash: NaN }, 'settings.cash is NaN; expected a number from'],
  ['cash as a text', { cash: '10000' }, "settings.cash is '10000'; expected a number from"],
  ['no costs', { costs: undefined }, 'settings.costs is nothing; expected an object with fields.'],
  [
    'a commission of half',
    { costs: { commission: 0.5, slippage: 0 } },
    'settings.costs.commission is 0.5; expected a number from 0 to 0.1.',
  ],
  [
    'a commission that pays',
    { costs: { commission: -0.001, slippage: 0 } },
    'settings.costs.commission is -0.001; expected',
  ],
  [
    'no slippage',
    { costs: { commission: 0 } },
    'settings.costs.slippage is nothing; expected a number from 0 to 0.1.',
  ],
  [
    'an unknown fill rule',
    { fill: 'best-of-all' },
    "settings.fill is 'best-of-all'; expected 'next-open' or 'same-close'.",
  ],
  [
    'a drawdown in per cent',
    { risk: { maxDrawdown: 20 } },
    'settings.risk.maxDrawdown is 20; expected a number from 0 to 1.',
  ],
  [
    'an unknown rule',
    { risk: { maxFun: 1 } },
    'settings.risk.maxFun is there; expected no field of this name',
  ],
  [
    'hours of nothing',
    { risk: { hours: { start: '09:30', end: '09:30' } } },
    'settings.risk.hours is an object; expected a start and an end that differ.',
  ],
  [
    'days that are none',
    { risk: { hours: { start: '09:30', end: '16:00', days: 'ANY' } } },
    "settings.risk.hours.days is 'ANY'; expected days such as 'MON-FRI' or 'MON,WED'.",
  ],
  [
    'a zone that is none',
    { risk: { perStrategy: { timeZone: 'Mars/Olympus' } } },
    "settings.risk.perStrategy.timeZone is 'Mars/Olympus'; expected a time zone such as America/New_York.",
  ],
  ['half a seed', { seed: 1.5 }, 'settings.seed is 1.5; expected a whole number from 0 to 4,294,967,295.'],
  ['too large a seed', { seed: 2 ** 32 }, 'settings.seed is 4294967296; expected a whole number'],
  [
    'a thousandfold leverage',
    { leverage: 1000 },
    'settings.leverage is 1000; expected a number from 1 to 100.',
  ],
  [
    'an input that is a list',
    { inputs: { fast: [1] } },
    'settings.inputs.fast is a list of 1; expected a number, true',
  ],
  [
    'an input without end',
    { inputs: { fast: Infinity } },
    'settings.inputs.fast is Infinity; expected a number, true',
  ],
  [
    'an input of ten thousand letters',
    { inputs: { note: 'x'.repeat(10_000) } },
    `settings.inputs.note is '${'x'.repeat(60)}…'; expected a number, true`,
  ],
  [
    'markup for a name',
    { inputs: { '<img src=x>': 1 } },
    "settings.inputs['<img src=x>'] is '<img src=x>'; expected a text of 1 to 60 letters, a word such as fast.",
  ],
  [
    'inputs as a list',
    { inputs: [1, 2] },
    'settings.inputs is a list of 2; expected at most 100 values by name.',
  ],
  [
    'too many inputs',
    { inputs: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`input${i}`, i])) },
    'settings.inputs is an object; expected at most 100 values by name.',
  ],
  [
    'a field that no version has',
    { stopLoss: 0.1 },
    'settings.stopLoss is there; expected no field of this name.',
  ],
])('%s is refused with the place, what was found and what was expected', (_, change, expected) => {
  expect(said(change)).toContain(expected)
})

test('names that reach an object’s prototype are refused wherever they stand, and nothing is polluted', () => {
  for (const text of [
    '{"__proto__":{"polluted":true}}',
    '{"costs":{"commission":0,"slippage":0,"constructor":{"prototype":{"polluted":true}}}}',
    '{"inputs":{"__proto__":{"polluted":true}}}',
    '{"inputs":{"prototype":1}}',
  ]) {
    const value: unknown = Object.assign(JSON.parse(text), {})
    expect(() => readSettings(value)).toThrow(/JavaScript keeps this one for itself/)
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('what is nested without end is refused without following it', () => {
  const deep: unknown = JSON.parse('{"inputs":'.repeat(5000) + '1' + '}'.repeat(5000))
  expect(() => readSettings(deep)).toThrow(/20 levels deep; expected fewer levels/)
  const cyclic: Record<string, unknown> = { ...settings }
  cyclic['inputs'] = cyclic
  expect(() => readSettings(cyclic)).toThrow(/20 levels deep/)
})

test('every misfit is listed, the first in the message', () => {
  try {
    readSettings({ ...settings, cash: -1, seed: 'x', leverage: null })
    expect.unreachable()
  } catch (error) {
    expect((error as Unreadable).misfits.map(({ path }) => path)).toEqual([
      'settings.cash',
      'settings.seed',
      'settings.leverage',
    ])
    expect((error as Unreadable).message).toMatch(/^settings\.cash is -1;.*And 2 more\.$/)
  }
})

test('invisible letters are shown as what they are', () => {
  expect(said({ fill: 'next\u202eopen\u0000' })).toContain("'next\\u{202e}open\\u{0}'")
})

test('a request for a market is checked number by number', () => {
  expect(readMarket({ preset: 'calm', symbol: 'ACME', seed: 7, seconds: 60 })).toEqual({
    preset: 'calm',
    symbol: 'ACME',
    seed: 7,
    seconds: 60,
  })
  expect(readMarket({})).toEqual({})
  for (const wrong of [
    { seed: -1 },
    { agents: 1e9 },
    { seconds: 0 },
    { latency: 0.5 },
    { preset: '<b>' },
    { symbol: 'A B' },
    { tick: 0 },
    { shape: 1 },
  ])
    expect(() => readMarket(wrong), JSON.stringify(wrong)).toThrow(Unreadable)
})
