export type { Compilation, Diagnostic, Position, Program, Source } from './diagnostic.ts'
export { reference, type ReferenceEntry, type ReferenceMember } from './declarations.ts'
export { alwaysTrue, type AlwaysTrue } from './always-true.ts'
export { alwaysTrueInText } from './always-true-text.ts'
export { gather } from './gather.ts'
export { compile, type Bundler } from './compile.ts'
export {
  FIRST_LINE,
  frameOfHandler,
  locate,
  locateAmong,
  mapOfScript,
  mapOfScripts,
  type PlacedProgram,
} from './source-map.ts'
