import {
  BaselineSeries,
  CandlestickSeries,
  createChartEx,
  HistogramSeries,
  LineSeries,
  type HistogramData,
  type IChartApiBase,
  type ISeriesPrimitive,
  type ISeriesApi,
  type MouseEventParams,
  type OhlcData,
  type WhitespaceData,
} from 'lightweight-charts'
import type { Report } from '#analysis'
import type { InstrumentData } from '#data'
import type { RunRecord } from '#engine'
import { Axis } from './axis.ts'
import { BarMark } from './bar-mark.ts'
import { number, volume } from '../format.ts'
import { chartOptions } from './chart-options.ts'
import { Gestures } from './gestures.ts'
import { BarLevels, Line, type BarLevel } from './levels.ts'
import { css, type Palette } from './palette.ts'
import { type Now, NowVeil } from './now-veil.ts'
import { priceDecimals } from './price-decimals.ts'
import type { Projection } from './layer.ts'
import { RowScale } from './row-scale.ts'
import { type Curve, runLines, type Wanted } from './run-lines.ts'
import { TradeLayer, type Hit } from './trade-layer.ts'
import { brought, clamp, grown, serves, whole, windowFor, zoomed, type Span, type Window } from './view.ts'

export type { Curve }

/** What the chart tells of the pointer and of itself. */
export interface ChartEvents {
  /** The row under the pointer, or nothing when it has left. */
  onRead(row: number | undefined): void
  onHover(hit: Hit | undefined): void
  onPick(hit: Hit | undefined): void
  /** What the overlay has under the pointer. */
  onOverlay(found: unknown): void
  /** Tops of the panes in pixels, the width of the plot and the rows on screen. */
  onLayout(layout: Layout): void
}

/** Something more that is drawn over the candles, with things under the pointer. */
export interface Overlay extends ISeriesPrimitive<number> {
  visible: boolean
  palette: Palette
  readonly name: string
  /** How many things it draws; none keep it out of the legend. */
  readonly count: number
  find(x: number, y: number): unknown
  /** Keeps below the legends; pixels that they take. */
  keepBelow(headroom: number): void
  redraw(): void
}

/** In pixels: tops of the panes, width of the plot without its axis, and the whole. */
export interface Layout {
  readonly tops: readonly number[]
  readonly width: number
  readonly height: number
  /** Height of the time axis. */
  readonly foot: number
}

/** One thing that is drawn and may be hidden. */
export interface Legend {
  readonly key: string
  readonly name: string
  readonly pane: number
  /** CSS colour of its line; absent for what has several. */
  readonly colour?: string
  readonly visible: boolean
  /** How many of it there are, where it is no line. */
  readonly count?: number
}

/** A line that is drawn. */
interface Drawn extends Wanted {
  readonly series: ISeriesApi<'Line', number> | ISeriesApi<'Baseline', number>
}

/** Pixels from the top of a pane to its legend, and a little more below it. */
const legendTop = 8

const noWindow: Window = { level: 0, from: 0, to: 0 }

/**
 * The chart of one instrument and of a run over it. It keeps all rows as columns, hands the chart library one window of
 * points at a time, and is itself the only judge of what is on screen: `span` counts rows, whatever level they are drawn at.
 */
export class ChartView {
  readonly #chart: IChartApiBase<number>
  readonly #scale: RowScale
  readonly #candles: ISeriesApi<'Candlestick', number>
  readonly #volumes: ISeriesApi<'Histogram', number>
  readonly #trades: TradeLayer<number>
  readonly #mark: BarMark<number>
  readonly #now: Now
  #overlay: Overlay | undefined
  /** One for every pane. */
  #veils: NowVeil<number>[] = []
  readonly #events: ChartEvents
  readonly #host: HTMLElement
  readonly #hidden = new Set<string>()
  readonly #gestures: Gestures
  #lines: Drawn[] = []
  #shape = ''
  #palette: Palette
  #axis: Axis
  #bars = new BarLevels(emptyBars(0))
  /** What of them the window has. */
  #loaded: BarLevel = this.#bars.rows
  #decimals = 2
  #window: Window = noWindow
  /** Room that the legends take at the top of the panes, in pixels. */
  #headroom: readonly number[] = []
  #destroyed = false
  #span: Span = { from: 0, to: 1 }
  #width = 0
  #progress: { curve: Curve; done: number; peak: number } | undefined
  #panes: HTMLElement[] = []
  readonly #paneSizes: ResizeObserver

