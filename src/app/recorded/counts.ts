import type { RecordingReport } from './recording-desk.ts'

/** Trades of all kinds. */
export const countsOf = ({ trades, hiddenTrades, auctionTrades }: RecordingReport) => ({
  trades: trades + hiddenTrades + auctionTrades,
})

/** A time of day of so many microseconds, such as `09:30:00`. */
function timeOfDay(microseconds: number): string {
  return new Date(microseconds / 1000).toISOString().slice(11, 19)
}

/** From when to when, in words; of messages without their day. */
export function stretchOf({ layout, start, end }: RecordingReport): string {
  if (layout === 'lobster') return `${timeOfDay(start)} to ${timeOfDay(end)}`
  const moment = (time: number) => new Date(time / 1000).toISOString().slice(0, 19).replace('T', ' ')
  return `${moment(start)} to ${moment(end)} UTC`
}

/** One sentence on a recording, without its end. */
export function shortCounts(report: RecordingReport): string {
  const what = report.layout === 'lobster' ? 'message' : 'operation'
  return `${count(report.messages, what)}, ${count(countsOf(report).trades, 'trade')}, ${stretchOf(report)}`
}

/** Written as it is kept, for readers of any place. */
const count = (value: number, one: string) =>
  `${value.toLocaleString('en-US')} ${one}${value === 1 ? '' : 's'}`
