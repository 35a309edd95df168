/**
 * Whether the page works without a network, and whether a newer version of it waits. The page never reloads by itself:
 * somebody may be in the middle of a sentence.
 */
export class Offline {
  #ready = $state(false)
  #update = $state.raw<() => Promise<void>>()

  /** Whether everything that the page needs is kept in the browser. */
  get ready(): boolean {
    return this.#ready
  }
  /** Changes to the newer version that waits, and reloads; undefined where there is none. */
  get update(): (() => Promise<void>) | undefined {
    return this.#update
  }

  /**
   * Keeps the page for use without a network. A page that is asked for with `?nosw` forgets all that was kept instead,
   * for whoever wants to be sure of what he sees.
   */
  async start(): Promise<void> {
    if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
    try {
      if (new URLSearchParams(location.search).has('nosw')) {
        for (const registration of await navigator.serviceWorker.getRegistrations())
          await registration.unregister()
        for (const name of await caches.keys()) await caches.delete(name)
        return
      }
      const { registerSW } = await import('virtual:pwa-register')
      let registration: ServiceWorkerRegistration | undefined
      registerSW({
        onOfflineReady: () => (this.#ready = true),
        onNeedRefresh: () => (this.#update = () => change(registration)),
        onRegisteredSW: (_, registered) => {
          registration = registered
          if (registered?.active) this.#ready = true
        },
        onRegisterError: () => {},
      })
    } catch {
      // Where the browser keeps nothing, in private windows and frames, the page works with a network only.
    }
  }

  /** Lets the newer version wait. */
  later(): void {
    this.#update = undefined
  }
}

/** Lets the worker that waits take over, and loads the page that belongs to it. */
async function change(registration: ServiceWorkerRegistration | undefined): Promise<void> {
  const waiting = registration?.waiting
  if (waiting)
    await new Promise<void>((done) => {
      waiting.addEventListener('statechange', () => {
        if (waiting.state === 'activated') done()
      })
      waiting.postMessage({ type: 'SKIP_WAITING' })
    })
  location.reload()
}
