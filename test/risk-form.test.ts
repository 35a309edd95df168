import { describe, expect, test } from 'vitest'
import type { RuleName, RiskRules } from '#trading'
import { checkRules } from '#trading'
import { cautious, riskGroups, type RiskPart, type RiskRow, startOf } from '../src/app/panels/risk-rules.ts'

const rows = riskGroups('USD').flatMap(({ rows }) => rows)

/** Every rule there is; those with fields of their own are `false`. */
const all: Readonly<Record<Exclude<RuleName, 'steps'>, boolean>> = {
  maxOrderVolume: true,
  maxOrderValue: true,
  priceBand: true,
  maxPosition: true,
  maxShareOfFunds: true,
  maxLeverage: true,
  maxGross: true,
  maxNet: true,
  buyingPower: true,
  longOnly: true,
  maxDrawdown: true,
  maxDailyLoss: true,
  equityStop: true,
  lossStreak: true,
  maxOpenOrders: true,
  orderRate: true,
  messageRate: true,
  duplicateSeconds: true,
  staleSeconds: true,
  noSelfTrade: true,
  hours: false,
  restricted: false,
  shortable: false,
}

/** The rule with one of its numbers as it is shown in the form. */
function withShown(row: RiskRow, { key, factor = 1 }: RiskPart, shown: number): RiskRules {
  const value = Number((shown / factor).toPrecision(15))
  return { [row.name]: key === '' ? value : { ...(startOf(row) as object), [key]: value } }
}

test('the form has every rule, each with its words', () => {
  const wanted = Object.entries(all).flatMap(([name, inTable]) => (inTable ? [name] : []))
  expect(rows.map(({ name }) => name).sort()).toEqual(wanted.sort())
  expect(new Set(rows.map(({ label }) => label)).size).toBe(rows.length)
  for (const { hint } of rows) expect(hint).toMatch(/^[A-Z].*\.$/)
})

test('a cautious set, and every rule as it is turned on, are rules that a run takes', () => {
  for (const rules of [cautious, ...rows.map((row) => ({ [row.name]: startOf(row) }) as RiskRules)])
    expect(() => checkRules(rules)).not.toThrow()
})

describe('the bounds of the form are those of the rules', () => {
  const parts = rows.flatMap((row) =>
    row.parts.map((part) => ({ row, part, name: `${row.label} ${part.key}` })),
  )

  test.each(parts)('$name', ({ row, part }) => {
    for (const shown of [part.min ?? 0, part.max])
      expect(() => checkRules(withShown(row, part, shown))).not.toThrow()
    const below = (part.min ?? 0) - (part.step ?? 0.0005)
    expect(() => checkRules(withShown(row, part, below))).toThrow(RangeError)
    // A streak may be as long as one likes; the form has to end somewhere.
    if (part.key === 'losses') return
    expect(() => checkRules(withShown(row, part, part.max * 1.01))).toThrow(RangeError)
  })
})
