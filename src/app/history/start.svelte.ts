import { untrack } from 'svelte'
import type { Playground } from '../playground.svelte.ts'
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
  playground.history = history
  const stop = $effect.root(() => {
    $effect(() => {
      const { id } = library
      untrack(() => void history.open(id))
    })
    $effect(() => {
      const { result } = playground
      // What the build worked out ahead is no run of this page.
      if (result && !Number.isNaN(result.milliseconds))
        untrack(() => void history.record(result, !library.shared))
    })
  })
  return () => {
    void history.flush()
    stop()
    channel?.close()
  }
}
