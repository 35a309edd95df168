import type { Diagnostic, Source } from './diagnostic.ts'
import { alwaysTrueWords, type AnswerKind } from './always-true.ts'

const methods: Readonly<Record<string, AnswerKind>> = {
  newOrder: 'answer',
  buy: 'answer',
  sell: 'answer',
  target: 'answer',
  changeOrder: 'answer',
  cancelOrder: 'answer',
  bracket: 'bracket',
  cancelAll: 'list',
  closeAll: 'list',
}
const request = `(?<awaited>await\\s+)?\\bthis\\s*\\.\\s*(?<method>${Object.keys(methods).join('|')})\\s*\\(`

/**
 * What `alwaysTrue` finds, as far as it is written out, where there is no TypeScript to ask for the types: conditions that
 * are a request itself, or a constant that holds its answer. What it cannot be sure of it leaves alone.
 */
export function alwaysTrueInText({ files }: Source): Diagnostic[] {
  return Object.entries(files).flatMap(([file, text]) => {
    const code = withoutWords(text)
    const found = [...requestsTested(code), ...constantsTested(code)].sort((a, b) => a.start - b.start)
    return found.map(({ start, length, message }): Diagnostic => {
      const before = text.slice(0, start).split('\n')
      const [line, column] = [before.length, before.at(-1)!.length + 1]
      return { file, line, column, length, message, severity: 'warning', source: 'types' }
    })
  })
}

interface Found {
  readonly start: number
  readonly length: number
  readonly message: string
}

function* requestsTested(code: string): Generator<Found> {
  for (const match of code.matchAll(new RegExp(request, 'g'))) {
    const start = match.index
    const end = closing(code, start + match[0].length - 1)
    if (end === undefined || !isTested(code, start, end)) continue
    yield { start, length: end - start, message: wordsOf(match) }
  }
}

function* constantsTested(code: string): Generator<Found> {
  for (const match of code.matchAll(new RegExp(`\\bconst\\s+(?<name>[\\w$]+)\\s*=\\s*${request}`, 'g'))) {
    const { name, method, awaited } = match.groups!
    // What a target answers may be undefined, and is asked for that.
    if (method === 'target' && awaited) continue
    const from = closing(code, match.index + match[0].length - 1)
    if (from === undefined) continue
    const rest = code.slice(from, endOfBlock(code, from))
    for (const use of rest.matchAll(
      new RegExp(`(?<![\\w$.])${name!.replaceAll('$', '\\$')}(?![\\w$])`, 'g'),
    )) {
      const start = from + use.index
      if (isTested(code, start, start + name!.length))
        yield { start, length: name!.length, message: wordsOf(match) }
    }
  }
}

const wordsOf = ({ groups }: RegExpMatchArray): string =>
  alwaysTrueWords(methods[groups!['method']!]!, groups!['awaited'] === undefined)

/** Whether what stands in the code from one place to another is a condition, perhaps in brackets of its own. */
function isTested(code: string, start: number, end: number): boolean {
  for (;;) {
    const before = code.slice(0, start).trimEnd()
    const after = code.slice(end).trimStart()
    // A part of it is tested.
    if (/^(?:\.|\?\.|\[|\()/.test(after)) return false
    if (before.endsWith('!') || /^(?:&&|\|\||\?(?![.?]))/.test(after)) return true
    if (!before.endsWith('(') || !after.startsWith(')')) return false
    const word = /([\w$]+)\s*\($/.exec(before)?.[1]
    if (word !== undefined && /^(?:if|while|Boolean)$/.test(word)) return true
    // Another word calls a function with it.
    if (word !== undefined && !/^(?:return|await|case|typeof)$/.test(word)) return false
    start = before.length - 1
    end = code.length - after.length + 1
  }
}

/** The place after the bracket that closes the one at a place; undefined where none does. */
function closing(code: string, open: number): number | undefined {
  let depth = 0
  for (let at = open; at < code.length; at++)
    if (code[at] === '(') depth++
    else if (code[at] === ')' && --depth === 0) return at + 1
  return undefined
}

/** Where the block ends in which a place is. */
function endOfBlock(code: string, from: number): number {
  let depth = 0
  for (let at = from; at < code.length; at++)
    if (code[at] === '{') depth++
    else if (code[at] === '}' && depth-- === 0) return at
  return code.length
}

/** A text with blanks for what comments and quotes hold, so that every letter keeps its place. */
const withoutWords = (text: string): string =>
  text.replace(
    /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
    (words) => words.replace(/[^\n]/g, ' '),
  )
