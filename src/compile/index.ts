export type { Compilation, Diagnostic, Position, Program, Source } from './diagnostic.ts'
