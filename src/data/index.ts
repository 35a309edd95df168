export type { DataSet, InstrumentData } from './data-set.ts'
