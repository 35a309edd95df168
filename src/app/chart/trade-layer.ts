import type { TradeColumns } from '#analysis'
import type { Axis } from './axis.ts'
import { Layer, type Projection } from './layer.ts'
import { css, type Palette } from './palette.ts'

/** What the pointer is on: one trade, or a cluster of several marks. */
export interface Hit {
  /** Row of the report's trades; the first of a cluster. */
  readonly trade: number
  /** Trades under the mark. */
  readonly trades: readonly number[]
  readonly x: number
  readonly y: number
  /** Rows that a cluster spans. */
  readonly from: number
  readonly to: number
}

/** Marks nearer than this many pixels are drawn as one. */
const NEAR = 6
/** Room that the label of a cluster takes. */
const LABEL = 30

/** One arrow: what was bought or sold at a bar. Several trades may share it, as when a position is turned round. */
interface Mark {
  readonly row: number
  /** Whether a trade was entered here, not only left. */
  entry: boolean
  readonly trades: number[]
}

/** Where marks were drawn. */
interface Spot {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly marks: readonly Mark[]
}

/** Where the line of a trade was drawn. */
interface Segment {
  readonly trade: number
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/**
 * The trades of one instrument over its candles. Purchases point up from below the bar, sales point down from above it;
 * entries are filled, exits hollow; a dashed line from entry to exit takes the colour of its result. Only what is on
 * screen is drawn, and marks that would overlap become a count.
 */
export class TradeLayer<Item> extends Layer<Item> {
  visible = true
  selected: number | undefined
  hovered: number | undefined
  palette: Palette
  readonly #projection: Projection
  #trades: TradeColumns | undefined
  #entryRow = new Int32Array(0)
  #exitRow = new Int32Array(0)
  /** Trades of this instrument, as rows of the report. */
  #shown: number[] = []
  /** Of the shown trades up to each, the last row that one of them reaches. */
  #reach = new Int32Array(0)
  #buys: Mark[] = []
  #sells: Mark[] = []
  #hits: Spot[] = []
  #lines: Segment[] = []
  /** Pixels from the top of the pane that its legends take. */
  #top = 0

  constructor(projection: Projection, palette: Palette) {
    super('normal')
    this.#projection = projection
    this.palette = palette
  }

