import type { Position } from '#compile'

/** One of several things that were found wrong in something that was opened. */
export interface Finding {
  /** Such as `configuration.costs.commission`; absent where it is of no single place. */
  readonly place?: string
  /** What is there and what was expected: what follows the place, or a sentence of its own. */
  readonly text: string
}

/** Something to say above the results, about the latest run. */
export interface Message {
  readonly tone: 'info' | 'warn' | 'error'
  readonly text: string
  readonly place?: Position
  /** What was found, one by one: where, and what of it. */
  readonly findings?: readonly Finding[]
  /** Where it is mended. */
  readonly action?: { readonly label: string } & Wanted
}

/** A panel to show, and what in it takes the focus. */
export interface Wanted {
  readonly tab: string
  readonly focus?: 'range' | 'rates'
}
