/** Something to be said about a place in a strategy's files. */
export interface Diagnostic {
  /** Name of the file as it was given, such as `strategy.ts`. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units as editors and `String` count. */
  readonly column: number
  /** UTF-16 units to mark, at least 1. */
  readonly length: number
  /** One or two sentences: what was found, what was expected, the likely mend. */
  readonly message: string
  readonly severity: 'error' | 'warning'
  /** Who says it. */
  readonly source: 'compile' | 'types' | 'run'
}

/** A strategy that is ready to run: a classic script that leaves the entry's exports in the global `strategy`. */
export interface Program {
  readonly code: string
  /** Source map of `code`, version 3, as JSON text. */
  readonly map: string
}

/** A place in a strategy's files; both numbers from 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A strategy's text: files by name, and the name of the one that exports the strategy. */
export interface Source {
  readonly files: Readonly<Record<string, string>>
  readonly entry: string
}

/** A program, perhaps with warnings, or what is wrong. */
export type Compilation =
  | { readonly ok: true; readonly program: Program; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }
