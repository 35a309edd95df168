import { below, type Misfit, Unreadable } from './untrusted.ts'

/** JSON as it was read, and what in its text the value does not show. */
export interface JsonText {
  readonly value: unknown
  /** Fields that stand in one object twice, of which the value has only the last. */
  readonly twice: readonly Misfit[]
}

/**
 * Reads JSON that people have written.
 *
 * @param name what the text is called in the words of an error
 * @throws Unreadable saying where it is no JSON, what is there, and what would mend it
 */
export function readJson(text: string, name: string): JsonText {
  const plain = text.replace(/^\ufeff/, '')
  let value: unknown
  let complaint: string | undefined
  try {
    value = JSON.parse(plain)
  } catch (error) {
    complaint = (error as Error).message.slice(0, 200)
  }
  const { fault, twice } = new Walk(plain, name).walk()
  if (complaint === undefined) return { value, twice }
  throw new Unreadable([
    fault ?? {
      path: name,
      found: `no JSON (${complaint})`,
      expected: 'a JSON object such as {"configuration": 1, …}',
    },
  ])
}

/** An object or a list that the walk is within. */
interface Open {
  /** What it adds to the path of what it is in, such as `.costs`. */
  readonly part: string
  /** Where it begins. */
  readonly at: number
  /** Where each name of an object stands first; of a list undefined. */
  readonly names: Map<string, number> | undefined
  /** Values begun. */
  count: number
}

/** Names that stand twice, of which no more are told. */
const mostTwice = 50

/** Parts at each end of a path that are told; those between them are left out. */
const pathEnds = 5

/** A fault ends the walk. */
class Fault {
  readonly misfit: Misfit

  constructor(misfit: Misfit) {
    this.misfit = misfit
  }
}

/** Goes through the text of JSON for its first fault, and for names that an object has twice. */
class Walk {
  readonly #text: string
  readonly #name: string
  readonly #open: Open[] = []
  readonly #twice: Misfit[] = []
  #at = 0

  constructor(text: string, name: string) {
    this.#text = text
    this.#name = name
  }

  walk(): { readonly fault: Misfit | undefined; readonly twice: readonly Misfit[] } {
    try {
      this.#all()
      return { fault: undefined, twice: this.#twice }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      return { fault: error.misfit, twice: this.#twice }
    }
  }

  #all(): void {
    if (/^\ufffd|\0/.test(this.#text.slice(0, 100)))
      this.#refuse(0, 'a file in another encoding', 'a file that was saved as UTF-8')
    let part = ''
    for (;;) {
      // A value is due here, unless what was opened last ends at once.
      this.#blank()
      const letter = this.#text[this.#at]
      if (letter === '{' || letter === '[') {
        const names = letter === '{' ? new Map<string, number>() : undefined
        this.#open.push({ part, at: this.#at++, names, count: 0 })
        this.#blank()
        if (this.#text[this.#at] !== (names ? '}' : ']')) {
          part = this.#begin()
          continue
        }
        this.#close()
      } else this.#scalar()
      const next = this.#next()
      if (next === undefined) return
      part = next
    }
  }

  /** What follows a value: the part of the path that the one has which is due then; undefined at the end of the text. */
  #next(): string | undefined {
    for (;;) {
      this.#blank()
      const open = this.#open.at(-1)
      const letter = this.#text[this.#at]
      if (!open) {
        if (letter === undefined) return undefined
        this.#refuse(this.#at, `${this.#word()} after its end`, 'one JSON object and no more')
      } else {
        const end = open.names ? '}' : ']'
        if (letter === ',') {
          const comma = this.#at++
          this.#blank()
          if (this.#text[this.#at] === end)
            this.#refuse(
              comma,
              `a comma before ${end}`,
              `no comma after the last ${open.names ? 'field' : 'value'}`,
            )
          return this.#begin()
        }
        if (letter !== end) {
          if (letter === undefined) this.#ended()
          this.#refuse(this.#at, this.#word(), `a comma, or ${end} at the end`)
        }
        this.#close()
      }
    }
  }

  /** Begins a field or an entry of what is open: its part of the path. */
  #begin(): string {
    const open = this.#open.at(-1)!
    if (!open.names) return below('', open.count++)
    const at = this.#at
    if (this.#text[at] !== '"') {
      if (at >= this.#text.length) this.#ended()
      const word = this.#word()
      this.#refuse(
        at,
        word,
        /^['\p{L}_$]/u.test(this.#text.slice(at, at + 2))
          ? 'a name in double quotes'
          : 'a name in double quotes, or }',
      )
    }
    const name = this.#string()
    const first = open.names.get(name)
    if (first === undefined) open.names.set(name, at)
    else if (this.#twice.length < mostTwice)
      this.#twice.push({
        path: this.#path(below('', name)),
        found: `there twice, at ${this.#place(first)} and at ${this.#place(at)}`,
        expected: 'one field of this name; leave one of them out',
      })
    this.#blank()
    if (this.#at >= this.#text.length) this.#ended()
    if (this.#text[this.#at] !== ':')
      this.#refuse(this.#at, this.#word(), `a colon after "${name.slice(0, 60)}"`)
    this.#at++
    return below('', name)
  }

  #close(): void {
    this.#open.pop()
    this.#at++
  }

  /** A value that is no object and no list. */
  #scalar(): void {
    const at = this.#at
    const letter = this.#text[at]
    if (letter === undefined) this.#ended()
    if (letter === '"') return void this.#string()
    const word = /^[^\s,:{}[\]"]*/.exec(this.#text.slice(at, at + 400))![0]
    if (/^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(word)) {
      this.#at += word.length
      return
    }
    this.#refuse(
      at,
      this.#word(),
      /^[+-]?[.\d]/.test(word)
        ? 'a number such as 0.5 or 1e6, without +, leading zeros or a bare point'
        : /^(?:true|false|null)$/i.test(word)
          ? `${word.toLowerCase()} in lower case`
          : 'a number, true, false, null, a text in double quotes, { or [',
    )
  }

