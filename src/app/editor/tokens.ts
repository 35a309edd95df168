/** What a piece of a line is, as far as its colour goes. */
export type TokenKind = 'keyword' | 'string' | 'number' | 'comment' | 'name' | 'plain'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

/**
 * What a line begins inside of: nothing, a block comment, or template strings. Each open template is told by the braces
 * open inside its `${…}`, or -1 while in its text.
 */
export interface LineState {
  readonly comment: boolean
  readonly templates: readonly number[]
}

export const startOfFile: LineState = { comment: false, templates: [] }

const keywords = new Set(
  (
    'abstract as async await boolean break case catch class const constructor continue declare default delete do else ' +
    'enum export extends false finally for from function get if implements import in infer instanceof interface is keyof ' +
    'let never new null number object of private protected public readonly return satisfies set static string super ' +
    'switch symbol this throw true try type typeof undefined unique unknown using var void while yield any bigint override'
  ).split(' '),
)

/** Keywords that may stand before the colon of a choice: `wins ? true : this`. */
const values = new Set(['true', 'false', 'null', 'undefined', 'this', 'super', 'default', 'case'])

const pattern = /\/(?:[^\\/[\n]|\\.|\[(?:[^\]\\]|\\.)*\])+\/[a-z]*/y

const piece =
  /(\s+)|(\/\/.*)|(\/\*)|('(?:[^'\\]|\\.)*'?|"(?:[^"\\]|\\.)*"?)|(`)|((?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?|\.\d[\d_]*(?:[eE][+-]?\d+)?)n?)|(@?#?[\p{ID_Start}$_][\p{ID_Continue}$]*)|([{}])|(.)/uy

/** The tokens of one line of TypeScript, and the state that the next line begins in. */
export function tokenize(line: string, state: LineState): { tokens: Token[]; end: LineState } {
  const tokens: Token[] = []
  const templates = [...state.templates]
  let comment = state.comment
  let at = 0
  const push = (kind: TokenKind, end: number) => {
    if (end <= at) return
    const text = line.slice(at, end)
    const last = tokens.at(-1)
    if (last?.kind === kind) tokens[tokens.length - 1] = { kind, text: last.text + text }
    else tokens.push({ kind, text })
    at = end
  }
  while (at < line.length) {
    if (comment) {
      const end = line.indexOf('*/', at)
      comment = end < 0
      push('comment', comment ? line.length : end + 2)
      continue
    }
    if (templates.at(-1) === -1) {
      const rest = /(?:[^`\\$]|\\.|\\$|\$(?!\{))*/y
      rest.lastIndex = at
      push('string', at + rest.exec(line)![0].length)
      if (line[at] === '`') {
        push('string', at + 1)
        templates.pop()
      } else if (line.startsWith('${', at)) {
        push('plain', at + 2)
        templates[templates.length - 1] = 0
      }
      continue
    }
    if (line[at] === '/' && /(?:^|[(,=:[!&|?{};]|\breturn)\s*$/.test(line.slice(0, at))) {
      pattern.lastIndex = at
      const literal = pattern.exec(line)
      if (literal && !/^\/[/*]/.test(literal[0])) {
        push('string', at + literal[0].length)
        continue
      }
    }
    piece.lastIndex = at
    const found = piece.exec(line)
    if (!found) {
      push('plain', at + 1)
      continue
    }
    const [all, , lineComment, blockComment, quoted, backtick, number, word, brace] = found
    const end = at + all.length
    if (lineComment) push('comment', end)
    else if (blockComment) {
      comment = true
      push('comment', end)
    } else if (quoted) push('string', end)
    else if (backtick) {
      push('string', end)
      templates.push(-1)
    } else if (number) push('number', end)
    else if (word) push(kindOf(word, line, at, end), end)
    else {
      if (brace && templates.length) {
        const depth = templates[templates.length - 1]! + (brace === '{' ? 1 : -1)
        templates[templates.length - 1] = depth
      }
      push('plain', end)
    }
  }
  return { tokens, end: { comment, templates } }
}

/** Names that are called and names of types stand out; a property that is spelled like a keyword is none. */
function kindOf(word: string, line: string, start: number, end: number): TokenKind {
  const isProperty =
    /(?:^|[^.])\.\s*$/.test(line.slice(0, start)) || (/^\s*\??:/.test(line.slice(end)) && !values.has(word))
  if (keywords.has(word) && !isProperty) return 'keyword'
  if (/^\s*(?:<[^<>()]*>)?\(/.test(line.slice(end))) return 'name'
  return /^[A-Z][\p{ID_Continue}$]*[\p{Ll}]|^[A-Z]$/u.test(word) ? 'name' : 'plain'
}

/** All lines of a text. */
export function highlight(text: string): Token[][] {
  let state = startOfFile
  return text.split(/\r\n|\r|\n/).map((line) => {
    const { tokens, end } = tokenize(line, state)
    state = end
    return tokens
  })
}
