import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  PrimitivePaneViewZOrder,
  SeriesAttachedParameter,
} from 'lightweight-charts'

/** Where rows and prices are on screen, asked anew at each drawing. */
export interface Projection {
  /** Pixels from the left of the pane to the middle of a row. */
  x(row: number): number
  /** Pixels from the top, or nothing while the pane has no scale. */
  y(price: number): number | null
  /** Least and greatest price of what is drawn at a row. */
  low(row: number): number
  high(row: number): number
  /** Pixels a row takes. */
  readonly spacing: number
}

/** Something of ours on the pane of a series, drawn with each frame of the chart in CSS pixels. */
export abstract class Layer<Item> implements ISeriesPrimitive<Item> {
  readonly #views: readonly IPrimitivePaneView[]
  #attached: SeriesAttachedParameter<Item> | undefined

  constructor(order: PrimitivePaneViewZOrder) {
    const renderer: IPrimitivePaneRenderer = {
      draw: (target) =>
        target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
          context.save()
          this.draw(context, width, height)
          context.restore()
        }),
    }
    this.#views = [{ renderer: () => renderer, zOrder: () => order }]
  }

  protected abstract draw(context: CanvasRenderingContext2D, width: number, height: number): void

  attached(parameters: SeriesAttachedParameter<Item>): void {
    this.#attached = parameters
  }
  detached(): void {
    this.#attached = undefined
  }
  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views
  }
  /** Asks for a frame, after something that it draws has changed. */
  redraw(): void {
    this.#attached?.requestUpdate()
  }
}
