import { parseArgs } from 'node:util'
import { stylisedFacts } from '#analysis'
import { recordMarket, worldOf } from '#exchange'
import { syntheticMarket, syntheticOptions, bookOptions } from './cli-market.ts'
import { UsageError } from './cli-usage.ts'
import { decimals, optionLines, table } from './cli-words.ts'

/** What a market has to run for before its statistics settle. */
const usualMinutes = '240'

const options = { ...syntheticOptions, tick: bookOptions.tick } as const

/** How `outcry facts` is called. */
export const factsHelp = `outcry facts [options]         holds a synthetic market against what is known of real ones

  --seed NUMBER           the same seed makes the same market (1)
${optionLines(options)}
  --json                  one JSON document

Makes four hours of a market without a strategy, unless --minutes says otherwise, and measures its first
instrument: tails and memory of returns, memory of volatility and of the signs of orders, spread, depth
and the impact of orders. Each figure stands beside the band in which real markets lie. Some presets
leave a band by what makes them: a flash crash is no ordinary day.`

/**
 * Carries out `outcry facts`.
 *
 * @throws UsageError when it was called wrongly
 */
export function facts(args: readonly string[]): void {
  let values: Readonly<Record<string, string | boolean | undefined>>
  try {
    const texts = Object.fromEntries(
      ['seed', ...Object.keys(options)].map((name) => [name, { type: 'string' as const }]),
    )
    values = parseArgs({ args: [...args], options: { ...texts, json: { type: 'boolean' } } }).values
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}. outcry facts --help shows all options.`)
  }
  const { json, seed = '1', ...asked } = values
  if (!/^\d{1,10}$/.test(String(seed)))
    throw new UsageError(`--seed is '${String(seed)}'; expected a whole number, such as 7`)
  const given = new Map(
    Object.entries({ minutes: usualMinutes, ...asked }).map(([name, text]) => [name, String(text)]),
  )
  const { synthetic } = syntheticMarket(given, Number(seed))
  const found = stylisedFacts(recordMarket(worldOf(synthetic!)))
  if (json) return console.log(JSON.stringify(found))
  const rows = found.map(({ name, value, band, passes }) => [
    name,
    decimals(value, 3),
    `${decimals(band[0], 3)} to ${decimals(band[1], 3)}`,
    passes ? 'as real markets' : 'unlike them',
  ])
  console.log(table([['', 'found', 'real markets', ''], ...rows]))
  console.log('')
  for (const { name, measure } of found) console.log(`${name}: ${measure}.`)
}
