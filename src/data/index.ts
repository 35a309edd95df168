export type { DataSet, InstrumentData } from './data-set.ts'
export { parseCsv, CsvReader, type CsvOptions, type CsvProblem, type CsvResult } from './csv.ts'
export { catalogue, bundledData, type CatalogueEntry } from './catalogue.ts'
export { randomWalk, type RandomWalkOptions } from './random-walk.ts'
