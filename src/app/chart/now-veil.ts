import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
} from 'lightweight-charts'
import { css, type Palette } from './palette.ts'
import type { Projection } from './trade-layer.ts'

/** The moment that is looked at: shared by the veils of all panes. */
export interface Now {
  /** The last row that has happened; undefined when all of them have. */
  row: number | undefined
  palette: Palette
}

/** Covers what comes after a moment in the pane of one series, so that nobody judges a moment by its future. */
export class NowVeil<Item> implements ISeriesPrimitive<Item> {
  readonly #views: readonly IPrimitivePaneView[]
  #attached: SeriesAttachedParameter<Item> | undefined

  constructor(now: Now, projection: Projection) {
    const renderer: IPrimitivePaneRenderer = {
      draw: (target) => {
        if (now.row === undefined) return
        const x = projection.x(now.row) + projection.spacing / 2
        target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
          if (x > width) return
          const left = Math.max(0, x)
          context.fillStyle = css(now.palette.panel, 0.9)
          context.fillRect(left, 0, width - left, height)
          if (x < 0) return
          context.fillStyle = css(now.palette.accent)
          context.fillRect(Math.round(x) - 1, 0, 1, height)
        })
      },
    }
    this.#views = [{ renderer: () => renderer, zOrder: () => 'top' }]
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
