/** A strategy's own mistake: something of it failed and it has no `onError` that goes on. */
export class StrategyError extends Error {
  override readonly name = 'StrategyError'
  /**
   * What failed: the handler that threw, such as `onBar`, `slippage`, `transactionCost`, `indicator`, `scheduled job`, `promise`
   * for one that was rejected and that nobody handled, or `constructor` while the strategy was made.
   */
  readonly handler: string
  /** Bars read so far. */
  readonly bar: number
  /** Engine time, microseconds UTC. */
  readonly time: number

  constructor(handler: string, bar: number, time: number, cause: unknown) {
    super(describe(cause), { cause })
    this.handler = handler
    this.bar = bar
    this.time = time
  }
}

/** What was thrown, in words. Anything can be thrown, and reading it can throw again. */
function describe(thrown: unknown): string {
  try {
    const { name, message } = thrown as Error
    if (typeof message === 'string') return message === '' ? String(name) : message
    return String(thrown)
  } catch {
    return 'something that cannot be shown was thrown'
  }
}
