import type { RunSettings } from '#engine'
import type { Message } from './message.ts'
import type { Remains } from './run.ts'
import { clock, counted, number } from './format.ts'
import type { Problem } from './run-problems.ts'
import type { Outcome, RunFailure, SeatedProgram } from './sandbox/sandbox.ts'

const places: Readonly<Record<string, string>> = {
  module: 'while the file was being read',
  promise: 'in a promise that nothing awaited',
  run: 'while the run was being made',
}

/** What a run was asked for. */
export interface Asked {
  readonly settings: RunSettings
  readonly address: string
  /** Name of the open strategy. */
  readonly name: string
  /** Where there are several. */
  readonly strategies?: readonly SeatedProgram[]
}

/** Where a run ended that came to no result. */
interface Around {
  readonly asked: Asked
  /** The file of the open strategy. */
  readonly file: string
  /** What several strategies are called, of which the first is open. */
  readonly names: readonly string[] | undefined
  /** The stamps and the zone that its bars are told in. */
  readonly times: Float64Array
  readonly zone: string
  /** What is said of the results that stay. */
  readonly kept: string
}

type Ended = Exclude<Outcome, { kind: 'finished' | 'superseded' }>

/** What is said of a run that came to no result, what is left of it, and its problem where the strategy failed. */
export function ended(
  outcome: Ended,
  around: Around,
): { readonly message: Message; readonly failure?: Problem; readonly remains?: Remains } {
  const told = said(outcome, around)
  const remains = remainsOf(outcome, around.asked)
  if (!remains) return told
  // Of a run that failed the message leads to the line already.
  const action = told.failure ? {} : { action: { label: 'Journal until then', tab: 'overview' } }
  return { ...told, remains, message: { ...told.message, ...action } }
}

/** What the run had journalled; undefined where it had not begun. */
function remainsOf(outcome: Ended, { settings, address, name, strategies }: Asked): Remains | undefined {
  const { journal, declared } = outcome
  if (!journal || journal.moves === 0) return undefined
  const bar = outcome.kind === 'failed' ? outcome.error.bar : outcome.bar
  /** All inputs of a strategy, as it ran with them: those that were chosen, and the others as it declares them. */
  const inputsOf = (at: number, chosen: RunSettings['inputs']) => ({
    ...Object.fromEntries(declared?.[at]?.map(({ name, value }) => [name, value]) ?? []),
    ...chosen,
  })
  const how = outcome.kind === 'failed' ? 'failed' : outcome.kind === 'stopped' ? 'was stopped' : 'was ended'
  return {
    text: `The latest run ${how} after ${counted(bar, 'bar')}.`,
    name,
    address,
    source: {
      journal,
      settings,
      ...(outcome.kind === 'failed' ? { stoppedAt: journal.moves } : { isCut: true }),
      ...(strategies
        ? { strategies: strategies.map(({ name, inputs }, at) => ({ name, inputs: inputsOf(at, inputs) })) }
        : { inputs: inputsOf(0, settings.inputs) }),
    },
  }
}

function said(outcome: Ended, around: Around): { readonly message: Message; readonly failure?: Problem } {
  const { kept } = around
  switch (outcome.kind) {
    case 'stopped':
      return { message: { tone: 'info', text: `Stopped after ${counted(outcome.bar, 'bar')}.${kept}` } }
    case 'silent':
      return { message: { tone: 'error', text: outcome.text + kept } }
    case 'refused':
      return { message: { tone: 'error', text: `The run was ended: ${outcome.reason}${kept}` } }
    case 'failed': {
      const { error } = outcome
      const failure = failed(error, around)
      return {
        failure,
        message: {
          tone: 'error',
          text: kept
            ? `${failure.message}.${kept}${error.bar > 0 ? ' Steps shows this one until then.' : ''}`
            : failure.message,
          ...(!error.strategy && error.position && { place: error.position }),
        },
      }
    }
  }
}

/** The failure of a run as a problem: what was thrown, where in the code and when in the market. */
function failed(error: RunFailure, { file, names = [], times, zone }: Around): Problem {
  const { position, handler } = error
  const elsewhere = error.strategy ? names[error.strategy] : undefined
  // What the engine refuses is a sentence of its own, and of no place in the code.
  const refused = handler === 'run' && /^(Range|Settings)Error$/.test(error.name) && !position
  const when = error.bar > 0 && Number.isFinite(error.time) ? `, ${clock(times, zone).at(error.time)}` : ''
  const place = elsewhere && position ? `, ${position.file} line ${position.line}` : ''
  // Of what is no Error nobody knows the line.
  const begins = position && error.stack === '' ? ', which begins there' : ''
  const what = refused
    ? error.message
    : `${error.name}: ${error.message} (${places[handler] ?? `in ${handler}${begins}`}${place}${when})`
  const own = elsewhere ? undefined : position
  return {
    file: own?.file ?? file,
    line: own?.line ?? 0,
    column: own?.column ?? 0,
    length: 1,
    message: `${elsewhere ? `${elsewhere}: ` : ''}${what}`,
    severity: 'error',
    source: 'run',
    bar: error.bar,
    time: error.time,
  }
}
