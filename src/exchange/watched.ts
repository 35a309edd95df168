import type { BarColumns, BookView, Instrument } from '#market'
import { type BookColumns, type Exchange, type Interest, type MarketDetail, MarketStep } from './exchange.ts'
import type { LiveBook } from './live-book.ts'
import type { MarketTape } from './market-tape.ts'

/**
 * An exchange that is only watched: what it tells passes, and an order that came as far as here is a fault of the engine.
 */
export class WatchedExchange implements Exchange {
  readonly #exchange: Exchange

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  get name(): string {
    return this.#exchange.name
  }
  get instruments(): readonly Instrument[] {
    return this.#exchange.instruments
  }
  get bars(): number {
    return this.#exchange.bars
  }
  get nextTime(): number {
    return this.#exchange.nextTime
  }
  get detail(): Readonly<MarketDetail> {
    return this.#exchange.detail
  }
  get immediate(): boolean {
    return this.#exchange.immediate
  }
  get binding(): boolean {
    return this.#exchange.binding
  }

  listen(interest: Interest): void {
    this.#exchange.listen(interest)
  }
  columns(instrument: number): BarColumns {
    return this.#exchange.columns(instrument)
  }
  bookColumns(): BookColumns[] {
    return this.#exchange.bookColumns()
  }
  tape(instrument: number): MarketTape | undefined {
    return this.#exchange.tape?.(instrument)
  }
  live(instrument: number, every: number): LiveBook | undefined {
    return this.#exchange.live?.(instrument, every)
  }
  lastPrice(instrument: number): number {
    return this.#exchange.lastPrice(instrument)
  }
  lastTime(instrument: number): number {
    return this.#exchange.lastTime(instrument)
  }
  beforeBars(): MarketStep {
    return this.#exchange.beforeBars?.() ?? MarketStep.END
  }
  next(bound: number): MarketStep {
    return this.#exchange.next(bound)
  }
  book(instrument: number, levels: number): BookView | undefined {
    return this.#exchange.book(instrument, levels)
  }
  settle(): MarketStep {
    return this.#exchange.settle()
  }

  /** @throws Error always, as the next two do */
  submit(): never {
    throw this.#fault('An order was sent')
  }
  cancel(): never {
    throw this.#fault('A cancel was sent')
  }
  change(): never {
    throw this.#fault('A change was sent')
  }

  #fault(what: string): Error {
    return new Error(`${what} to ${this.name} in a run that only watches it: a fault of the engine`)
  }
}
