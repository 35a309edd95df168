/** What a strategy finds in its global scope beside the language itself, as declarations for the editor. */
export const globals = `
interface Console {
  /** Writes a line to the run's log. */
  log(...values: unknown[]): void
  /** Writes a line of small importance to the run's log. */
  debug(...values: unknown[]): void
  /** Writes a line to the run's log. */
  info(...values: unknown[]): void
  /** Writes a warning to the run's log. */
  warn(...values: unknown[]): void
  /** Writes an error to the run's log; the run goes on. */
  error(...values: unknown[]): void
}
/** Writes to the run's log, with the engine's time. */
declare const console: Console
`