  constructor(host: HTMLElement, axis: Axis, palette: Palette, events: ChartEvents) {
    this.#host = host
    this.#axis = axis
    this.#palette = palette
    this.#events = events
    this.#scale = new RowScale(axis)
    this.#chart = createChartEx<number, RowScale>(host, this.#scale, chartOptions(palette, host))
    this.#candles = this.#chart.addSeries(CandlestickSeries, { priceLineVisible: false })
    this.#volumes = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      lastValueVisible: false,
      priceLineVisible: false,
      priceFormat: { type: 'volume' },
    })
    this.#volumes.priceScale().applyOptions({ scaleMargins: { top: 0.87, bottom: 0 } })
    const projection = this.#projection()
    this.#mark = new BarMark(projection, palette)
    this.#now = { row: undefined, palette }
    this.#trades = new TradeLayer(projection, palette)
    this.#candles.attachPrimitive(this.#mark)
    this.#candles.attachPrimitive(this.#trades)
    this.#veil()
    this.#paneSizes = new ResizeObserver(() => this.#tellLayout())
    this.#chart.timeScale().subscribeSizeChange(() => this.#tellLayout())
    this.#chart.subscribeCrosshairMove((event) => this.#onMove(event))
    this.#chart.subscribeClick((event) => this.#onClick(event))
    this.#gestures = new Gestures(host, this)
    this.setPalette(palette)
    this.#watchPanes()
  }

  get axis(): Axis {
    return this.#axis
  }
  get span(): Span {
    return this.#span
  }
  /** Pixels of the plot without its axis. */
  get width(): number {
    return this.#width
  }
  get trades(): TradeLayer<number> {
    return this.#trades
  }
  get decimals(): number {
    return this.#decimals
  }

  destroy(): void {
    this.#gestures.end()
    this.#destroyed = true
    this.#paneSizes.disconnect()
    this.#chart.remove()
  }

  /** Another data set or instrument: everything is drawn anew, and shown whole unless it begins with the times of before. */
  setData(axis: Axis, { bars, instrument }: InstrumentData): void {
    const before = this.#axis
    const goesOn =
      axis !== before &&
      before.length > 0 &&
      axis.length >= before.length &&
      axis.time[0] === before.time[0] &&
      axis.time[before.length - 1] === before.time.at(-1)
    this.#axis = axis
    this.#scale.axis = axis
    // The scale goes by the numbers of rows and would keep the old labels of those that stay.
    this.#empty()
    this.#decimals = priceDecimals(instrument.tickSize, bars.close.at(-1) ?? 1)
    const rows = axis.length
    let base: BarLevel = bars
    if (axis.rowOfBar.length !== rows) {
      base = emptyBars(rows)
      for (const name of ['open', 'high', 'low', 'close', 'volume'] as const)
        axis.rowOfBar.forEach((row, bar) => (base[name][row] = bars[name][bar]!))
    }
    this.#bars = new BarLevels(base)
    this.#candles.applyOptions({ priceFormat: this.#format((price) => number(price, this.#decimals)) })
    this.#setLines([])
    this.#trades.set(undefined, 0, axis)
    this.#mark.row = undefined
    this.#progress = undefined
    this.#window = noWindow
    this.unpoint()
    this.show(goesOn ? grown(this.#span, before.length, rows) : whole(rows))
  }

  /** A finished run, or none. Lines keep their panes, and the span stays as it is. */
  setRun(record: RunRecord | undefined, report: Report | undefined, instrument: number): void {
    this.#setLines(
      runLines(record, report, instrument, {
        onRows: (values) => this.#onRows(values),
        onAxis: (curve) => this.#onAxis(curve),
        decimals: () => this.#decimals,
        streaming: this.#progress !== undefined,
      }),
    )
    this.#trades.set(report?.trades, instrument, this.#axis)
    this.#trades.hovered = undefined
    this.#trades.redraw()
  }

  /** The run before, as a thin muted line. */
  setGhost(curve: Curve | undefined): void {
    this.#give('ghost', curve ? new Line(this.#onAxis(curve)) : undefined)
  }

  /** Equity of a run that is not finished: called again with a longer curve, it reads only what is new. */
  setProgress(curve: Curve | undefined): void {
    if (!curve || curve.time.length === 0) {
      this.#progress = undefined
      return
    }
    const rows = this.#axis.length
    const before = this.#progress
    const equity = this.#lines.find(({ key }) => key === 'equity')
    const continues =
      before && equity && before.done <= curve.time.length && before.curve.time[0] === curve.time[0]
    if (!continues) {
      this.#progress = { curve, done: 0, peak: -Infinity }
      if (!equity) this.setRun(undefined, undefined, 0)
      for (const key of ['equity', 'drawdown']) {
        const drawn = this.#lines.find((candidate) => candidate.key === key)
        if (drawn) drawn.line = new Line(new Float64Array(rows).fill(NaN))
      }
      this.#trades.set(undefined, 0, this.#axis)
      this.#trades.redraw()
    }
    const progress = this.#progress!
    const grown = this.#lines.filter(({ key }) => key === 'equity' || key === 'drawdown')
    const { time } = this.#axis
    let row = progress.done > 0 ? this.#axis.rowAt(curve.time[progress.done - 1]!) : 0
    for (let i = progress.done; i < curve.time.length; i++) {
      while (row < rows - 1 && time[row + 1]! <= curve.time[i]!) row++
      const value = curve.value[i]!
      progress.peak = Math.max(progress.peak, value)
      for (const { key, line } of grown) line?.set(row, key === 'equity' ? value : value / progress.peak - 1)
    }
    this.#progress = { curve, done: curve.time.length, peak: progress.peak }
    for (const drawn of grown) this.#feed(drawn)
  }

  setPalette(palette: Palette): void {
    this.#palette = palette
    this.#chart.applyOptions(chartOptions(palette, this.#host))
    this.#candles.applyOptions({
      upColor: css(palette.panel),
      borderUpColor: css(palette.gain),
      wickUpColor: css(palette.gain),
      downColor: css(palette.loss),
      borderDownColor: css(palette.loss),
      wickDownColor: css(palette.loss),
    })
    for (const line of this.#lines) this.#paint(line)
    this.#trades.palette = palette
    this.#mark.palette = palette
    if (this.#overlay) this.#overlay.palette = palette
    this.#now.palette = palette
    this.#load()
  }

  /** Draws something more over the candles. */
  overlay(make: (projection: Projection, palette: Palette) => Overlay): void {
    if (this.#overlay) this.#candles.detachPrimitive(this.#overlay)
    this.#overlay = make(this.#projection(), this.#palette)
    this.#overlay.visible = !this.#hidden.has('overlay')
    this.#overlay.keepBelow(this.#headroom[0] ?? 0)
    this.#candles.attachPrimitive(this.#overlay)
  }

  /** Marks the bar of the shown instrument at which a strategy failed, and brings it into view. */
  setProblem(bar: number | undefined): void {
    const row = bar === undefined ? undefined : this.#axis.rowOfBar[bar]
    if (row === this.#mark.row) return
    this.#mark.row = row
    this.#mark.redraw()
    if (row !== undefined) this.bring(row, row)
  }

  /** Covers all that comes after a row, and brings the row into view; undefined shows everything again. */
  setNow(row: number | undefined): void {
    if (row === this.#now.row) return
    this.#now.row = row
    for (const veil of this.#veils) veil.redraw()
    for (const { key, series } of this.#lines)
      if (hasLastValue(key)) series.applyOptions({ lastValueVisible: row === undefined })
    if (row !== undefined) this.bring(row, row)
  }

  select(trade: number | undefined): void {
    if (trade === this.#trades.selected) return
    this.#trades.selected = trade
    this.#trades.redraw()
    if (trade === undefined || !this.#trades.shown.includes(trade)) return
    const [entry, exit] = this.#trades.rowsOf(trade)
    this.bring(entry, exit)
  }

  hover(trade: number | undefined): void {
    if (trade === this.#trades.hovered) return
    this.#trades.hovered = trade
    this.#trades.redraw()
  }

  legends(): Legend[] {
    const own = (key: string, name: string) => ({ key, name, pane: 0, visible: !this.#hidden.has(key) })
    return [
      own('volume', 'Volume'),
      ...(this.#trades.shown.length
        ? [{ ...own('trades', 'Trades'), count: this.#trades.shown.length }]
        : []),
      ...(this.#overlay?.count
        ? [{ ...own('overlay', this.#overlay.name), count: this.#overlay.count }]
        : []),
      ...this.#lines
        .filter(({ line }) => line)
        // The account comes before what it is compared with, which is drawn beneath it.
        .sort((a, b) => a.pane - b.pane || Number(b.key === 'equity') - Number(a.key === 'equity'))
        .map(({ key, name, pane, colour }) => ({
          key,
          name,
          pane,
          colour: css(colour(this.#palette)),
          visible: !this.#hidden.has(key),
        })),
    ]
  }

  /** Keeps what is drawn below the legends; pixels from the top of each pane. */
  setHeadroom(pixels: readonly number[]): void {
    if (pixels.every((height, pane) => height === this.#headroom[pane])) return
    this.#headroom = pixels
    this.#trades.keepBelow((pixels[0] ?? 0) + legendTop)
    this.#overlay?.keepBelow(pixels[0] ?? 0)
    this.#makeRoom()
  }

  /** What a legend's line is worth at a row, as text. */
  valueAt(key: string, row: number): string {
    if (key === 'volume') {
      const value = this.#bars.rows.volume[row]
      return value === undefined || Number.isNaN(value) ? '' : volume(value)
    }
    const drawn = this.#lines.find((candidate) => candidate.key === key)
    const value = drawn?.line?.values[row]
    return drawn && value !== undefined && !Number.isNaN(value) ? drawn.format(value) : ''
  }

  /** The bar of the shown instrument at a row. */
  barAt(row: number): { open: number; high: number; low: number; close: number; volume: number } | undefined {
    const { open, high, low, close, volume } = this.#bars.rows
    if (!(row >= 0 && row < close.length) || Number.isNaN(close[row]!)) return undefined
    return { open: open[row]!, high: high[row]!, low: low[row]!, close: close[row]!, volume: volume[row]! }
  }

  setVisible(key: string, visible: boolean): void {
    if (visible) this.#hidden.delete(key)
    else this.#hidden.add(key)
    if (key === 'trades') {
      this.#trades.visible = visible
      this.#trades.redraw()
    } else if (key === 'overlay') {
      this.#overlay!.visible = visible
      this.#overlay!.redraw()
    } else if (key === 'volume') this.#volumes.applyOptions({ visible })
    else {
      const drawn = this.#lines.find((candidate) => candidate.key === key)
      drawn?.series.applyOptions({ visible })
      if (drawn) this.#feed(drawn)
    }
  }

  /** Moves and zooms: rows from and to, kept within reason. */
  show(span: Span): void {
    const rows = this.#axis.length
    this.#span = clamp(span, rows)
    this.#events.onHover(undefined)
    if (!rows || !this.#width) return
    if (!serves(this.#window, this.#span, rows, this.#width)) this.#load()
    const { level, from } = this.#window
    const group = 2 ** level
    this.#chart.timeScale().setVisibleLogicalRange({
      from: (this.#span.from - from) / group,
      to: (this.#span.to - from) / group - 1,
    })
  }

  showAll(): void {
    this.show(whole(this.#axis.length))
  }

  zoom(factor: number, about = (this.#span.from + this.#span.to) / 2): void {
    this.show(zoomed(this.#span, factor, about))
  }

  /** Moves no more than needed for the rows to be seen with some of their surroundings. */
  bring(from: number, to: number): void {
    const span = brought(this.#span, from, to, this.#axis.length)
    if (span !== this.#span) this.show(span)
  }

  /** Sets the crosshair on a row without the pointer, and moves the chart first where the row is out of sight. */
  point(row: number, then: () => void): void {
    const { from, to } = this.#span
    const width = to - from
    if (row < from) this.show({ from: row - width * 0.1, to: row + width * 0.9 })
    else if (row + 1 > to) this.show({ from: row + 1 - width * 0.9, to: row + 1 + width * 0.1 })
    const { close } = this.#bars.rows
    let priced = row
    while (priced > 0 && Number.isNaN(close[priced]!)) priced--
    const price = close[priced]
    // The library moves its scales at its next frame, and only then knows where a row or a price is.
    requestAnimationFrame(() => {
      if (this.#destroyed) return
      const point = this.#pointAt(row)
      if (price !== undefined && !Number.isNaN(price))
        this.#chart.setCrosshairPosition(price, point, this.#candles)
      then()
    })
  }

  unpoint(): void {
    this.#chart.clearCrosshairPosition()
  }

  /** Where a trade's entry and exit are on screen, in pixels of the chart. */
  placeOf(trade: number, price: number, atExit: boolean): { x: number; y: number } | undefined {
    const row = this.#trades.rowsOf(trade)[atExit ? 1 : 0]
    const y = this.#candles.priceToCoordinate(price)
    return y === null ? undefined : { x: this.#x(row), y }
  }

  /** A picture of all panes without the crosshair. */
  picture(): HTMLCanvasElement {
    return this.#chart.takeScreenshot(true, false)
  }

  #x(row: number): number {
    const { from, to } = this.#span
    return ((row + 0.5 - from) / (to - from)) * this.#width - 0.5
  }

  /** The point that stands for a row, which the crosshair's label then names. */
  #pointAt(row: number): number {
    const group = 2 ** this.#window.level
    const point = Math.floor(row / group) * group
    this.#scale.pointed = { point, row }
    return point
  }

  /** The row under a place, in pixels from the plot's left edge. */
  rowAt(x: number): number {
    const { from, to } = this.#span
    return from + (x / Math.max(1, this.#width)) * (to - from)
  }

  #projection(): Projection {
    const column = (name: 'low' | 'high', row: number) => {
      const { level, from } = this.#window
      return this.#loaded[name][(row - from) >> level] ?? NaN
    }
    const view = this
    return {
      x: (row) => this.#x(row),
      y: (price) => (Number.isNaN(price) ? null : this.#candles.priceToCoordinate(price)),
      low: (row) => column('low', row),
      high: (row) => column('high', row),
      get spacing() {
        return view.#width / Math.max(1, view.#span.to - view.#span.from)
      },
    }
  }

  /** How the values of a line, or the prices where none is named, are written. Labels that an edge would cut are left out. */
  #format(formatter: (value: number) => string, pane = 0, key?: string) {
    const tickmarksFormatter = (values: readonly number[]) => {
      const series = key === undefined ? this.#candles : this.#lines.find((line) => line.key === key)?.series
      const height = this.#panes[pane]?.clientHeight ?? Infinity
      // Money so close that it would be written alike has as many decimals as tell it apart.
      const isMoney = key !== undefined && ['equity', 'hold', 'ghost'].includes(key)
      const apart = isMoney && values.length > 1 ? Math.abs(values[1]! - values[0]!) : 1
      const digits = Math.min(6, -Math.floor(Math.log10(apart)))
      const write = apart < 1 ? (value: number) => number(value, digits) : formatter
      return values.map((value) => {
        const y = series?.priceToCoordinate(value) ?? height / 2
        return y < 8 || y > height - 8 || (key === 'drawdown' && value > 0) ? '' : write(value)
      })
    }
    return {
      type: 'custom' as const,
      minMove: 10 ** -Math.max(2, this.#decimals),
      formatter,
      tickmarksFormatter,
    }
  }

  /** Values by bar of the shown instrument, spread over the rows of the axis. */
  #onRows(values: Float64Array): Float64Array {
    const { length, rowOfBar } = this.#axis
    if (rowOfBar.length === length && values.length === length) return values
    const spread = new Float64Array(length).fill(NaN)
    rowOfBar.forEach((row, bar) => (spread[row] = values[bar] ?? NaN))
    return spread
  }

  /** Values at times of their own, on the rows of the axis. */
  #onAxis({ time, value }: Curve): Float64Array {
    const { length } = this.#axis
    const axis = this.#axis.time
    if (time.length === length && time[0] === axis[0] && time.at(-1) === axis.at(-1)) return value
    const spread = new Float64Array(length).fill(NaN)
    for (let i = 0, row = 0; i < time.length && row < length; i++) {
      while (row < length && axis[row]! < time[i]!) row++
      if (axis[row] === time[i]) spread[row] = value[i]!
    }
    return spread
  }

  #give(key: string, line: Line | undefined): void {
    const drawn = this.#lines.find((candidate) => candidate.key === key)
    if (!drawn || (!drawn.line && !line)) return
    drawn.line = line
    this.#feed(drawn)
  }

  #setLines(wanted: readonly Wanted[]): void {
    const shape = wanted.map(({ key, pane }) => `${pane} ${key}`).join('\n')
    if (shape !== this.#shape) {
      for (const { series } of this.#lines) this.#chart.removeSeries(series)
      this.#lines = wanted.map((line) => {
        const common = {
          priceLineVisible: false,
          lineWidth: line.width,
          crosshairMarkerVisible: false,
          lastValueVisible: hasLastValue(line.key) && this.#now.row === undefined,
          visible: !this.#hidden.has(line.key),
          priceFormat: this.#format(line.format, line.pane, line.key),
        }
        const series = line.area
          ? this.#chart.addSeries(
              BaselineSeries,
              { ...common, baseValue: { type: 'price', price: 0 } },
              line.pane,
            )
          : this.#chart.addSeries(LineSeries, common, line.pane)
        return { ...line, series }
      })
      this.#shape = shape
      this.#veil()
      this.#arrangePanes()
    } else this.#lines = this.#lines.map(({ series }, i) => ({ ...wanted[i]!, series }))
    for (const line of this.#lines) {
      this.#paint(line)
      this.#feed(line)
    }
  }

  /** Puts a veil into every pane. Those of lines that were removed went with them. */
  #veil(): void {
    const projection = this.#projection()
    this.#veils = this.#veils.slice(0, 1)
    const add = (series: ISeriesApi<'Candlestick' | 'Line' | 'Baseline', number>) => {
      const veil = new NowVeil<number>(this.#now, projection)
      series.attachPrimitive(veil)
      this.#veils.push(veil)
    }
    if (this.#veils.length === 0) add(this.#candles)
    const panes = new Set<number>()
    for (const { pane, series } of this.#lines) {
      if (pane > 0 && !panes.has(pane)) add(series)
      panes.add(pane)
    }
  }

  #arrangePanes(): void {
    const panes = this.#chart.panes()
    const last = panes.length - 1
    const hasAccount = this.#lines.some(({ key }) => key === 'drawdown')
    panes.forEach((pane, i) =>
      pane.setStretchFactor(
        i === 0 ? 6 : hasAccount && i === last - 1 ? 2.2 : hasAccount && i === last ? 1.7 : 1.6,
      ),
    )
    this.#watchPanes()
  }

  #watchPanes(): void {
    this.#paneSizes.disconnect()
    // The library makes the elements of new panes at its next frame.
    requestAnimationFrame(() => {
      if (this.#destroyed) return
      this.#panes = this.#chart.panes().flatMap((pane) => pane.getHTMLElement() ?? [])
      for (const pane of this.#panes) this.#paneSizes.observe(pane)
      this.#tellLayout()
    })
  }

  #paint({ series, colour }: Drawn): void {
    const tone = colour(this.#palette)
    if (series.seriesType() === 'Baseline')
      series.applyOptions({
        topLineColor: css(tone),
        bottomLineColor: css(tone),
        topFillColor1: css(tone, 0),
        topFillColor2: css(tone, 0),
        bottomFillColor1: css(tone, 0.1),
        bottomFillColor2: css(tone, 0.3),
      })
    else series.applyOptions({ color: css(tone) })
  }

  #load(): void {
    const rows = this.#axis.length
    if (!rows || !this.#width) return
    const window = (this.#window = windowFor(this.#span, rows, this.#width))
    const { level, from, to } = window
    const group = 2 ** level
    this.#loaded = this.#bars.groups(level, from / group, to / group)
    const { open, high, low, close, volume } = this.#loaded
    const candles: (OhlcData<number> | WhitespaceData<number>)[] = []
    const volumes: HistogramData<number>[] = []
    const up = css(this.#palette.gain, 0.3)
    const down = css(this.#palette.loss, 0.3)
    for (let i = 0; i < close.length; i++) {
      const time = from + i * group
      if (Number.isNaN(close[i]!)) {
        candles.push({ time })
        continue
      }
      candles.push({ time, open: open[i]!, high: high[i]!, low: low[i]!, close: close[i]! })
      volumes.push({ time, value: volume[i]!, color: close[i]! >= open[i]! ? up : down })
    }
    // Emptied first: otherwise each of them is merged with the rows of the window before.
    this.#empty()
    this.#candles.setData(candles)
    this.#volumes.setData(volumes)
    for (const line of this.#lines) this.#feed(line)
  }

  #empty(): void {
    for (const { series } of this.#lines) series.setData([])
    this.#volumes.setData([])
    this.#candles.setData([])
  }

  #feed({ key, series, line }: Drawn): void {
    const { level, from, to } = this.#window
    const group = 2 ** level
    series.setData(line && !this.#hidden.has(key) ? line.points(level, from / group, to / group) : [])
  }

  #makeRoom(): void {
    this.#panes.forEach((element, pane) => {
      const series = pane === 0 ? this.#candles : this.#lines.find((line) => line.pane === pane)?.series
      // Over the candles there is to be room for the marks of sales, too.
      const room = (this.#headroom[pane] ?? 20) + (pane === 0 ? legendTop + 20 : 10)
      const top = Math.min(0.5, room / Math.max(1, element.clientHeight))
      series?.priceScale().applyOptions({ scaleMargins: { top, bottom: pane === 0 ? 0.2 : 0.06 } })
    })
  }

  #tellLayout(): void {
    const width = this.#chart.timeScale().width()
    if (width !== this.#width) {
      this.#width = width
      this.show(this.#span)
    }
    this.#makeRoom()
    const top = this.#host.getBoundingClientRect().top
    this.#events.onLayout({
      tops: this.#panes.map((pane) => pane.getBoundingClientRect().top - top),
      width: this.#width,
      height: this.#host.clientHeight,
      foot: this.#chart.timeScale().height(),
    })
  }

  #onMove({ point, paneIndex, sourceEvent }: MouseEventParams<number>): void {
    if (!sourceEvent) return
    if (!point) {
      this.#events.onRead(undefined)
      this.#events.onHover(undefined)
      this.#events.onOverlay(undefined)
      return
    }
    const row = Math.min(Math.max(Math.floor(this.rowAt(point.x)), 0), this.#axis.length - 1)
    this.#pointAt(row)
    this.#events.onRead(row)
    const hit = paneIndex === 0 && !this.#gestures.dragged ? this.#trades.find(point.x, point.y) : undefined
    this.#host.style.cursor = hit ? 'pointer' : ''
    this.#events.onHover(hit)
    const over = paneIndex === 0 && !this.#gestures.dragged && !hit
    this.#events.onOverlay(over ? this.#overlay?.find(point.x, point.y) : undefined)
  }

  #onClick({ point, paneIndex, sourceEvent }: MouseEventParams<number>): void {
    if (!point || paneIndex !== 0 || this.#gestures.dragged) return
    // A finger covers more than a cursor.
    const coarse = sourceEvent && matchMedia('(pointer: coarse)').matches
    this.#events.onPick(this.#trades.find(point.x, point.y, coarse ? 16 : 4))
  }
}

/** Whether the newest value of a line stands at its right edge. */
function hasLastValue(key: string): boolean {
  return key === 'equity' || key === 'drawdown'
}

function emptyBars(rows: number): BarLevel {
  const column = () => new Float64Array(rows).fill(NaN)
  return { open: column(), high: column(), low: column(), close: column(), volume: column() }
}
