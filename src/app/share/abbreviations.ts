/*
 * Phrases that most strategies have, which a link writes as `~` and a letter: a strategy that fits on a screen then makes a
 * link that fits into a message. The list belongs to the form `s1` of links. It only grows at its end, since links that are
 * out there were written with it.
 */

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

const phrases = [
  'import { BarStrategy, type BarEvent, ',
  " } from 'outcry'\n\nexport default class ",
  ' extends BarStrategy {\n',
  ' extends Strategy {\n',
  '\n  async onBar({ target: bar }: BarEvent) {\n',
  '\n  onBar({ target: bar }: BarEvent) {\n',
  " = this.input('",
  ' = this.indicator(',
  'await this.target(bar.instrument, ',
  'await this.closeAll(bar.instrument)',
  '.crossedAbove(this.',
  '.crossedBelow(this.',
  ', { min: ',
  ', max: ',
  ', step: ',
  ", unit: 'bars' })\n",
  ", hint: '",
  '    if (this.',
  "import { BarStrategy, type BarEvent } from 'outcry'\n",
  'import { ',
  " } from 'outcry'\n",
  'export default class ',
  'bar.instrument',
  'await this.',
  'this.',
  'const ',
  'return ',
  '\n  }\n}\n',
  '    }\n',
  'Side.BUY',
  'Side.SELL',
  'OrderType.',
  'new Order',
  'instrument',
  'position',
  'portfolio',
  'Average',
  'price',
  'volume',
  'bar.close',
  '.value',
  '  /** ',
  ' */\n',
  'function ',
  'async ',
  'await ',
  'market',
  'average',
  'strategy',
  ' => ',
  ' && ',
  ' === ',
  ' the ',
  'and ',
] as const

const written = new Map(phrases.map((phrase, at) => [phrase as string, `~${letters[at]!}`]))
const meant = new Map([...written].map(([phrase, short]) => [short, phrase]))
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
const longestFirst = [...phrases].sort((a, b) => b.length - a.length)
const anyPhrase = new RegExp(['~', ...longestFirst.map(escaped)].join('|'), 'g')

/** The text with its phrases abbreviated. */
export function abbreviated(text: string): string {
  return text.replace(anyPhrase, (phrase) => written.get(phrase) ?? '~~')
}

/**
 * The text that was abbreviated.
 *
 * @throws RangeError where an abbreviation is none of ours, or the text would be longer than `most` UTF-16 units
 */
export function spelledOut(text: string, most: number): string {
  let room = most - text.length
  return text.replace(/~([\s\S]?)/g, (short) => {
    const phrase = short === '~~' ? '~' : meant.get(short)
    if (phrase === undefined) throw new RangeError(`There is no abbreviation ${JSON.stringify(short)}`)
    room -= phrase.length - short.length
    if (room < 0) throw new RangeError(`The text is longer than ${most} letters`)
    return phrase
  })
}
