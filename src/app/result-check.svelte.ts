import type { RunRecord, Verdict } from '#engine'
import { reasonOf } from './reason.ts'

/** Milliseconds after a result before it is checked: while an input is dragged the next one is there sooner. */
const pause = 300

/** How the check of a result stands. */
export type Standing =
  | { readonly kind: 'checking' }
  | { readonly kind: 'agrees' }
  /** It is not what its requests come to: somebody has altered the engine that made it. */
  | { readonly kind: 'differs'; readonly difference: string }
  | { readonly kind: 'unchecked'; readonly reason: string }

/**
 * Checks results after they are shown: the strategy's own worker made them, so their requests are replayed in another
 * one, where none of its code is.
 */
export class ResultCheck {
  readonly #verify: (record: RunRecord, address: string) => Promise<Verdict>
  #standing = $state.raw<Standing>()
  /** Digest of the result that it is about. */
  #digest = ''
  #turn = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(verify: (record: RunRecord, address: string) => Promise<Verdict>) {
    this.#verify = verify
  }

  /** How it stands with a result; undefined where nobody has begun. */
  of(record: RunRecord | undefined): Standing | undefined {
    const standing = this.#standing
    return record?.digest === this.#digest ? standing : undefined
  }

  /** Begins with a new result on a data set; a check of an earlier one is given up. */
  begin(record: RunRecord, address: string): void {
    const turn = ++this.#turn
    this.#digest = record.digest
    this.#standing = { kind: 'checking' }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      void this.#check(record, address).then((standing) => {
        if (turn === this.#turn) this.#standing = standing
      })
    }, pause)
  }

  async #check(record: RunRecord, address: string): Promise<Standing> {
    try {
      const verdict = await this.#verify(record, address)
      return verdict.agrees ? { kind: 'agrees' } : { kind: 'differs', difference: verdict.difference }
    } catch (error) {
      return { kind: 'unchecked', reason: reasonOf(error) }
    }
  }
}
