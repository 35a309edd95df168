import { gather, type Source } from '#compile'
import { inRange, jointId, type JointPart, readJoint, readRange } from '#data'
import {
  type Configuration,
  type ConfiguredExchange,
  type ConfiguredStrategy,
  exchangeNameOf,
  type FileExchange,
  type Misfit,
  misfitSentence,
  rangeOf,
  type RecordedExchange,
  sourceOfClass,
  Unreadable,
} from '#session'
import { type DataReference, longestId, type Shared, type SharedStrategy } from '../share/shared.ts'
import type { Finding } from '../message.ts'
import { freeName } from '../together/setup.ts'

/** A configuration of which the page can run nothing, in words for the person who opened it. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration'
  /** What is wrong with it, one by one. */
  readonly findings: readonly Finding[]

  constructor(findings: string | readonly Finding[]) {
    const all = typeof findings === 'string' ? [{ text: findings }] : findings
    super(all.map(({ place, text }) => (place ? `${place} ${text}` : text)).join(' '))
    this.findings = all
  }
}

/** What does not fit, with its place apart from the words about it. */
export function findingOf(misfit: Misfit): Finding {
  return { place: misfit.path, text: misfitSentence(misfit).slice(misfit.path.length + 1) }
}

/** What the page takes of a configuration. */
export interface Taken {
  readonly shared: Shared
  /** What it leaves out, in sentences. */
  readonly leftOut: readonly string[]
}

/** Where the page looks for what a configuration only names. */
export interface Surroundings {
  /** Texts of the files that were chosen with the configuration, by their paths relative to it. */
  readonly files: ReadonlyMap<string, string>
  /** Prices of a file as the library has them; undefined where it has none such. */
  readonly imported: (exchange: FileExchange) => DataReference | undefined
  /** Recorded orders of a file as the library has them; undefined where it has none such. */
  readonly recorded: (exchange: RecordedExchange) => DataReference | undefined
}

/**
 * What the page can run of a configuration: its strategies, on its first exchange or on several of bundled prices.
 *
 * @throws BadConfiguration where that cannot be had
 */
export function takenFrom(configuration: Configuration, surroundings: Surroundings): Taken {
  const { configuration: _, name, range, exchanges, strategies, ...terms } = configuration
  const [exchange, ...otherExchanges] = exchanges as [ConfiguredExchange, ...ConfiguredExchange[]]
  const [strategy] = strategies as readonly [ConfiguredStrategy]
  const whole = jointOf(exchanges)
  const [data, ...all] = together([
    () => whole ?? dataOf(exchange, terms.seed, surroundings),
    ...strategiesOf(strategies, surroundings.files),
  ]) as [DataReference, ...SharedStrategy[]]
  const [taken, ...beside] = all as [SharedStrategy, ...SharedStrategy[]]
  const leftOut: string[] = []
  if (otherExchanges.length > 0 && !whole)
    leftOut.push(
      `Of exchanges it runs on one, or on several of bundled prices: it took ${exchangeNameOf(exchange)}, and left out ${otherExchanges.map(exchangeNameOf).join(', ')}.`,
    )
  if (exchange.kind === 'recorded' || (exchange.kind === 'file' && exchange.imported === undefined))
    leftOut.push(`${exchange.file} is taken as it stands in the library of the page.`)
  return {
    shared: {
      name: beside.length > 0 ? taken.name : (strategy.name ?? name ?? taken.name).slice(0, 80),
      source: taken.source,
      data: range && data.kind !== 'synthetic' ? { ...data, id: inRange(data.id, rangeOf(range)) } : data,
      settings: { ...terms, inputs: taken.inputs },
      ...(beside.length > 0 && { ...shareOf(taken), beside }),
    },
    leftOut,
  }
}

/** Several exchanges of bundled prices as one data set; undefined where there is one, or other prices among them. */
function jointOf(exchanges: readonly ConfiguredExchange[]): DataReference | undefined {
  const parts: JointPart[] = []
  for (const exchange of exchanges)
    // The random walk is of the settings' seed, which can change.
    if (exchange.kind === 'bundled' && exchange.data !== 'random-walk')
      parts.push({ name: exchangeNameOf(exchange), id: exchange.data })
  const id = jointId(parts)
  // A range makes it longer by up to 50 letters.
  return parts.length > 1 && parts.length === exchanges.length && id.length <= longestId - 50
    ? { kind: 'bundled', id }
    : undefined
}

const shareOf = ({ share }: { readonly share?: number }) => (share === undefined ? {} : { share })

/**
 * What several readers give.
 *
 * @throws BadConfiguration with what each of them has to say
 */
function together(readers: readonly (() => DataReference | SharedStrategy)[]) {
  const problems: Finding[] = []
  const values = readers.map((reader) => {
    try {
      return reader()
    } catch (error) {
      if (error instanceof Unreadable) problems.push(...error.misfits.map(findingOf))
      else if (error instanceof BadConfiguration) problems.push(...error.findings)
      else throw error
      return undefined
    }
  })
  if (problems.length > 0) throw new BadConfiguration(withoutRepeats(problems))
  return values
}

