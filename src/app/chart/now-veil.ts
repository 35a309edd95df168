import { Layer, type Projection } from './layer.ts'
import { css, type Palette } from './palette.ts'

/** The moment that is looked at: shared by the veils of all panes. */
export interface Now {
  /** The last row that has happened; undefined when all of them have. */
  row: number | undefined
  palette: Palette
}

/** Covers what comes after a moment in the pane of one series, so that nobody judges a moment by its future. */
export class NowVeil<Item> extends Layer<Item> {
  readonly #now: Now
  readonly #projection: Projection

  constructor(now: Now, projection: Projection) {
    super('top')
    this.#now = now
    this.#projection = projection
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const { row, palette } = this.#now
    if (row === undefined) return
    const x = this.#projection.x(row) + this.#projection.spacing / 2
    if (x > width) return
    const left = Math.max(0, x)
    context.fillStyle = css(palette.panel, 0.9)
    context.fillRect(left, 0, width - left, height)
    if (x < 0) return
    context.fillStyle = css(palette.accent)
    context.fillRect(Math.round(x) - 1, 0, 1, height)
  }
}
