/** What tabs of one browser tell one another: that a strategy is opened, is open here as well, or is open no more. */
interface Word {
  readonly kind: 'open' | 'here' | 'gone'
  readonly id: string
}

/** Keeps an eye on whether another tab of this browser has the same strategy open. */
export class Tabs {
  readonly #channel = new BroadcastChannel('outcry.open')
  readonly #tell: (shared: boolean) => void
  #id = ''

  constructor(tell: (shared: boolean) => void) {
    this.#tell = tell
    this.#channel.onmessage = ({ data }) => this.#hear(data as Word)
  }

  /** This tab has a strategy open, and no other any more. */
  show(id: string): void {
    if (id === this.#id) return
    this.leave()
    this.#id = id
    this.#say('open')
  }

  /** This tab has no strategy open any more. */
  leave(): void {
    if (this.#id) this.#say('gone')
    this.#id = ''
    this.#tell(false)
  }

  close(): void {
    this.leave()
    this.#channel.close()
  }

  #say(kind: Word['kind']): void {
    this.#channel.postMessage({ kind, id: this.#id } satisfies Word)
  }

  #hear({ kind, id }: Word): void {
    if (id !== this.#id) return
    this.#tell(kind !== 'gone')
    if (kind === 'open') this.#say('here')
    // A third one may still have it open.
    if (kind === 'gone') this.#say('open')
  }
}
