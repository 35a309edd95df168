/** Real time in milliseconds, which never reaches a run, and a way to let other work of the thread go first. */
export interface Pace {
  now(): number
  breathe(): Promise<void>
}

/** What a pace needs of a worker's global scope. */
export interface PaceScope {
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port }
}

interface Port {
  onmessage: (() => void) | null
  postMessage(message: null): void
}

/** The pace of a worker. `now` is its real time. */
export function paceOf({ MessageChannel }: PaceScope, now: () => number): Pace {
  const { port1, port2 } = new MessageChannel()
  const breathe = () =>
    new Promise<void>((resolve) => {
      port1.onmessage = () => resolve()
      port2.postMessage(null)
    })
  return { now, breathe }
}
