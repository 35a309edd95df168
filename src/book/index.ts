export { OrderBook, mostLots, type BookImage } from './order-book.ts'
export type { Clearing } from './auction.ts'
export * from './vocabulary.ts'
