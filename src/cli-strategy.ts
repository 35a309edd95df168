import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { constants, createContext, runInContext } from 'node:vm'
import * as outcry from 'outcry'
import {
  alwaysTrueInText,
  type Bundler,
  compile,
  frameOfHandler,
  gather,
  locate,
  type Position,
  type Program,
  type Source,
} from '#compile'
import type { DataSet } from '#data'
import type { createRun, InputDeclaration, InputValue, Run, RunRecord, RunSettings } from '#engine'
import { shapeOf } from '#exchange'
import type { random } from '#market'
import {
  type Failure,
  type LogRow,
  namesOf,
  type Session,
  type steady,
  type strategyOf,
  type strip,
} from '#session'
import { problemWith } from '#strategy'
import { checkRates } from './cli-money.ts'
import { RecordingFile } from './cli-recorded.ts'
import type { JournalOfRun } from './cli-journal.ts'
import { UsageError } from './cli-usage.ts'
import { count, instant, meant } from './cli-words.ts'

/** What the launcher gives the shell. */
export interface Installation {
  /** Folder of the package. */
  readonly root: string
  /** File with the engine as a script that leaves a `Realm` in a variable `engine`. */
  readonly engine: string
  readonly bundler: () => Promise<Bundler>
}

/** What the engine's script has. It runs in the realm of the strategy, so that both know the same classes. */
interface Realm {
  readonly outcry: typeof outcry
  readonly createRun: typeof createRun
  readonly random: typeof random
  readonly Session: typeof Session
  readonly steady: typeof steady
  readonly strategyOf: typeof strategyOf
  readonly strip: typeof strip
}

/** A strategy that does not compile or run; its lines say where and why. */
export class StrategyFailure extends Error {}

/** The strategy's file and, by their names relative to it, the files that it imports. */
export function readSource(path: string): Source {
  if (!isFile(path))
    throw new UsageError(
      `There is no strategy ${resolve(path)}.${existsSync(`${path}.ts`) ? ` Did you mean ${path}.ts?` : ''}`,
    )
  const folder = dirname(resolve(path))
  const read = (name: string) => {
    const file = join(folder, name)
    return isFile(file) ? readFileSync(file, 'utf8') : undefined
  }
  return gather(basename(path), read)!
}

const isFile = (path: string) => existsSync(path) && statSync(path).isFile()

/** A file that was added to a strategy's own, so that one of its classes is its default export. */
export interface AddedFile {
  readonly file: string
  /** What is said where that class is not there. */
  readonly complaint: string
}

/** Compiles a strategy; warnings go to the error stream. */
export async function compileStrategy(
  path: string,
  source: Source,
  installation: Installation,
  added?: AddedFile,
): Promise<Program> {
  const result = await compile(await installation.bundler(), source, Object.keys(outcry))
  if (added && result.diagnostics.some(({ file }) => file === added.file))
    throw new UsageError(added.complaint)
  for (const { file, line, column, message, severity } of [
    ...result.diagnostics,
    ...alwaysTrueInText(source),
  ])
    if (result.ok) console.error(`${join(dirname(path), file)}:${line}:${column}: ${severity}: ${message}`)
  if (result.ok) return result.program
  throw new StrategyFailure(
    result.diagnostics.map(({ message, ...place }) => pointAt(path, source, place, message)).join('\n\n'),
  )
}

/** A message with its place, and the line of source it is about. */
function pointAt(path: string, source: Source, { file, line, column }: Position, message: string): string {
  const code = source.files[file]?.split('\n')[line - 1]
  const head = `${join(dirname(path), file)}:${line}:${column}: ${message}`
  if (code === undefined) return head
  const margin = `  ${line} | `
  const indent = code.slice(0, column - 1).replace(/[^\t]/g, ' ')
  return `${head}\n${margin}${code.trimEnd()}\n${' '.repeat(margin.length - 2)}| ${indent}^`
}

/** A strategy that compiled, with what it is to run with. */
export interface Prepared {
  /** Its file as messages name it. */
  readonly file: string
  readonly source: Source
  readonly program: Program
  /** What it is called among several. */
  readonly name?: string
  readonly inputs: Readonly<Record<string, InputValue>>
  /** Fraction of the cash; an equal part where it is left out. */
  readonly share?: number
  readonly added?: AddedFile
}

/** What strategies run on and with, apart from their inputs. */
export interface Ground {
  /** One data set per exchange. */
  readonly sets: readonly DataSet[]
  readonly settings: Omit<RunSettings, 'inputs'>
}

// The run

/** A realm with the engine in it, stripped and steadied as a browser's worker is. */
function createRealm(engine: string, sources: (realm: Realm) => Parameters<typeof steady>[1]) {
  const scope = createContext(constants.DONT_CONTEXTIFY, {
    codeGeneration: { strings: false, wasm: false },
  }) as Parameters<typeof steady>[0] & { TextEncoder: unknown; outcry: object }
  scope.TextEncoder = TextEncoder
  const realm = runInContext(`(() => {${engine}\nreturn engine})()`, scope, {
    filename: 'engine.js',
  }) as Realm
  realm.strip(scope)
  realm.steady(scope, sources(realm))
  scope.outcry = Object.freeze({ ...realm.outcry })
  /** The class that a program exports; throws what the program throws. */
  const load = (program: Program, number: number) => {
    runInContext(program.code, scope, { filename: scriptName(number) })
    return realm.strategyOf(runInContext('strategy', scope))
  }
  return { realm, load }
}

