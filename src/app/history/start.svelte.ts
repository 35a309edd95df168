import { untrack } from 'svelte'
import type { Playground } from '../playground.svelte.ts'
import type { Result } from '../run.ts'
import { History } from './history.svelte.ts'
import { BrowserSnapshots } from './store.ts'

/** Lets every run of the playground become a snapshot, and the history follow the open strategy. Gives the way to end it. */
export function startHistory(playground: Playground): () => void {
  const store = new BrowserSnapshots()
  let channel: BroadcastChannel | undefined
  try {
    channel = new BroadcastChannel('outcry.history')
  } catch {
    // A page without an origin has no neighbours.
  }
  const history = new History(store, (document) => channel?.postMessage(document))
  if (channel) channel.onmessage = ({ data }) => void history.read(String(data))
  const { library } = playground
  // The text comes before what it was.
  library.makeRoom = async () => (await store.deleteOldest(20)) > 0
  const { early } = playground
  playground.early = []
  playground.history = history
  /** Runs are recorded in the order in which they came. */
  let recorded: Promise<void> = Promise.resolve()
  const record = (result: Result) => {
    const keep = !library.shared
    // What the build worked out ahead is no run of this page.
    if (!Number.isNaN(result.milliseconds))
      recorded = recorded.then(() => history.record(result, keep)).catch(() => {})
  }
  const stop = $effect.root(() => {
    $effect(() => {
      const { id } = library
      untrack(() => void history.open(id))
    })
    untrack(() => {
      void history.open(library.id)
      for (const result of early) record(result)
    })
    $effect(() => {
      const { result } = playground
      if (result) untrack(() => record(result))
    })
  })
  return () => {
    void history.flush()
    stop()
    channel?.close()
  }
}
