import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
} from 'lightweight-charts'
import { css, type Palette } from './palette.ts'
import type { Projection } from './trade-layer.ts'

/** Marks one bar over the whole height of the pane: where a strategy failed. */
export class BarMark<Item> implements ISeriesPrimitive<Item> {
  row: number | undefined
  palette: Palette
  #attached: SeriesAttachedParameter<Item> | undefined
  readonly #views: readonly IPrimitivePaneView[]

  constructor(projection: Projection, palette: Palette) {
    this.palette = palette
    const renderer: IPrimitivePaneRenderer = {
      draw: (target) => {
        if (this.row === undefined) return
        const x = projection.x(this.row)
        const half = Math.max(1, projection.spacing / 2)
        target.useMediaCoordinateSpace(({ context, mediaSize }) => {
          if (x < -half || x > mediaSize.width + half) return
          context.fillStyle = css(this.palette.warn, 0.18)
          context.fillRect(x - half, 0, half * 2, mediaSize.height)
          context.fillStyle = css(this.palette.warn)
          context.beginPath()
          context.roundRect(x - 7, 30, 14, 16, 4)
          context.fill()
          context.fillStyle = css(this.palette.panel)
          context.font = '700 11px ui-sans-serif, system-ui, sans-serif'
          context.textAlign = 'center'
          context.textBaseline = 'middle'
          context.fillText('!', x, 38.5)
        })
      },
    }
    this.#views = [{ renderer: () => renderer, zOrder: () => 'normal' }]
  }

  attached(parameters: SeriesAttachedParameter<Item>): void {
    this.#attached = parameters
  }
  detached(): void {
    this.#attached = undefined
  }
  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views
  }
  redraw(): void {
    this.#attached?.requestUpdate()
  }
}
