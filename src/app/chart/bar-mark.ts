import { Layer, type Projection } from './layer.ts'
import { css, type Palette } from './palette.ts'

/** Marks one bar over the whole height of the pane: where a strategy failed. */
export class BarMark<Item> extends Layer<Item> {
  row: number | undefined
  palette: Palette
  readonly #projection: Projection

  constructor(projection: Projection, palette: Palette) {
    super('normal')
    this.#projection = projection
    this.palette = palette
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    if (this.row === undefined) return
    const x = this.#projection.x(this.row)
    const half = Math.max(1, this.#projection.spacing / 2)
    if (x < -half || x > width + half) return
    context.fillStyle = css(this.palette.warn, 0.18)
    context.fillRect(x - half, 0, half * 2, height)
    context.fillStyle = css(this.palette.warn)
    context.beginPath()
    context.roundRect(x - 7, 30, 14, 16, 4)
    context.fill()
    context.fillStyle = css(this.palette.panel)
    context.font = '700 11px ui-sans-serif, system-ui, sans-serif'
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.fillText('!', x, 38.5)
  }
}
