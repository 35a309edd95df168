/** Real time in milliseconds, which never reaches a run, and a way to let other work of the thread go first. */
export interface Pace {
  now(): number
  breathe(): Promise<void>
  /** Resolves after so many milliseconds. */
  wait(milliseconds: number): Promise<void>
}

/** What a pace needs of a worker's global scope. */
export interface PaceScope {
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port }
  setTimeout(done: () => void, milliseconds: number): unknown
}

interface Port {
  onmessage: (() => void) | null
  postMessage(message: null): void
}

/** The pace of a worker. `now` is its real time. */
export function paceOf(scope: PaceScope, now: () => number): Pace {
  const { port1, port2 } = new scope.MessageChannel()
  // Before the strategy's code can see the scope, and its timers are taken away.
  const setTimeout = scope.setTimeout.bind(scope)
  const breathe = () =>
    new Promise<void>((resolve) => {
      port1.onmessage = () => resolve()
      port2.postMessage(null)
    })
  const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
  return { now, breathe, wait }
}
