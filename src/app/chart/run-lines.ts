import type { Report } from '#analysis'
import type { RunRecord } from '#engine'
import { number, percent } from '../format.ts'
import { Line } from './levels.ts'
import { midOf } from './mid.ts'
import { type Colour, type Palette, seriesColour } from './palette.ts'
import { priceDecimals } from './price-decimals.ts'

/** A value over time: microseconds UTC, rising. */
export interface Curve {
  readonly time: Float64Array
  readonly value: Float64Array
}

/** A line that is to be drawn. */
export interface Wanted {
  readonly key: string
  readonly name: string
  readonly pane: number
  readonly colour: (palette: Palette) => Colour
  readonly format: (value: number) => string
  line: Line | undefined
  readonly area?: boolean
  readonly width: 1 | 2
}

/** Where lines are drawn. */
interface Place {
  /** Values by bar of the shown instrument, by rows of the axis. */
  onRows(values: Float64Array): Float64Array
  /** Values at times of their own, by rows of the axis. */
  onAxis(curve: Curve): Float64Array
  /** Decimals of the instrument's prices, now. */
  decimals(): number
  /** Whether there is a run under way, whose account is drawn as it grows. */
  readonly streaming: boolean
}

/** Account value: cents until they no longer matter. */
const money = (value: number) => number(value, Math.abs(value) < 10_000 ? 2 : 0)

/**
 * The lines of a run on one instrument: what its strategy draws, each pane of its own below the prices, and below those
 * the account and its drawdown.
 */
export function runLines(
  record: RunRecord | undefined,
  report: Report | undefined,
  instrument: number,
  place: Place,
): Wanted[] {
  const curve = record?.equity
  const on = (values: Float64Array | undefined) =>
    curve && values ? new Line(place.onAxis({ time: curve.time, value: values })) : undefined
  const plots = (record?.plots ?? []).flatMap((plot, index) =>
    plot.instrument === instrument ? [{ ...plot, index }] : [],
  )
  const names = [...new Set(plots.map(({ pane }) => pane))].filter((pane) => pane !== 'price')
  const wanted: Wanted[] = plots.map((plot) => ({
    key: `plot ${plot.index}`,
    name: plot.name,
    pane: 1 + names.indexOf(plot.pane),
    colour: (palette) => seriesColour(palette, plot.index),
    format: (value) =>
      number(value, plot.pane === 'price' ? place.decimals() : priceDecimals(undefined, value)),
    line: new Line(place.onRows(plot.values)),
    width: 1,
  }))
  const book = record?.books[instrument]
  if (book)
    wanted.unshift({
      key: 'mid',
      name: 'Mid',
      pane: 0,
      colour: (p) => p.text2,
      // It lies halfway between two ticks as often as not.
      format: (value) => number(value, place.decimals() + 1),
      line: new Line(place.onRows(midOf(book))),
      width: 1,
    })
  const equityPane = 1 + names.length
  const account = { format: money, pane: equityPane }
  if (record || place.streaming)
    wanted.push(
      {
        ...account,
        key: 'hold',
        name: 'Buy and hold',
        colour: (p) => p.text3,
        line: on(report?.buyAndHold),
        width: 1,
      },
      {
        ...account,
        key: 'ghost',
        name: 'Previous run',
        colour: (p) => p.ghost,
        line: undefined,
        width: 1,
      },
      {
        ...account,
        key: 'equity',
        name: 'Equity',
        colour: (p) => p.accent,
        line: on(curve?.value),
        width: 2,
      },
      {
        key: 'drawdown',
        name: 'Drawdown',
        pane: equityPane + 1,
        colour: (p) => p.loss,
        format: (value) => percent(value),
        line: on(report?.drawdown),
        area: true,
        width: 1,
      },
    )
  return wanted
}