/** Name of a program's script in stacks; `locate` knows the first. */
const scriptName = (number: number) => (number === 0 ? 'strategy.js' : `strategy-${number + 1}.js`)

/** The inputs that a strategy declares; undefined where it fails on the way, which the run itself will tell. */
export function declarationsOf(
  engine: string,
  program: Program,
  { sets, settings }: Ground,
): readonly InputDeclaration[] | undefined {
  const quiet = { now: () => 0, random: () => 0.5, say: () => {} }
  const { realm, load } = createRealm(engine, () => quiet)
  try {
    const strategy = load(program, 0)
    return realm.createRun({ strategy, data: sets, settings: { ...settings, inputs: {} } }).declarations
  } catch {
    return undefined
  }
}

/** The values of `--set`, read as the declarations say. */
export function inputsOf(
  set: readonly (readonly [name: string, value: string])[],
  declarations: readonly InputDeclaration[] | undefined,
): Record<string, InputValue> {
  const inputs: Record<string, InputValue> = {}
  if (declarations === undefined) return inputs
  const names = declarations.map(({ name }) => name)
  for (const [name, value] of set) {
    const declaration = declarations.find((other) => other.name === name)
    if (!declaration)
      throw new UsageError(
        `The strategy has no input '${name}'; it has ${names.join(', ') || 'none'}.${meant(name, names)}`,
      )
    const read: InputValue =
      declaration.kind === 'number' && value.trim() !== '' && Number.isFinite(Number(value))
        ? Number(value)
        : declaration.kind === 'boolean' && (value === 'true' || value === 'false')
          ? value === 'true'
          : value
    const problem = problemWith(declaration, read)
    if (problem) throw new UsageError(`--set ${name}=${value}: ${problem}.`)
    inputs[name] = read
  }
  return inputs
}

/**
 * Runs strategies, each on every exchange; what they write goes to the error stream.
 *
 * @param written takes its journal while it goes on
 * @throws StrategyFailure where one fails, with its place in its file
 */
export async function execute(
  engine: string,
  strategies: readonly Prepared[],
  { sets, settings }: Ground,
  written?: JournalOfRun,
): Promise<RunRecord> {
  checkRates(sets, settings.money)
  let session: Session | undefined
  let run: Run | undefined
  /** Place of the strategy that is being loaded or made. */
  let making = 0
  /** Rejections that nobody has handled, by their promises: those of before the last rest, and those since. */
  let [known, fresh] = [new Map<unknown, unknown>(), new Map<unknown, unknown>()]
  // Node knows of them at once, and a browser in the task after the next, if nobody has handled them until then.
  const breathe = () =>
    new Promise<void>((resolve) =>
      setImmediate(() => {
        for (const reason of known.values()) session?.reject(reason)
        known = fresh
        fresh = new Map()
        resolve()
      }),
    )
  /** Makes the chance of a seed; that of programs while they are read, as in a browser's worker, has none. */
  let chanceOf: Realm['random']
  let chances: ReturnType<Realm['random']>[] = []
  const { realm, load } = createRealm(engine, ({ random }) => {
    chanceOf = random
    chances = [random(0)]
    return {
      now: () => (session && session.time > 0 ? session.time / 1000 : 0),
      random: () => (chances[run?.atWork ?? making] ?? chances[0]!).next(),
      say: (level, values) => session?.say(level, values),
    }
  })
  const [only] = strategies as readonly [Prepared]
  const data = sets.length === 1 ? sets[0]! : sets
  const journal = new Journal()
  session = new realm.Session(
    async (log) => {
      const classes = strategies.map(({ program }, number) => load(program, (making = number)))
      // In a browser the run begins in a task after that which read the programs.
      await breathe()
      // Each has its own chance, so that it does beside others what it does alone.
      chances = strategies.map(() => chanceOf(settings.seed))
      making = 0
      if (strategies.length === 1)
        return (run = realm.createRun({
          strategy: classes[0]!,
          data,
          settings: { ...settings, inputs: only.inputs },
          log,
        }))
      return (run = realm.createRun({
        strategies: named(
          strategies.map((prepared, number) => ({ ...prepared, strategy: classes[number]! })),
        ).map(({ strategy, name, inputs, share }, number) => ({
          // The run asks for each class right before it makes the object.
          get strategy() {
            making = number
            return strategy
          },
          name,
          inputs,
          ...(share === undefined ? {} : { share }),
        })),
        data,
        settings: { ...settings, inputs: {} },
        log: (entry) => log({ ...entry, text: `${run!.names[entry.strategy ?? 0]}: ${entry.text}` }),
      }))
    },
    {
      now: () => performance.now(),
      breathe,
      onLog: (rows) => journal.add(rows),
      ...(written && {
        onJournal: (part) =>
          written.add(part, run!, {
            ...settings,
            inputs: strategies.length === 1 ? only.inputs : {},
          }),
      }),
    },
  )
  const reject = (reason: unknown, promise: unknown) => void fresh.set(promise, reason)
  const handled = (promise: unknown) => void (fresh.delete(promise) || known.delete(promise))
  process.on('unhandledRejection', reject)
  process.on('rejectionHandled', handled)
  // Node ends without a word where nothing is left that could let a waiting handler go on.
  let idle = () => {}
  const stuck = new Promise<never>((_, refuse) => {
    idle = () =>
      refuse(
        new StrategyFailure(
          `The strategy waits for a promise that nothing will ever fulfil, ${session.bars > 0 ? `at bar ${count(session.bars)}, ${instant(session.time)}` : 'before the first bar'}.`,
        ),
      )
  })
  process.once('beforeExit', idle)
  try {
    const record = await Promise.race([session.run(), stuck])
    await written?.end('complete')
    return record
  } catch (error) {
    const { failure } = error as { failure?: Failure }
    for (const { recorded } of sets)
      if (recorded?.messages instanceof RecordingFile && recorded.messages.problem !== undefined)
        throw new UsageError(recorded.messages.problem)
    if (written?.problem) throw written.problem
    if (written) await written.end(session.soFar()?.stoppedAt === undefined ? 'cut' : 'stopped')
    const work = { atWork: run?.atWork ?? making, names: run?.names }
    throw failure ? tell(failure, strategies, sets, work) : error
  } finally {
    journal.end()
    process.off('unhandledRejection', reject)
    process.off('rejectionHandled', handled)
    process.off('beforeExit', idle)
  }
}