  /** Row on the axis at which a trade was entered and left; an open trade reaches to its last bar. */
  rowsOf(trade: number): readonly [entry: number, exit: number] {
    return [this.#entryRow[trade]!, this.#exitRow[trade]!]
  }

  /** Keeps marks below the legends. */
  keepBelow(headroom: number): void {
    if (headroom === this.#top) return
    this.#top = headroom
    this.redraw()
  }

  /** Trades that were entered or left at a row, as rows of the report. */
  at(row: number): readonly number[] {
    return this.#shown.filter((trade) => this.#entryRow[trade] === row || this.#exitRow[trade] === row)
  }

  /** The trades in order of entry. */
  get shown(): readonly number[] {
    return this.#shown
  }

  set(trades: TradeColumns | undefined, instrument: number, axis: Axis): void {
    this.#trades = trades
    this.#shown = []
    this.#buys = []
    this.#sells = []
    const count = trades?.size.length ?? 0
    this.#entryRow = new Int32Array(count)
    this.#exitRow = new Int32Array(count)
    if (!trades) return
    const bars = axis.rowOfBar.length
    const byRow = { 1: new Map<number, Mark>(), '-1': new Map<number, Mark>() }
    for (let trade = 0; trade < count; trade++) {
      const entry = trades.entryBar[trade]!
      const exit = trades.exitBar[trade]!
      if (trades.instrument[trade] !== instrument || entry >= bars || exit >= bars) continue
      this.#shown.push(trade)
      const entryRow = (this.#entryRow[trade] = axis.rowOfBar[entry]!)
      const exitRow = (this.#exitRow[trade] = axis.rowOfBar[exit]!)
      const long = trades.side[trade]! > 0
      const add = (row: number, isEntry: boolean) => {
        const known = byRow[long === isEntry ? 1 : -1]
        const mark = known.get(row)
        if (!mark) known.set(row, { row, entry: isEntry, trades: [trade] })
        else {
          mark.entry ||= isEntry
          mark.trades.push(trade)
        }
      }
      add(entryRow, true)
      if (!Number.isNaN(trades.exitTime[trade]!)) add(exitRow, false)
    }
    this.#buys = [...byRow[1].values()].sort((a, b) => a.row - b.row)
    this.#sells = [...byRow[-1].values()].sort((a, b) => a.row - b.row)
    this.#shown.sort((a, b) => this.#entryRow[a]! - this.#entryRow[b]!)
    this.#reach = new Int32Array(this.#shown.length)
    let reach = -1
    this.#shown.forEach((trade, i) => (this.#reach[i] = reach = Math.max(reach, this.#exitRow[trade]!)))
  }

  /** The mark, else the line, under a point of the pane; touch asks for a wider reach. */
  find(x: number, y: number, reach = 4): Hit | undefined {
    let nearest: Spot | undefined
    let least = Infinity
    for (const hit of this.#hits) {
      const distance = Math.hypot(hit.x - x, hit.y - y)
      if (distance <= hit.radius + reach && distance < least) {
        least = distance
        nearest = hit
      }
    }
    if (nearest) {
      const { marks } = nearest
      const trades = [...new Set(marks.flatMap((mark) => mark.trades))]
      return {
        trade: trades[0]!,
        trades,
        x: nearest.x,
        y: nearest.y,
        from: marks[0]!.row,
        to: marks.at(-1)!.row,
      }
    }
    least = reach + 1
    let on: Segment | undefined
    for (const line of this.#lines) {
      const distance = distanceTo(line, x, y)
      if (distance < least) {
        least = distance
        on = line
      }
    }
    if (!on) return undefined
    return {
      trade: on.trade,
      trades: [on.trade],
      x,
      y,
      from: this.#entryRow[on.trade]!,
      to: this.#exitRow[on.trade]!,
    }
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    this.#hits = []
    this.#lines = []
    if (!this.visible || !this.#trades) return
    this.#drawLines(context, width, height)
    this.#drawMarks(context, this.#buys, width, 1)
    this.#drawMarks(context, this.#sells, width, -1)
  }

  #drawLines(context: CanvasRenderingContext2D, width: number, height: number): void {
    const trades = this.#trades!
    const { palette } = this
    const projection = this.#projection
    const focus = this.hovered ?? this.selected
    let faint = 1
    const line = (trade: number, strong: boolean) => {
      const x1 = projection.x(this.#entryRow[trade]!)
      const x2 = projection.x(this.#exitRow[trade]!)
      const y1 = projection.y(trades.entryPrice[trade]!)
      const y2 = projection.y(trades.exitPrice[trade]!)
      if (y1 === null || y2 === null) return
      const colour = trades.pnl[trade]! < 0 ? palette.loss : palette.gain
      if (strong && this.selected === trade) {
        context.fillStyle = css(palette.accent, 0.08)
        const left = Math.min(x1, x2) - projection.spacing / 2
        context.fillRect(left, 0, Math.max(2, Math.abs(x2 - x1) + projection.spacing), height)
      }
      context.strokeStyle = css(colour, strong ? 1 : focus === undefined ? faint : faint * 0.5)
      context.lineWidth = strong ? 2.5 : faint < 1 ? 1 : 1.5
      context.setLineDash(strong ? [] : [3, 3])
      context.beginPath()
      context.moveTo(x1, y1)
      context.lineTo(x2, y2)
      context.stroke()
      if (strong) {
        context.fillStyle = css(colour)
        for (const [x, y] of [
          [x1, y1],
          [x2, y2],
        ] as const) {
          context.beginPath()
          context.arc(x, y, 3, 0, 2 * Math.PI)
          context.fill()
        }
      }
      this.#lines.push({ trade, x1, y1, x2, y2 })
    }
    context.save()
    const visible: number[] = []
    const first = lowerBound(this.#reach, (row) => projection.x(row) >= 0)
    for (let i = first; i < this.#shown.length; i++) {
      const trade = this.#shown[i]!
      const x1 = projection.x(this.#entryRow[trade]!)
      if (x1 > width) break
      const x2 = projection.x(this.#exitRow[trade]!)
      if (x2 >= 0 && x2 - x1 >= NEAR && trade !== this.selected && trade !== this.hovered) visible.push(trade)
    }
    // Many lots held side by side would paint the chart over.
    const crossing = visible.reduce((sum, trade) => {
      const left = Math.max(0, projection.x(this.#entryRow[trade]!))
      return sum + Math.min(width, projection.x(this.#exitRow[trade]!)) - left
    }, 0)
    faint = Math.min(1, Math.max(0.15, (2 * width) / Math.max(1, crossing)))
    for (const trade of visible) line(trade, false)
    for (const trade of new Set([this.selected, this.hovered]))
      if (
        trade !== undefined &&
        trade < trades.size.length &&
        trades.side[trade] &&
        this.#shown.includes(trade)
      )
        line(trade, true)
    context.restore()
  }

  #drawMarks(context: CanvasRenderingContext2D, marks: readonly Mark[], width: number, side: 1 | -1): void {
    const projection = this.#projection
    const colour = side > 0 ? this.palette.bid : this.palette.ask
    const y = (row: number) => {
      const at = projection.y(side > 0 ? projection.low(row) : projection.high(row))
      // A sale's mark reaches 14 pixels up from here.
      return at === null ? null : Math.max(at + side * 6, this.#top + 14)
    }
    const arrow = (mark: Mark) => {
      const top = y(mark.row)
      if (top === null) return
      const x = projection.x(mark.row)
      context.beginPath()
      context.moveTo(x, top)
      context.lineTo(x + 5, top + side * 8)
      context.lineTo(x - 5, top + side * 8)
      context.closePath()
      context.fillStyle = mark.entry ? css(colour) : css(this.palette.panel)
      context.strokeStyle = css(colour)
      context.lineWidth = 1.5
      context.fill()
      context.stroke()
      this.#hits.push({ x, y: top + side * 4, radius: 6, marks: [mark] })
    }
    const pill = (group: Mark[]) => {
      const middle = group[group.length >> 1]!
      const at = y(middle.row)
      if (at === null) return
      const x = (projection.x(group[0]!.row) + projection.x(group.at(-1)!.row)) / 2
      const text = `×${group.length}`
      const half = context.measureText(text).width / 2 + 4
      const centre = at + side * 7
      context.beginPath()
      context.roundRect(x - half, centre - 7, half * 2, 14, 4)
      context.fillStyle = css(this.palette.panel, 0.85)
      context.strokeStyle = css(colour, 0.8)
      context.lineWidth = 1
      context.fill()
      context.stroke()
      context.fillStyle = css(colour)
      context.fillText(text, x, centre + 0.5)
      this.#hits.push({ x, y: centre, radius: 10, marks: group })
    }
    context.save()
    context.font = '600 10px ui-sans-serif, system-ui, sans-serif'
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    // Cells of a fixed number of rows, so that clusters keep their marks while the chart is moved.
    const cell = 2 ** Math.max(0, Math.ceil(Math.log2(LABEL / projection.spacing)))
    let i = lowerBound(marks, (mark) => projection.x(mark.row) >= -LABEL)
    while (i < marks.length && projection.x(marks[i]!.row) <= width + LABEL) {
      const number = Math.floor(marks[i]!.row / cell)
      const group: Mark[] = []
      let crowded = false
      for (; i < marks.length && Math.floor(marks[i]!.row / cell) === number; i++) {
        const before = group.at(-1)
        if (before && (marks[i]!.row - before.row) * projection.spacing < NEAR) crowded = true
        group.push(marks[i]!)
      }
      if (crowded) pill(group)
      else group.forEach(arrow)
    }
    context.restore()
  }
}

/** The first place at which a test holds that holds at all later ones. */
function lowerBound<Item>(items: ArrayLike<Item>, test: (item: Item) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (test(items[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

function distanceTo(line: Segment, x: number, y: number): number {
  const dx = line.x2 - line.x1
  const dy = line.y2 - line.y1
  const length = dx * dx + dy * dy
  const along = length > 0 ? Math.min(1, Math.max(0, ((x - line.x1) * dx + (y - line.y1) * dy) / length)) : 0
  return Math.hypot(line.x1 + along * dx - x, line.y1 + along * dy - y)
}
