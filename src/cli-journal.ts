import { createReadStream, createWriteStream, openSync, statSync, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { DataSet } from '#data'
import { Chronicle, type Journal, type Run, type RunSettings } from '#engine'
import { type FileLine, type JournalFormat, JournalWriting, longestHead } from '#session'
import { UsageError } from './cli-usage.ts'

/** Options of `outcry run` about what it writes beside the report. */
export const journalOptions = {
  journal: ['FILE', 'writes every event and decision to FILE.jsonl or FILE.parquet, while it goes on'],
} as const

/** What a journal is to be written as, by the end of the file's name. */
export function journalFormat(file: string): JournalFormat {
  const [, end] = /\.(jsonl|parquet)$/.exec(file) ?? []
  if (end !== 'jsonl' && end !== 'parquet')
    throw new UsageError(`--journal is '${file}'; expected a name that ends in .jsonl or .parquet`)
  return end
}

/**
 * The journal of a run under way: every part of it is made into events and decisions, by a replay that goes along with the
 * run, and written before the run goes on. So neither keeps it, and of a run that is ended from outside all is there that it
 * had told.
 */
export class JournalOfRun {
  readonly #path: string
  readonly #stream: WriteStream
  readonly #done: Promise<void>
  readonly #sets: readonly DataSet[]
  readonly #names: readonly string[]
  #writing: JournalWriting | undefined
  #chronicle: Chronicle | undefined
  #moves = 0
  /** Why nothing more can be written. */
  problem: UsageError | undefined

  /**
   * @param sets one data set per exchange
   * @param names of the strategies, where there is one
   * @throws UsageError where there can be no such file
   */
  constructor(path: string, sets: readonly DataSet[], names: readonly string[]) {
    this.#path = path
    this.#sets = sets
    this.#names = names
    let file: number
    try {
      file = openSync(path, 'w')
    } catch (error) {
      throw this.#complaint(error)
    }
    this.#stream = createWriteStream(path, { fd: file })
    this.#done = finished(this.#stream)
    this.#done.catch((error: unknown) => (this.problem = this.#complaint(error)))
  }

  /** Writes what the journal of a run has gained. */
  async add(part: Journal, run: Run, settings: RunSettings): Promise<void> {
    const data = this.#sets.length === 1 ? this.#sets[0]! : this.#sets
    this.#moves = part.moves
    if (this.#chronicle) this.#chronicle.feed(part)
    else {
      this.#chronicle = new Chronicle(part, data, settings)
      this.#chronicle.follow()
      const names = run.names.length > 1 ? run.names : this.#names
      const facts = { settings, names, inputs: run.allInputs }
      this.#writing = new JournalWriting(journalFormat(this.#path), this.#chronicle, part, data, facts)
    }
    await this.#drain()
  }

  /** Writes how the run ended, and closes the file. */
  async end(end: 'complete' | 'stopped' | 'cut'): Promise<void> {
    if (this.problem) throw this.problem
    if (this.#chronicle && this.#writing) {
      this.#chronicle.end(end === 'complete' ? undefined : this.#moves)
      await this.#drain()
      await this.#writing.end(end === 'complete' ? { end } : { end, moves: this.#moves })
      await this.#write(this.#writing.take())
    }
    this.#stream.end()
    try {
      await this.#done
    } catch (error) {
      throw this.#complaint(error)
    }
  }

  async #drain(): Promise<void> {
    for (let over = false; !over;) {
      over = await this.#writing!.advance()
      await this.#write(this.#writing!.take())
    }
  }

  async #write(piece: Uint8Array): Promise<void> {
    if (this.problem) throw this.problem
    if (piece.length > 0 && !this.#stream.write(piece))
      await Promise.race([
        new Promise<void>((resolve) => this.#stream.once('drain', () => resolve())),
        this.#done,
      ])
  }

  #complaint(error: unknown): UsageError {
    return new UsageError(`--journal ${this.#path} could not be written: ${(error as Error).message}`)
  }
}

/**
 * The lines of a text file of any length.
 *
 * @throws UsageError where it is no file, or a line of it is longer than any of a journal
 */
export async function* linesOfFile(path: string): AsyncGenerator<FileLine> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`There is no file ${path}.`)
  let rest = ''
  let number = 1
  for await (const piece of createReadStream(path, 'utf8')) {
    const lines = (rest + (piece as string)).split('\n')
    rest = lines.pop()!
    for (const text of lines) {
      number++
      yield { text, isWhole: true }
    }
    if (rest.length > longestHead)
      throw new UsageError(
        `${path}: line ${number} has more than ${longestHead} letters; expected a journal of JSON lines.`,
      )
  }
  if (rest !== '') yield { text: rest, isWhole: false }
}
