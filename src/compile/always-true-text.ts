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

/** Conditions of which no more are told. */
const mostTold = 50

/**
 * What `alwaysTrue` finds, as far as it is written out, where there is no TypeScript to ask for the types: conditions that
 * are a request itself, or a constant that holds its answer. What it cannot be sure of it leaves alone. Of many the first
 * are told, and after them how many more there are. Takes time in proportion to the text.
 */
export function alwaysTrueInText({ files }: Source): Diagnostic[] {
  const all = Object.entries(files).flatMap(([file, text]) => {
    const code = withoutWords(text)
    const ends = closings(code)
    return [...requestsTested(code, ends), ...constantsTested(code, ends)]
      .sort((a, b) => a.start - b.start)
      .map((found) => ({ ...found, file, text }))
  })
  const more = all.length - mostTold
  return all.slice(0, mostTold + 1).map(({ file, text, start, length, message }, at): Diagnostic => {
    const before = text.slice(0, start).split('\n')
    const [line, column] = [before.length, before.at(-1)!.length + 1]
    const said =
      at < mostTold
        ? message
        : `And ${more.toLocaleString('en')} more ${more === 1 ? 'condition' : 'conditions'} like these, from here on.`
    return { file, line, column, length, message: said, severity: 'warning', source: 'types' }
  })
}

interface Found {
  readonly start: number
  readonly length: number
  readonly message: string
}

/** By the place of each round bracket that is closed, the place after the one that closes it. */
type Closings = ReadonlyMap<number, number>

function* requestsTested(code: string, ends: Closings): Generator<Found> {
  for (const match of code.matchAll(new RegExp(request, 'g'))) {
    const start = match.index
    const end = ends.get(start + match[0].length - 1)
    if (end === undefined || !isTested(code, start, end)) continue
    yield { start, length: end - start, message: wordsOf(match) }
  }
}

/** A constant that holds an answer. */
interface Constant {
  readonly name: string
  /** The place after its declaration. */
  readonly from: number
  /** What is said of it as a condition; undefined where it may be asked for. */
  readonly message: string | undefined
}

/** A name means the constant that was declared last before it, in a block that has not ended. */
function* constantsTested(code: string, ends: Closings): Generator<Found> {
  const declared = constants(code, ends)
  const known = new Map<string, Constant[]>()
  const blocks: Constant[][] = [[]]
  let next = 0
  for (const { 0: word, index: start } of code.matchAll(/[{}]|(?<![\w$.])[\w$]+/g)) {
    for (; next < declared.length && declared[next]!.from <= start; next++) {
      const constant = declared[next]!
      blocks.at(-1)!.push(constant)
      const same = known.get(constant.name)
      if (same) same.push(constant)
      else known.set(constant.name, [constant])
    }
    if (word === '{') blocks.push([])
    else if (word === '}') {
      for (const { name } of blocks.pop()!) known.get(name)!.pop()
      if (blocks.length === 0) blocks.push([])
    } else {
      const message = known.get(word)?.at(-1)?.message
      if (message !== undefined && isTested(code, start, start + word.length))
        yield { start, length: word.length, message }
    }
  }
}

/** The constants that hold answers, in the order in which their declarations end. */
function constants(code: string, ends: Closings): Constant[] {
  const found: Constant[] = []
  for (const match of code.matchAll(new RegExp(`\\bconst\\s+(?<name>[\\w$]+)\\s*=\\s*${request}`, 'g'))) {
    const { name, method, awaited } = match.groups!
    const from = ends.get(match.index + match[0].length - 1)
    if (from === undefined) continue
    // What a target answers may be undefined, and is asked for that.
    const message = method === 'target' && awaited ? undefined : wordsOf(match)
    found.push({ name: name!, from, message })
  }
  return found.sort((a, b) => a.from - b.from)
}

const wordsOf = ({ groups }: RegExpMatchArray): string =>
  alwaysTrueWords(methods[groups!['method']!]!, groups!['awaited'] === undefined)

/** Whether what stands in the code from one place to another is a condition, perhaps in brackets of its own. */
function isTested(code: string, start: number, end: number): boolean {
  for (;;) {
    const before = backOver(/\s/, code, start) - 1
    let after = end
    while (/\s/.test(code.charAt(after))) after++
    const following = code.slice(after, after + 2)
    // A part of it is tested.
    if (/^(?:\.|\?\.|\[|\()/.test(following)) return false
    if (code[before] === '!' || /^(?:&&|\|\||\?(?![.?]))/.test(following)) return true
    if (code[before] !== '(' || following[0] !== ')') return false
    const wordEnd = backOver(/\s/, code, before)
    const word = code.slice(backOver(/[\w$]/, code, wordEnd), wordEnd)
    if (/^(?:if|while|Boolean)$/.test(word)) return true
    // Another word calls a function with it.
    if (word !== '' && !/^(?:return|await|case|typeof)$/.test(word)) return false
    start = before
    end = after + 1
  }
}

/** Where the letters of a kind begin that end at a place. */
function backOver(kind: RegExp, code: string, end: number): number {
  while (end > 0 && kind.test(code[end - 1]!)) end--
  return end
}

function closings(code: string): Closings {
  const ends = new Map<number, number>()
  const open: number[] = []
  for (let at = 0; at < code.length; at++)
    if (code[at] === '(') open.push(at)
    else if (code[at] === ')' && open.length > 0) ends.set(open.pop()!, at + 1)
  return ends
}

/**
 * A text with blanks for what comments and quotes hold, so that every letter keeps its place. One that nothing closes goes
 * to the end of its line or of the text, so that none is gone through twice.
 */
const withoutWords = (text: string): string =>
  text.replace(
    /\/\/.*|\/\*[\s\S]*?(?:\*\/|$)|'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?|`(?:\\[\s\S]|[^`\\])*`?/g,
    (words) => words.replace(/[^\n]/g, ' '),
  )
