import { readAs } from '#session'
import { fileNameOf } from '../hand-over.ts'
import { reasonOf } from '../reason.ts'
import { type PackedPrices, packedSchema } from '../store/packed.ts'
import { readShared, type Shared } from './shared.ts'
import { fileUpgrades, newest, upgraded } from './upgrades.ts'

/** How such files are told from others: by the last of it, whatever else they hold. */
const fileEnding = '.outcry.json'
const withPrices = `.with-prices${fileEnding}`

const newestFile = newest(fileUpgrades)
/** Letters of a file that is read. */
const mostLetters = 8_000_000

/** What a file holds: what is shared, and perhaps the imported prices that it ran on. */
export type SharedFile = Shared & { readonly prices?: PackedPrices }

/** A file that cannot be opened, in words for the person who gave it. */
export class BadFile extends Error {
  override readonly name = 'BadFile'
}

/** Such as `sma-crossover.outcry.json`, or `sma-crossover.with-prices.outcry.json` of one that carries them. */
export const sharedFileName = ({ name, prices }: Pick<SharedFile, 'name' | 'prices'>) =>
  fileNameOf(name, prices ? withPrices : fileEnding)

/** What is shared as a file that people can read as well. */
export function encodeFile(shared: SharedFile): string {
  return `${JSON.stringify({ outcry: newestFile, ...shared }, null, 2)}\n`
}

/**
 * What a file holds.
 *
 * @throws BadFile in words for the person who gave it
 */
export function decodeFile(text: string): SharedFile {
  if (text.length > mostLetters)
    throw new BadFile(
      `The file has ${text.length.toLocaleString('en')} characters; at most 8,000,000 are read.`,
    )
  let content: unknown
  try {
    // JSON has no NaN: a figure that is not there, and the exit of a trade that is open.
    content = JSON.parse(text, function (this: object, key, value: unknown) {
      return value === null && absentAsNaN.has(key) ? NaN : value
    })
  } catch (error) {
    throw new BadFile(`The file is not JSON: ${reasonOf(error)}. It was cut off or changed.`)
  }
  if (typeof content !== 'object' || content === null || !Object.hasOwn(content, 'outcry'))
    throw new BadFile('The file is not a shared strategy: it does not begin with "outcry" and a version.')
  const { outcry: version, ...fields } = content as Record<string, unknown>
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    throw new BadFile('The file has no version that Outcry gives.')
  if (version > newestFile)
    throw new BadFile(
      `The file has form ${version}, from a newer Outcry than this one, which reads up to form ${newestFile}. Reload the page, and try again.`,
    )
  try {
    const { prices, ...rest } = upgraded(fields, version, fileUpgrades) as Record<string, unknown>
    const shared = readShared(rest, 'file')
    return prices === undefined ? shared : { ...shared, prices: readAs(packedSchema, prices, 'file.prices') }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new BadFile(`The file does not hold what it should: ${error.message}`)
  }
}

const absentAsNaN = new Set(['totalReturn', 'buyAndHoldReturn', 'sharpe', 'maxDrawdown', 'costs', 'exitTime'])
