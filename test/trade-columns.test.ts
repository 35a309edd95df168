import { BarStrategy, type BarEvent } from 'outcry'
import { expect, test } from 'vitest'
import { report } from '#analysis'
import { randomWalk } from '#data'
import { copiedColumns } from '../src/app/panels/trade-columns.ts'
import { shortened } from '../src/app/panels/whose.ts'
import { csv, type Column } from '../src/app/kit/table.ts'
import { initialTerms } from '../src/app/run.ts'
import { run } from './market.ts'

class InAndOut extends BarStrategy {
  count = 0
  async onBar({ target: { instrument } }: BarEvent) {
    this.count++
    if (this.count === 3) await this.buy(instrument, 5)
    if (this.count === 6) await this.sell(instrument, 5, { price: 1 })
    if (this.count === 9) await this.buy(instrument, 2)
  }
}

test('a copied list of trades tells whose they are, of what, in what money, and by which rules they filled', async () => {
  const data = randomWalk({ bars: 30 })
  const record = await run({ strategy: InAndOut, data, settings: { ...initialTerms, inputs: {} } })
  const { trades } = report(record, data)
  const columns: readonly Column[] = copiedColumns(record, trades, 'In and out')
  expect(columns.every(({ onlyCopied }) => onlyCopied)).toBe(true)
  const [head, first, second] = csv([0, 1], columns).split('\r\n')
  expect(head).toBe('Strategy,Instrument,State,Entry rule,Exit rule,Prices in,P&L and fees in,Times in,Run')
  const { name, timeZone } = data.instruments[0]!.instrument
  const end = `USD,USD,${timeZone ?? 'UTC'},${record.digest}`
  const rules = record.rules.join(' ')
  const ruleOf = (line: string, at: number) => line.split(',')[at]!
  expect(first).toBe(`In and out,${name},closed,${ruleOf(first!, 3)},${ruleOf(first!, 4)},${end}`)
  for (const at of [3, 4]) expect(ruleOf(first!, at)).not.toBe('')
  for (const at of [3, 4]) expect(rules).toContain(ruleOf(first!, at))
  expect(second).toBe(`In and out,${name},open,open,,${end}`)
})

test('a long name keeps the number that tells it from others', () => {
  expect(shortened('SMA crossover 2')).toBe('SMA crossover 2')
  const long = 'A strategy with a rather long name'
  expect(shortened(long)).not.toBe(shortened(`${long} 2`))
  expect(shortened(`${long} 2`)).toMatch(/^A strategy.*… *name 2$/)
  expect([...shortened(`${long} 2`)].length).toBeLessThanOrEqual(20)
})