  /** A text in double quotes. */
  #string(): string {
    const start = this.#at++
    for (; ; this.#at++) {
      const letter = this.#text[this.#at]
      if (letter === undefined || letter === '\n' || letter === '\r')
        this.#refuse(
          start,
          'a text that does not end in its line',
          'a double quote at its end, and \\n for a new line',
        )
      if (letter === '"') break
      if (letter < ' ')
        this.#refuse(
          this.#at,
          'a control character within a text',
          letter === '\t' ? '\\t for a tab' : 'it left out',
        )
      if (letter === '\\') {
        if (!/^(?:["\\/bfnrt]|u[\da-fA-F]{4})/.test(this.#text.slice(this.#at + 1, this.#at + 6)))
          this.#refuse(
            this.#at,
            `\\${this.#text[this.#at + 1] ?? ''} within a text`,
            '\\\\ for a backslash, or / between the folders of a path',
          )
        this.#at++
      }
    }
    this.#at++
    return JSON.parse(this.#text.slice(start, this.#at)) as string
  }

  /** What stands here, for people. */
  #word(): string {
    const [word] = /^(?:'[^'\n]{0,40}'?|[\p{L}\p{N}_$.+-]{1,40}|.?)/u.exec(
      this.#text.slice(this.#at, this.#at + 50),
    )!
    return word === '"' ? 'a text' : word.replace(/\p{C}/gu, '?') || 'the end of the line'
  }

  #blank(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++
    if (/^(?:\/[/*]|#)/.test(this.#text.slice(this.#at, this.#at + 2)))
      this.#refuse(this.#at, 'a comment', 'none, as JSON has no comments; leave it out')
  }

  #ended(): never {
    const { at, names } = this.#open.at(-1) ?? { at: 0, names: undefined }
    if (this.#open.length === 0)
      this.#refuse(this.#at, 'nothing', 'a JSON object such as {"configuration": 1, …}')
    this.#refuse(
      this.#at,
      `the end of the file, within the ${names ? '{' : '['} of ${this.#place(at)}`,
      `${names ? '}' : ']'} before it; part of the file may be missing`,
    )
  }

  #refuse(at: number, found: string, expected: string): never {
    throw new Fault({ path: this.#path(), found: `no JSON at ${this.#place(at)}: ${found}`, expected })
  }

  /** The path of what is open, and of a part within it; of a long one both ends. */
  #path(within = ''): string {
    const parts = (open: readonly Open[]) => open.map(({ part }) => part).join('')
    const all = this.#open
    return this.#open.length <= 2 * pathEnds
      ? this.#name + parts(all) + within
      : `${this.#name}${parts(all.slice(0, pathEnds))}…${parts(all.slice(-pathEnds))}${within}`
  }

  #place(at: number): string {
    const before = this.#text.slice(0, at).split(/\r\n|\n|\r/)
    return `line ${before.length}, column ${before.at(-1)!.length + 1}`
  }
}
