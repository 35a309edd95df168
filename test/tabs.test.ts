import { expect, test, vi } from 'vitest'
import { Tabs } from '../src/app/tabs.ts'

function tab() {
  let shared = false
  const tabs = new Tabs((now) => (shared = now))
  return { tabs, shared: () => shared }
}

test('tabs that have the same strategy open know of each other until one leaves it', async () => {
  const [one, two, three] = [tab(), tab(), tab()]
  const known = () => [one, two, three].map(({ shared }) => shared())
  one.tabs.show('own:1')
  two.tabs.show('own:2')
  three.tabs.show('own:1')
  await vi.waitFor(() => expect(known()).toEqual([true, false, true]))
  two.tabs.show('own:1')
  await vi.waitFor(() => expect(known()).toEqual([true, true, true]))
  three.tabs.close()
  await vi.waitFor(() => expect(known()).toEqual([true, true, false]))
  one.tabs.show('sample:sma-crossover')
  await vi.waitFor(() => expect(known()).toEqual([false, false, false]))
  one.tabs.close()
  two.tabs.close()
})
