import { counted, number } from '../format.ts'
import { countsOf, stretchOf } from './counts.ts'
import type { RecordingReport } from './recording-desk.ts'

/** What there is to tell of a recording, line by line. */
export function factsOf(report: RecordingReport): readonly (readonly [label: string, value: string])[] {
  const { layout, messages, bookFile, levels, adopted, hiddenTrades, auctionTrades, halts, changes } = report
  const { trades } = countsOf(report)
  const among = [
    ...(hiddenTrades > 0 ? [`${number(hiddenTrades)} with hidden orders`] : []),
    ...(auctionTrades > 0 ? [`${number(auctionTrades)} in auctions`] : []),
  ]
  return [
    [
      'Layout',
      layout === 'lobster'
        ? 'LOBSTER messages: time, type, order, size, price in ten-thousandths, side'
        : 'Operations as JSON lines, which our own book carries out',
    ],
    ['Found', `${counted(messages, layout === 'lobster' ? 'message' : 'operation')}, ${stretchOf(report)}`],
    ...(changes === messages ? [] : ([['In the book', changesInWords(report)]] as const)),
    ['Trades', number(trades) + (among.length > 0 ? `, of these ${among.join(' and ')}` : '')],
    ...(halts > 0 ? ([['Halts', number(halts)]] as const) : []),
    ...(layout === 'lobster'
      ? ([
          [
            'Orders before',
            bookFile
              ? `Seeded from the first row of ${bookFile}, ${counted(levels, 'level')} a side${adopted > 0 ? `; ${counted(adopted, 'level')} came into sight later and were taken from there` : ''}`
              : 'Unknown and left out. Drop the orderbook file along with the messages to bring them in.',
          ],
        ] as const)
      : []),
  ]
}

/** How many changes there are to go through in the book, and why not as many as messages. */
function changesInWords({ layout, changes, bookFile }: RecordingReport): string {
  const why =
    layout === 'operations'
      ? 'an operation can make several, or none'
      : bookFile
        ? 'what goes out of sight is among them'
        : 'what is told of unknown orders is not among them'
  return `${counted(changes, 'change')} to go through, message by message; ${why}`
}

/** What the comparison with the book file came to; undefined where there was none. */
export function checkOf({ bookFile, messages, rowsDiffering, firstDiffering }: RecordingReport) {
  if (!bookFile) return undefined
  return rowsDiffering === 0
    ? {
        agrees: true,
        text: `The book agrees with ${bookFile} at ${messages === 1 ? 'its one row' : `all ${number(messages)} rows`}.`,
      }
    : {
        agrees: false,
        text: `${number(rowsDiffering)} of ${counted(messages, 'row')} of ${bookFile} ${rowsDiffering === 1 ? 'differs' : 'differ'} from the book that the messages make, the first at row ${number(firstDiffering!)}. Fills near such rows are less sure.`,
      }
}