function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  const told = new Set<string>()
  return findings.filter((finding) => {
    const text = JSON.stringify(finding)
    return !told.has(text) && told.add(text)
  })
}

/** All strategies with their code, each under a name of its own, to be read one by one. */
function strategiesOf(
  strategies: readonly ConfiguredStrategy[],
  files: ReadonlyMap<string, string>,
): (() => SharedStrategy)[] {
  const names: string[] = []
  return strategies.map((strategy, at) => () => {
    const name = freeName(strategyNameOf(strategy), names)
    names.push(name)
    return {
      name,
      source: sourceOfClass(codeOf(strategy, files), strategy.class, `strategies[${at}]`),
      inputs: strategy.inputs ?? {},
      ...shareOf(strategy),
    }
  })
}

const strategyNameOf = ({ name, class: className, file, source }: ConfiguredStrategy) =>
  name ?? className ?? (file ?? source!.entry).replace(/^.*[/\\]/, '').replace(/\.[jt]s$/, '')

function dataOf(
  exchange: ConfiguredExchange,
  seed: number,
  { imported, recorded }: Surroundings,
): DataReference {
  switch (exchange.kind) {
    case 'bundled':
      return { kind: 'bundled', id: exchange.data }
    case 'synthetic':
      return { kind: 'synthetic', market: { seed, ...exchange.market } }
    case 'file': {
      const found = imported(exchange)
      if (found) return found
      throw new BadConfiguration(
        `Its prices stand in ${exchange.file}, which is not in the library of this page. Drop that file on the page first, then open the configuration again.`,
      )
    }
    case 'recorded': {
      const found = recorded(exchange)
      if (found) return found
      throw new BadConfiguration(
        `It runs on the recorded orders of ${exchange.file}, which are not in the library of this page. Drop that file on the page first, then open the configuration again.`,
      )
    }
  }
}

/** The code of a strategy: in the configuration, or in files that were chosen with it. */
function codeOf(strategy: ConfiguredStrategy, files: ReadonlyMap<string, string>): Source {
  if (strategy.source) return strategy.source
  const path = strategy.file!.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '')
  // Files that are chosen one by one come without their folders.
  const found = files.has(path) ? path : path.replace(/^.*\//, '')
  const folder = found.replace(/[^/]*$/, '')
  const source = gather(found.slice(folder.length), (name) => files.get(folder + name))
  if (source) return source
  const others = [...files.keys()]
  throw new BadConfiguration(
    `The code of ${strategyNameOf(strategy)} stands in ${strategy.file}, which was not chosen with it${others.length > 0 ? ` (there was ${others.slice(0, 5).join(', ')})` : ''}. Choose the configuration and its files together, or a zip of them.`,
  )
}

/**
 * What is open on the page as a configuration, code included.
 *
 * @param fileOf the file that imported prices came from, and what is known of it besides
 */
export function configurationOf(
  { name, source, data, settings, share, beside = [] }: Shared,
  fileOf: (id: string) => Omit<FileExchange, 'kind' | 'name' | 'imported'> | RecordedExchange,
): object {
  const { inputs, tradingType, ...terms } = settings
  const { id, range } = data.kind === 'synthetic' ? { id: '', range: undefined } : readRange(data.id)
  const joint = readJoint(id)
  const exchange: ConfiguredExchange =
    data.kind === 'synthetic'
      ? // A market of no seed is made from 1 here, and from that of the settings where a configuration tells it.
        { kind: 'synthetic', market: { ...data.market, seed: data.market.seed ?? 1 } }
      : data.kind === 'bundled'
        ? { kind: 'bundled', data: id }
        : imported(fileOf(id), id)
  return {
    configuration: 1,
    name,
    ...(tradingType && { tradingType }),
    ...terms,
    ...(range && {
      range: {
        ...(range.from > -Infinity && { from: momentOf(range.from, 'from') }),
        ...(range.to < Infinity && { to: momentOf(range.to, 'to') }),
      },
    }),
    exchanges: joint ? joint.map(({ name, id }) => ({ kind: 'bundled', data: id, name })) : [exchange],
    strategies: [{ name, source, inputs, ...(share === undefined ? {} : { share }) }, ...beside],
  }
}

/** Imported prices name the data set beside their file; recorded orders are found by their file. */
const imported = (
  file: Omit<FileExchange, 'kind' | 'name' | 'imported'> | RecordedExchange,
  id: string,
): ConfiguredExchange => ('kind' in file ? file : { kind: 'file', ...file, imported: id })

const day = 86_400e6

/** An end of a range as a configuration writes it: a day, where the range has all of that day. */
function momentOf(time: number, end: 'from' | 'to'): string {
  const text = new Date(Math.floor(time / 1000)).toISOString()
  const whole = (end === 'from' ? time : time + 1) % day === 0
  return whole ? text.slice(0, 10) : text
}