/** The run's log on the error stream. A row that may still be repeated waits for the next. */
class Journal {
  #last: LogRow | undefined

  add(rows: readonly LogRow[]): void {
    for (const row of rows) {
      if (this.#last && this.#last.index !== row.index) this.end()
      this.#last = row
    }
  }

  end(): void {
    if (!this.#last) return
    const { level, time, text, count } = this.#last
    console.error(
      `${Number.isNaN(time) ? 'start' : instant(time)} ${level} ${text}${count > 1 ? ` (${count} times)` : ''}`,
    )
    this.#last = undefined
  }
}

/** Strategies with names that tell them apart. */
function named<Loaded extends Prepared & { readonly strategy: { readonly name: string } }>(
  strategies: readonly Loaded[],
): (Loaded & { readonly name: string })[] {
  const names = namesOf(
    strategies.map(({ name, strategy, file, inputs }) => ({
      name,
      className: strategy.name || 'Strategy',
      file,
      inputs,
    })),
  )
  return strategies.map((strategy, at) => ({ ...strategy, name: names[at]! }))
}

/** A failure in words, with its place in the file of the strategy whose script the stack names. */
function tell(
  failure: Failure,
  strategies: readonly Prepared[],
  sets: readonly DataSet[],
  { atWork, names }: { readonly atWork: number; readonly names: readonly string[] | undefined },
): StrategyFailure | UsageError {
  const { name, message, stack, handler, bar, time } = failure
  // Whoever wrote the strategy has no part in it.
  if (name === 'SettingsError') return new UsageError(`${message}.`)
  const [, script] = /\bstrategy(?:-(\d+))?\.js:\d/.exec(stack) ?? []
  const failed = script === undefined ? (stack.includes('strategy.js:') ? 0 : atWork) : Number(script) - 1
  const { file: path, source, program, added } = strategies[failed]!
  if (added && message.startsWith('The default export is missing')) return new UsageError(added.complaint)
  const frames = stack.split('\n').filter((frame) => frame.includes(`${scriptName(failed)}:`))
  const total = sets.reduce((sum, set) => sum + shapeOf(set).bars, 0)
  const where =
    handler === 'promise'
      ? 'in a promise that nobody awaits'
      : handler === 'run' && bar > 0
        ? 'in the engine'
        : handler === 'constructor' || handler === 'run'
          ? 'while the strategy was made'
          : `in ${handler}${strategies.length > 1 && names ? ` of ${names[failed]}` : ''}`
  const when =
    bar > 0 ? `, at bar ${count(bar)} of ${count(total)}, ${instant(time)}` : ', before the first bar'
  const known = locate(frames.join('\n').replaceAll(scriptName(failed), scriptName(0)), program.map, 1)
  const position =
    known ?? (stack === '' ? locate(frameOfHandler(program.code, handler), program.map, 1) : undefined)
  // Of what is no Error nobody knows the line.
  const begins = position && !known ? ', which begins there' : ''
  const text = `${name}: ${message}`
  const shown = position ? pointAt(path, source, position, text) : `${path}: ${text}`
  return new StrategyFailure(`${shown}\n${where}${begins}${when}`)
}
