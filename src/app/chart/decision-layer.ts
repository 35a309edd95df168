import type { RunRecord } from '#engine'
import type { Axis } from './axis.ts'
import { Layer, type Projection } from './layer.ts'
import { css, type Palette } from './palette.ts'

/** What was refused, clipped or decided at one row, or at several that are drawn as one. */
export interface Decisions {
  /** Indices into the record's refusals. */
  readonly entries: readonly number[]
  readonly x: number
  readonly y: number
}

/** Pixels that half a mark takes. */
const SIZE = 5

/**
 * What the gate refused or clipped and what the risk rules decided, as small marks in a row at the top of the candles:
 * a cross for a refusal, a half square for a clip, a bar over a square for a change of state.
 */
export class DecisionLayer<Item> extends Layer<Item> {
  readonly name = 'Refused and clipped'
  visible = true
  palette: Palette
  readonly #projection: Projection
  #rows: Int32Array = new Int32Array(0)
  #entries: readonly (readonly number[])[] = []
  #kinds: readonly string[] = []
  #spots: Decisions[] = []
  /** Pixels from the top of the pane. */
  #top = 32

  constructor(projection: Projection, palette: Palette) {
    super('top')
    this.#projection = projection
    this.palette = palette
  }

  /** How many decisions there are about the instrument. */
  get count(): number {
    return this.#entries.reduce((sum, { length }) => sum + length, 0)
  }

  /** The legends grow and shrink with what is pointed at; marks that followed them up again would not stand still. */
  keepBelow(headroom: number): void {
    const top = headroom + SIZE + 7
    if (top <= this.#top) return
    this.#top = top
    this.redraw()
  }

  /** Decisions at a row, as indices into the record's refusals. */
  at(row: number): readonly number[] {
    const place = this.#rows.indexOf(row)
    return place < 0 ? [] : this.#entries[place]!
  }

  set(record: RunRecord | undefined, instrument: number, axis: Axis): void {
    const byRow = new Map<number, number[]>()
    record?.refusals.forEach(({ order, time }, index) => {
      const of = order > 0 ? record.orders.instrument[order - 1]! : -1
      if (of >= 0 && of !== instrument) return
      const row = axis.rowAt(time)
      if (row < 0) return
      const known = byRow.get(row)
      if (known) known.push(index)
      else byRow.set(row, [index])
    })
    const sorted = [...byRow].sort(([a], [b]) => a - b)
    this.#rows = Int32Array.from(sorted, ([row]) => row)
    this.#entries = sorted.map(([, entries]) => entries)
    this.#kinds = this.#entries.map((entries) => {
      const kinds = entries.map((entry) => record!.refusals[entry]!.kind ?? 'refusal')
      return kinds.includes('state') ? 'state' : kinds.includes('refusal') ? 'refusal' : 'clip'
    })
    this.redraw()
  }

  /** The decisions at a row with where their mark is. */
  placeOf(row: number): Decisions | undefined {
    const entries = this.at(row)
    return entries.length > 0 ? { entries, x: this.#projection.x(row), y: this.#top } : undefined
  }

  /** The mark under a point of the pane. */
  find(x: number, y: number): Decisions | undefined {
    return this.#spots.find((spot) => Math.abs(spot.x - x) <= SIZE + 3 && Math.abs(spot.y - y) <= SIZE + 5)
  }

  protected draw(context: CanvasRenderingContext2D, width: number): void {
    this.#spots = []
    if (!this.visible) return
    let last = -Infinity
    let entries: number[] = []
    for (let i = 0; i < this.#rows.length; i++) {
      const x = this.#projection.x(this.#rows[i]!)
      if (x < -SIZE) continue
      if (x > width + SIZE) break
      // Marks that would overlap are drawn as one, where the first of them is.
      if (x - last < 2 * SIZE + 1) {
        entries.push(...this.#entries[i]!)
        continue
      }
      last = x
      entries = [...this.#entries[i]!]
      this.#spots.push({ entries, x, y: this.#top })
      this.#mark(context, x, this.#kinds[i]!)
    }
  }

  #mark(context: CanvasRenderingContext2D, x: number, kind: string): void {
    const top = this.#top
    context.lineWidth = 1.75
    context.strokeStyle = css(this.palette.warn)
    context.fillStyle = css(kind === 'state' ? this.palette.warn : this.palette.panel)
    context.beginPath()
    if (kind === 'refusal') {
      context.moveTo(x - SIZE + 1, top - SIZE + 1)
      context.lineTo(x + SIZE - 1, top + SIZE - 1)
      context.moveTo(x + SIZE - 1, top - SIZE + 1)
      context.lineTo(x - SIZE + 1, top + SIZE - 1)
    } else {
      context.rect(x - SIZE + 0.5, top - SIZE + 0.5, 2 * SIZE - 1, 2 * SIZE - 1)
      context.fill()
    }
    context.stroke()
    if (kind !== 'clip') return
    context.fillStyle = css(this.palette.warn)
    context.fillRect(x - SIZE + 0.5, top, 2 * SIZE - 1, SIZE)
  }
}
