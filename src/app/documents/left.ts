import { forget, keep, keptNames, recall } from '../storage.ts'
import type { StoredDocument } from './document.ts'

/** A document that a page had not kept yet when it went. */
export interface LeftWork {
  /** As it would have been kept; its revision is the one that was changed. */
  readonly document: StoredDocument
  /** `changed` of the same page's earlier text that was on its way into the store. */
  readonly underWay?: number | undefined
  /** Whether it is a sample as it came again, of which nothing is to be kept. */
  readonly pristine?: boolean | undefined
}

/** Where a page that goes leaves what it has not kept yet, at once, for the next one. */
export interface LeftWorks {
  /** Leaves this in place of what this page left before. False where the browser does not take it. */
  leave(works: readonly LeftWork[]): boolean
  /** Hands over what other pages left. A page's works are forgotten once `use` has taken all of them. */
  take(use: (work: LeftWork) => Promise<boolean>): Promise<void>
}

/** Characters of text that a page may leave: browsers give a page about 5 million for all that it keeps so. */
export const mostLeft = 2_000_000

/** Leaves works in this browser's local storage, which is written before the page is gone. */
export class BrowserLeftWorks implements LeftWorks {
  /** Every page its own: pages that go together do not write over one another. */
  readonly #name: string
  #left = false

  constructor(page: string) {
    this.#name = `left.${page}`
  }

  leave(works: readonly LeftWork[]): boolean {
    if (works.length === 0) {
      if (this.#left) forget(this.#name)
      this.#left = false
      return true
    }
    const length = works
      .flatMap(({ document }) => Object.values(document.files))
      .reduce((sum, text) => sum + text.length, 0)
    if (length > mostLeft || !keep(this.#name, works)) return false
    return (this.#left = true)
  }

  async take(use: (work: LeftWork) => Promise<boolean>): Promise<void> {
    for (const name of keptNames('left.')) {
      if (name === this.#name) continue
      const { readLeft } = await import('./read-left.ts')
      const found = recall(name)
      let taken = true
      for (const work of readLeft(found)) taken = (await use(work)) && taken
      // Its page may have been hidden only, and have written again meanwhile.
      if (taken && JSON.stringify(recall(name)) === JSON.stringify(found)) forget(name)
    }
  }
}

/** For a page that is not to touch the browser's storage. */
export const nowhere: LeftWorks = { leave: (works) => works.length === 0, take: async () => {} }
