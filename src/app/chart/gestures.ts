import { type Span, zoomed } from './view.ts'

/** What gestures move. */
export interface Movable {
  /** Rows on screen. */
  readonly span: Span
  /** Pixels of the plot without its axis. */
  readonly width: number
  /** The row under a place, in pixels from the plot's left edge. */
  rowAt(x: number): number
  show(span: Span): void
  showAll(): void
  zoom(factor: number, about?: number): void
}

/**
 * Dragging, the wheel and pinching, all in rows: the chart library's own gestures count points of whichever level is
 * loaded.
 */
export class Gestures {
  readonly #forget: (() => void)[] = []
  #dragged = false

  constructor(host: HTMLElement, hand: Movable) {
    const on = <Kind extends keyof HTMLElementEventMap>(
      target: HTMLElement | globalThis.Window,
      kind: Kind,
      handler: (event: HTMLElementEventMap[Kind]) => void,
      passive = true,
    ) => {
      const listener = (event: Event) => handler(event as HTMLElementEventMap[Kind])
      target.addEventListener(kind, listener, { passive })
      this.#forget.push(() => target.removeEventListener(kind, listener))
    }
    const place = (event: MouseEvent) => event.clientX - host.getBoundingClientRect().left
    const inPlot = (event: MouseEvent) =>
      event.target instanceof HTMLCanvasElement && place(event) < hand.width

    on(
      host,
      'wheel',
      (event) => {
        if (!inPlot(event)) return
        event.preventDefault()
        const unit = event.deltaMode === 1 ? 16 : 1
        const dx = (event.shiftKey ? event.deltaY || event.deltaX : event.deltaX) * unit
        const dy = event.shiftKey ? 0 : event.deltaY * unit
        const { from, to } = hand.span
        if (Math.abs(dx) > Math.abs(dy)) {
          const shift = (dx / hand.width) * (to - from)
          hand.show({ from: from + shift, to: to + shift })
        } else hand.zoom(Math.exp(Math.max(-200, Math.min(200, dy)) * 0.002), hand.rowAt(place(event)))
      },
      false,
    )

    const fingers = new Map<number, number>()
    let start: { span: Span; at: number; apart: number } | undefined
    const begin = () => {
      const xs = [...fingers.values()]
      start =
        xs.length === 0
          ? undefined
          : {
              span: hand.span,
              at: xs.reduce((sum, x) => sum + x, 0) / xs.length,
              apart: xs.length > 1 ? Math.max(10, Math.abs(xs[0]! - xs[1]!)) : 0,
            }
    }
    on(host, 'pointerdown', (event) => {
      if (event.button !== 0 || !inPlot(event)) return
      fingers.set(event.pointerId, place(event))
      this.#dragged = false
      begin()
    })
    on(window, 'pointermove', (event) => {
      if (!start || !fingers.has(event.pointerId)) return
      fingers.set(event.pointerId, place(event))
      const xs = [...fingers.values()]
      const at = xs.reduce((sum, x) => sum + x, 0) / xs.length
      if (!this.#dragged && xs.length === 1 && Math.abs(at - start.at) < 4) return
      this.#dragged = true
      const factor = start.apart ? start.apart / Math.max(10, Math.abs(xs[0]! - xs[1]!)) : 1
      const { from, to } = start.span
      const perPixel = (to - from) / Math.max(1, hand.width)
      const about = from + start.at * perPixel
      const scaled = zoomed(start.span, factor, about)
      const shift = (start.at - at) * perPixel * factor
      hand.show({ from: scaled.from + shift, to: scaled.to + shift })
    })
    const end = (event: PointerEvent) => {
      if (!fingers.delete(event.pointerId)) return
      begin()
      // The click that a release makes comes after it.
      if (fingers.size === 0) setTimeout(() => (this.#dragged = false))
    }
    on(window, 'pointerup', end)
    on(window, 'pointercancel', end)
    on(host, 'dblclick', (event) => inPlot(event) && hand.showAll())
  }

  /** Whether the pointer has moved the chart since it was pressed: then it neither picks nor hovers. */
  get dragged(): boolean {
    return this.#dragged
  }

  /** Listens no more. */
  end(): void {
    for (const forget of this.#forget) forget()
  }
}
