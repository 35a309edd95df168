/** What no message may exceed, and no run either: a run that needs more is ended with a sentence. */
export const limits = {
  /** UTF-16 units of a packet's head. */
  head: 400_000,
  /** UTF-16 units of a text within it. */
  text: 2_000,
  stack: 8_000,
  logRows: 10_000,
  refusals: 10_000,
  notes: 10_000,
  /** UTF-16 units of a note on an order. */
  note: 500,
  orders: 400_000,
  fills: 200_000,
  changes: 400_000,
  steps: 2_000_000,
  requests: 1_000_000,
  /** Orders that requests name: those to wait for and to be a pair with are named too. */
  namedOrders: 500_000,
  /** Answers of cost functions, of which a fill asks two. */
  costs: 500_000,
  /** Jobs that were due and lines of the log in a journal, and texts of these. */
  asides: 1_010_002,
  texts: 10_002,
  /** Names of things that a run does not have. */
  names: 100,
  strategies: 100,
  plots: 64,
  /** Lines that several strategies draw, all together. */
  plotsTogether: 256,
  /** Prices per side of a recorded book. */
  levels: 50,
  declarations: 100,
  choices: 200,
} as const
