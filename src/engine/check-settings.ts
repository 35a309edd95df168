import { checkCosts } from '#exchange'
import { TradingType } from '#market'
import { checkMoney } from '#trading'
import type { RunSettings } from './record.ts'

/** Settings that no run can have: a mistake of whoever runs a strategy, not of its author. */
export class SettingsError extends RangeError {
  override readonly name = 'SettingsError'
}

/**
 * Refuses settings that no run can have.
 *
 * @throws SettingsError naming the setting, what was found and what was expected
 */
export function checkSettings(settings: RunSettings): void {
  try {
    check(settings)
  } catch (error) {
    throw new SettingsError((error as Error).message, { cause: error })
  }
}

function check(settings: RunSettings): void {
  const { cash, costs, fill, bars, leverage, seed, tradingType, money } = settings
  const demand = (name: string, value: number, fits: boolean, expected: string) => {
    if (!fits) throw new RangeError(`Setting ${name} is ${value}; expected ${expected}`)
  }
  demand('cash', cash, cash > 0 && cash < Infinity, 'a finite amount above zero')
  checkCosts(costs)
  checkMoney(money ?? {})
  demand('leverage', leverage, leverage > 0 && leverage <= 1000, 'a number above 0, at most 1000')
  demand(
    'seed',
    seed,
    Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32,
    'a whole number from 0 to 2^32 - 1',
  )
  if (tradingType !== undefined && !Object.hasOwn(TradingType, tradingType))
    throw new RangeError(
      `Setting tradingType is '${String(tradingType)}'; expected ${Object.keys(TradingType).join(', ')}`,
    )
  if (tradingType === TradingType.SANDBOX || tradingType === TradingType.LIVE)
    throw new RangeError(
      `Setting tradingType is ${tradingType}, and there is no adapter to a venue yet; use ${TradingType.BACKTEST}, or ${TradingType.SIMULATION} to watch only`,
    )
  if (fill !== 'next-open' && fill !== 'same-close')
    throw new RangeError(`Setting fill is '${String(fill)}'; expected 'next-open' or 'same-close'`)
  const { limits = 'through', volumeShare = 1 } = bars ?? {}
  if (limits !== 'through' && limits !== 'touch')
    throw new RangeError(`Setting limits is '${String(limits)}'; expected 'through' or 'touch'`)
  if (volumeShare !== null)
    demand('volumeShare', volumeShare, volumeShare > 0 && volumeShare <= 1, 'a fraction above 0, at most 1')
}
