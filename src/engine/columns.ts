import type { FillColumns, OrderColumns } from './record.ts'

/** Orders as they come and go, one growing array per field. Row `i` is the order with id `i + 1`. */
export class OrderJournal {
  readonly time: number[] = []
  readonly bar: number[] = []
  readonly instrument: number[] = []
  readonly side: number[] = []
  readonly type: number[] = []
  readonly volume: number[] = []
  readonly price: number[] = []
  readonly stopPrice: number[] = []
  readonly filled: number[] = []
  readonly status: number[] = []
  readonly ended: number[] = []

  columns(): OrderColumns {
    return {
      time: Float64Array.from(this.time),
      bar: Int32Array.from(this.bar),
      instrument: Int32Array.from(this.instrument),
      side: Int8Array.from(this.side),
      type: Uint8Array.from(this.type),
      volume: Float64Array.from(this.volume),
      price: Float64Array.from(this.price),
      stopPrice: Float64Array.from(this.stopPrice),
      filled: Float64Array.from(this.filled),
      status: Uint8Array.from(this.status),
      ended: Float64Array.from(this.ended),
    }
  }
}

/** Fills in the order they happened, one growing array per field. */
export class FillJournal {
  readonly time: number[] = []
  readonly bar: number[] = []
  readonly order: number[] = []
  readonly instrument: number[] = []
  readonly side: number[] = []
  readonly price: number[] = []
  readonly volume: number[] = []
  readonly fee: number[] = []
  readonly slippage: number[] = []
  readonly rule: number[] = []

  columns(): FillColumns {
    return {
      time: Float64Array.from(this.time),
      bar: Int32Array.from(this.bar),
      order: Int32Array.from(this.order),
      instrument: Int32Array.from(this.instrument),
      side: Int8Array.from(this.side),
      price: Float64Array.from(this.price),
      volume: Float64Array.from(this.volume),
      fee: Float64Array.from(this.fee),
      slippage: Float64Array.from(this.slippage),
      rule: Uint8Array.from(this.rule),
    }
  }
}
