import { firstCapacity, Table } from './columns.ts'
import type { StepColumns, StepKind } from './record.ts'

/** Figures of a step, which stand one after the other. */
const width = 3

/**
 * All that happens to orders, one step after the other. Every order has three or more, each written far from the one before:
 * together its figures are one place of memory to wait for, in columns they would be three.
 */
export class Steps {
  readonly #figures: Table<{ readonly figure: Int32Array }>

  /** @param progress as that of a `Table` */
  constructor(progress: () => number) {
    this.#figures = new Table({ figure: new Int32Array(width * firstCapacity) }, progress)
  }

  get length(): number {
    return this.#figures.length / width
  }

  /** See `StepColumns` for the figures. */
  add(kind: StepKind, row: number, bars: number): void {
    const at = this.#figures.add(width)
    const { figure } = this.#figures.columns
    figure[at] = kind
    figure[at + 1] = row
    figure[at + 2] = bars
  }

  kindOf(step: number): StepKind {
    return this.#figures.columns.figure[width * step] as StepKind
  }

  rowOf(step: number): number {
    return this.#figures.columns.figure[width * step + 1]!
  }

  /** A copy as columns. */
  snapshot(): StepColumns {
    const { length } = this
    const { figure } = this.#figures.columns
    const columns = {
      kind: new Uint8Array(length),
      row: new Int32Array(length),
      bars: new Int32Array(length),
    }
    for (let step = 0; step < length; step++) {
      columns.kind[step] = figure[width * step]!
      columns.row[step] = figure[width * step + 1]!
      columns.bars[step] = figure[width * step + 2]!
    }
    return columns
  }
}
