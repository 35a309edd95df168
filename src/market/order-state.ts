import { OrderStatus } from './vocabulary.ts'

/** Orders whose changing parts stand together. */
const rows = 512

/** `status` is an index into these. */
const statuses: readonly OrderStatus[] = Object.values(OrderStatus)

const codes = Object.fromEntries(statuses.map((status, code) => [status, code])) as Record<
  OrderStatus,
  number
>

const Mark = { LEAVING: 1, WAITS: 2, FORCED: 4, BOUNDED: 8 } as const

/**
 * What changes of many orders, as one column per figure: an object of its own for each order would hold every figure in
 * a box, and all of them would be moved about whenever memory is collected. It goes with the last of its orders.
 */
export class OrderPage {
  /** All columns are in one piece of memory: asking for it takes longer than a dozen orders do. */
  readonly #memory = new ArrayBuffer(rows * (11 * 8 + 3 * 4 + 2))
  readonly volume = new Float64Array(this.#memory, 0, rows)
  readonly price = new Float64Array(this.#memory, rows * 8, rows)
  readonly stopPrice = new Float64Array(this.#memory, rows * 16, rows)
  readonly filled = new Float64Array(this.#memory, rows * 24, rows)
  readonly paid = new Float64Array(this.#memory, rows * 32, rows)
  readonly time = new Float64Array(this.#memory, rows * 40, rows)
  readonly asked = new Float64Array(this.#memory, rows * 48, rows)
  readonly slipped = new Float64Array(this.#memory, rows * 56, rows)
  readonly opposite = new Float64Array(this.#memory, rows * 64, rows)
  readonly dearestPrice = new Float64Array(this.#memory, rows * 72, rows)
  readonly dearestStop = new Float64Array(this.#memory, rows * 80, rows)
  readonly id = new Int32Array(this.#memory, rows * 88, rows)
  readonly instrument = new Int32Array(this.#memory, rows * 92, rows)
  readonly journalRow = new Int32Array(this.#memory, rows * 96, rows)
  readonly status = new Uint8Array(this.#memory, rows * 100, rows)
  readonly marks = new Uint8Array(this.#memory, rows * 101, rows)
  #length = 0

  get isFull(): boolean {
    return this.#length === rows
  }

  statusAt(row: number): OrderStatus {
    return statuses[this.status[row]!]!
  }

  /** Begins the row of an order that was not sent yet. */
  add(volume: number, price: number, stopPrice: number): number {
    const row = this.#length++
    this.volume[row] = volume
    this.price[row] = price
    this.stopPrice[row] = stopPrice
    this.time[row] = NaN
    this.instrument[row] = -1
    this.journalRow[row] = -1
    return row
  }
}

/** The part of an order that changes; only the engine holds it. It is made whenever it is asked for. */
export class OrderState {
  readonly #page: OrderPage
  readonly #row: number

  constructor(page: OrderPage, row: number) {
    this.#page = page
    this.#row = row
  }

  /** Number given when the order was accepted, from 1 up; 0 before. */
  get id(): number {
    return this.#page.id[this.#row]!
  }
  set id(id: number) {
    this.#page.id[this.#row] = id
  }
  get status(): OrderStatus {
    return this.#page.statusAt(this.#row)
  }
  set status(status: OrderStatus) {
    this.#page.status[this.#row] = codes[status]
  }
  get volume(): number {
    return this.#page.volume[this.#row]!
  }
  set volume(volume: number) {
    this.#page.volume[this.#row] = volume
  }
  get price(): number {
    return this.#page.price[this.#row]!
  }
  set price(price: number) {
    this.#page.price[this.#row] = price
  }
  get stopPrice(): number {
    return this.#page.stopPrice[this.#row]!
  }
  set stopPrice(price: number) {
    this.#page.stopPrice[this.#row] = price
  }
  get filled(): number {
    return this.#page.filled[this.#row]!
  }
  set filled(volume: number) {
    this.#page.filled[this.#row] = volume
  }
  /** Sum of price times volume over the fills. */
  get paid(): number {
    return this.#page.paid[this.#row]!
  }
  set paid(money: number) {
    this.#page.paid[this.#row] = money
  }
  /** What a sale by notional would have raised more without slippage: it counts as raised. */
  get slipped(): number {
    return this.#page.slipped[this.#row]!
  }
  set slipped(money: number) {
    this.#page.slipped[this.#row] = money
  }
  /** Best price on the other side of the book when an order by notional was sent; 0 where none was known. */
  get opposite(): number {
    return this.#page.opposite[this.#row]!
  }
  set opposite(price: number) {
    this.#page.opposite[this.#row] = price
  }
  /** Microseconds, when the order was accepted. */
  get time(): number {
    return this.#page.time[this.#row]!
  }
  set time(time: number) {
    this.#page.time[this.#row] = time
  }
  /** Whether a request to take it back is on its way to the exchange. */
  get leaving(): boolean {
    return this.#has(Mark.LEAVING)
  }
  set leaving(leaves: boolean) {
    this.#mark(Mark.LEAVING, leaves)
  }
  /** Whether it waits for another order and does not work yet. */
  get waits(): boolean {
    return this.#has(Mark.WAITS)
  }
  set waits(waits: boolean) {
    this.#mark(Mark.WAITS, waits)
  }
  /** Whether the risk rules sent it, not its strategy. */
  get forced(): boolean {
    return this.#has(Mark.FORCED)
  }
  set forced(forced: boolean) {
    this.#mark(Mark.FORCED, forced)
  }
  /** Whether an order by notional may come to no more units than the rules counted it as. */
  get bounded(): boolean {
    return this.#has(Mark.BOUNDED)
  }
  set bounded(bounded: boolean) {
    this.#mark(Mark.BOUNDED, bounded)
  }
  /** Volume that a change on its way to the exchange asks for; 0 where there is none. Of an order by notional what the rules count it as. */
  get asked(): number {
    return this.#page.asked[this.#row]!
  }
  set asked(volume: number) {
    this.#page.asked[this.#row] = volume
  }
  /** Highest price that changes on their way to the exchange ask for; 0 where there is none. */
  get dearestPrice(): number {
    return this.#page.dearestPrice[this.#row]!
  }
  set dearestPrice(price: number) {
    this.#page.dearestPrice[this.#row] = price
  }
  /** The same of stop prices. */
  get dearestStop(): number {
    return this.#page.dearestStop[this.#row]!
  }
  set dearestStop(price: number) {
    this.#page.dearestStop[this.#row] = price
  }
  /** Index of its instrument in the run that it was sent in; -1 before, and where the run does not have it. */
  get instrument(): number {
    return this.#page.instrument[this.#row]!
  }
  set instrument(index: number) {
    this.#page.instrument[this.#row] = index
  }
  /** Its row in the journal that named it last; -1 before. */
  get journalRow(): number {
    return this.#page.journalRow[this.#row]!
  }
  set journalRow(row: number) {
    this.#page.journalRow[this.#row] = row
  }

  #has(mark: number): boolean {
    return (this.#page.marks[this.#row]! & mark) !== 0
  }

  #mark(mark: number, on: boolean): void {
    const { marks } = this.#page
    const before = marks[this.#row]!
    marks[this.#row] = on ? before | mark : before & ~mark
  }
}
