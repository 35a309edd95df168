/** What tabs of one browser tell one another about a document. */
export interface Word {
  /** `kept`: another revision is in the store; `ask`: a tab would like to go on with it. */
  readonly kind: 'kept' | 'ask'
  readonly id: string
}

/** What a tab wants to hear of the document that it has open. */
export interface HoldEvents {
  /** The document is this tab's to change; nobody else's from now on. */
  onHeld(): void
  /** Another tab has it, or has taken it over. */
  onElsewhere(): void
  /** Another tab asks for it: keep what is not kept yet; it is given when this resolves. */
  onAsked(): Promise<void>
}

/** Lets tabs agree on who may change a document. */
export interface Holder {
  /**
   * Asks for a document in place of the one before. Resolves to whether it is this tab's. Where it is another's, this
   * tab waits, and hears `onHeld` when that one leaves it.
   */
  hold(id: string): Promise<boolean>
  /** Gets the document from the tab that has it, also from one that no longer answers. */
  takeOver(): Promise<void>
  /** Leaves the document. */
  release(): void
  /** Tells other tabs that a document was kept, or deleted. */
  tell(id: string): void
}

/** How long a tab that is asked for a document may take before it is taken from it, in milliseconds. */
const patience = 1500

/**
 * Holds by Web Locks: one tab at a time has a document, and the browser gives it free when that tab is closed or dies.
 * Where there are no Web Locks (a page that was not served over HTTPS) everybody has it, and the revisions in the store
 * alone keep one tab from writing over another.
 */
export class TabHolder implements Holder {
  readonly #events: HoldEvents
  readonly #onKept: (id: string) => void
  readonly #locks: LockManager | undefined
  #channel: BroadcastChannel | undefined
  #id = ''
  #held = false
  #give: (() => void) | undefined
  #waiting: AbortController | undefined

  /** `onKept` hears of what other tabs kept. */
  constructor(
    events: HoldEvents,
    onKept: (id: string) => void,
    locks: LockManager | undefined = navigator.locks,
  ) {
    this.#events = events
    this.#onKept = onKept
    this.#locks = locks
    try {
      this.#channel = new BroadcastChannel('outcry.documents')
      this.#channel.onmessage = ({ data }) => void this.#hear(data as Word)
    } catch {
      // A page without an origin has no neighbours.
    }
  }

  async hold(id: string): Promise<boolean> {
    if (id === this.#id && this.#held) return true
    this.release()
    this.#id = id
    const got = await this.#ask(id)
    if (id !== this.#id) return false
    if (!got) this.#wait(id)
    return got
  }

  async takeOver(): Promise<void> {
    const id = this.#id
    if (this.#held || !id) return
    const given = () => this.#held || this.#id !== id
    this.#say({ kind: 'ask', id })
    for (let waited = 0; waited < patience && !given(); waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50))
    if (given()) return
    this.#waiting?.abort()
    this.#request(id, { steal: true }, () => {})
  }

  release(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
    this.#id = ''
    this.#held = false
    this.#give?.()
    this.#give = undefined
  }

  tell(id: string): void {
    this.#say({ kind: 'kept', id })
  }

  /** Leaves the document and hears and says nothing any more. */
  close(): void {
    this.release()
    this.#channel?.close()
    this.#channel = undefined
  }

  /** Whether the document could be had at once. */
  #ask(id: string): Promise<boolean> {
    return new Promise((resolve) => this.#request(id, { ifAvailable: true }, resolve))
  }

  #wait(id: string): void {
    this.#waiting = new AbortController()
    this.#request(id, { signal: this.#waiting.signal }, () => {})
  }

  #request(id: string, options: LockOptions, told: (got: boolean) => void): void {
    const mine = () => {
      this.#held = true
      told(true)
      if (!options.ifAvailable) this.#events.onHeld()
    }
    if (!this.#locks) return mine()
    let gone = false
    const request = this.#locks.request(`outcry.document.${id}`, options, (lock) => {
      if (!lock) return told(false)
      // The tab has turned to another document meanwhile.
      if (this.#id !== id) return told(false)
      const kept = new Promise<void>((resolve) => {
        this.#give = () => {
          gone = true
          resolve()
        }
      })
      mine()
      return kept
    })
    request.catch((error: unknown) => {
      if (gone || this.#id !== id) return
      const name = error instanceof DOMException ? error.name : ''
      if (name !== 'AbortError') return mine()
      // Aborted by ourselves, or taken over by another tab.
      if (!this.#held || options.signal?.aborted) return
      this.#held = false
      this.#give = undefined
      this.#events.onElsewhere()
      this.#wait(id)
    })
  }

  async #hear({ kind, id }: Word): Promise<void> {
    if (kind === 'kept') return this.#onKept(id)
    if (id !== this.#id || !this.#held) return
    await this.#events.onAsked()
    if (id !== this.#id || !this.#held) return
    this.#held = false
    this.#give?.()
    this.#give = undefined
    this.#events.onElsewhere()
    this.#wait(id)
  }

  #say(word: Word): void {
    this.#channel?.postMessage(word)
  }
}

/** Holds of a page that has no neighbours: everything is its own. */
export const alone: Holder = {
  hold: async () => true,
  takeOver: async () => {},
  release: () => {},
  tell: () => {},
}
