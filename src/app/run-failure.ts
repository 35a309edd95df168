import type { Problem } from './run-problems.ts'
import type { RunFailure } from './sandbox/sandbox.ts'

/**
 * The failure of a run as a problem.
 *
 * @param names what several strategies are called, of which the first is open
 */
export function failed(error: RunFailure, file: string, names: readonly string[] = []): Problem {
  const where = error.handler === 'module' ? 'while the file was being read' : `in ${error.handler}`
  const { position } = error
  const elsewhere = error.strategy ? names[error.strategy] : undefined
  const place = elsewhere && position ? `, ${position.file} line ${position.line}` : ''
  const own = elsewhere ? undefined : position
  return {
    file: own?.file ?? file,
    line: own?.line ?? 0,
    column: own?.column ?? 0,
    length: 1,
    message: `${elsewhere ? `${elsewhere}: ` : ''}${error.name}: ${error.message} (${where}${place})`,
    severity: 'error',
    source: 'run',
    bar: error.bar,
    time: error.time,
  }
}
