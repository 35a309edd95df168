import { proxy, type Remote } from 'comlink'
import type { DeskLine } from '../import/imports.svelte.ts'
import { reasonOf } from '../reason.ts'
import type { ImportedSet } from '../store/imported-set.ts'
import { addressOf } from '../store/view.ts'
import type { NewRecording } from './recorded-set.ts'
import type { RecordingDesk, RecordingPlan, RecordingReport } from './recording-desk.ts'

/** Files of recorded orders from the page's hand to the library: what is found, what only their owner can tell, and what is open. */
export class AddingRecording {
  readonly #line: DeskLine
  readonly #hold: (made: NewRecording) => Promise<ImportedSet>
  readonly #desk: Promise<Remote<RecordingDesk>>
  #report = $state.raw<RecordingReport>()
  #problem = $state<string>()
  #blocked = $state<string>()
  #progress = $state.raw({ bytes: 0, total: 0 })
  #busy = $state(false)
  #turn = 0

  name = $state('')
  symbol = $state('')
  /** Empty where it is not known. */
  date = $state('')
  zone = $state('America/New_York')
  tick = $state(0.01)
  /** Whether the lines that cannot be read may be left out. */
  leaveOut = $state(false)

  constructor(line: DeskLine, hold: (made: NewRecording) => Promise<ImportedSet>) {
    this.#line = line
    this.#hold = hold
    this.#desk = line.desk.then((desk) => desk.recordings()) as unknown as Promise<Remote<RecordingDesk>>
    this.#desk.catch(() => {})
  }

  /** What the files came to; undefined until they have been read. */
  get report(): RecordingReport | undefined {
    return this.#report
  }
  /** Why they could not be read or kept. */
  get problem(): string | undefined {
    return this.#problem
  }
  /** Why the browser keeps nothing, or no more. */
  get blocked(): string | undefined {
    return this.#blocked
  }
  get progress() {
    return this.#progress
  }
  get busy(): boolean {
    return this.#busy
  }

  /** What still has to be said before they can be added; undefined where nothing. */
  readonly open: string | undefined = $derived.by(() => {
    const report = this.#report
    if (!report) return this.#busy ? 'Still reading.' : 'There is nothing to add.'
    if (this.symbol.trim() === '') return 'The instrument needs a name.'
    if (report.layout === 'lobster' && !/^\d{4}-\d{2}-\d{2}$/.test(this.date))
      return 'Which day is it? The times count from its midnight.'
    if (report.unreadableCount > 0 && !this.leaveOut) return 'Some lines cannot be read.'
    return undefined
  })

  /** Reads these files in place of any before. */
  async read(files: readonly File[]): Promise<void> {
    const turn = ++this.#turn
    this.#report = undefined
    this.#problem = undefined
    this.#busy = true
    this.leaveOut = false
    try {
      const report = await this.#ask((desk) =>
        desk.read(
          [...files],
          proxy((bytes: number, total: number) => {
            if (turn === this.#turn) this.#progress = { bytes, total }
          }),
        ),
      )
      if (turn !== this.#turn) return
      this.#report = report
      this.symbol = report.symbol
      this.date = report.date ?? ''
      this.tick = report.tick
      this.name = [report.symbol, report.date ?? '', 'orders'].filter(Boolean).join(' ').slice(0, 80)
    } catch (error) {
      if (turn === this.#turn) this.#problem = reasonOf(error)
    } finally {
      if (turn === this.#turn) this.#busy = false
    }
  }

  /** Stores them and gives their address; undefined where that was not possible, and `problem` says why. */
  store(): Promise<string | undefined> {
    return this.#place((plan) => this.#ask((desk) => desk.add(plan)))
  }

  /** Hands them to the page, which holds them for this visit, and gives their address. */
  hold(): Promise<string | undefined> {
    return this.#place(async (plan) => this.#hold(await this.#ask((desk) => desk.made(plan))))
  }

  /** Ends the worker, whatever it is doing; nothing half done stays behind. */
  end(): void {
    this.#turn++
    this.#line.end()
  }

  async #place(put: (plan: RecordingPlan) => Promise<ImportedSet>): Promise<string | undefined> {
    if (this.open !== undefined || this.#busy) return undefined
    this.#busy = true
    this.#problem = undefined
    try {
      const { symbol, tick, date, zone } = this
      const name = this.name.trim() || `${symbol.trim()} orders`
      const { id, view } = await put({ name, symbol: symbol.trim(), tick, date, zone })
      return addressOf(id, view)
    } catch (error) {
      this.#problem = this.#blocked = reasonOf(error)
      return undefined
    } finally {
      this.#busy = false
    }
  }

  async #ask<Answer>(question: (desk: Remote<RecordingDesk>) => Promise<Answer>): Promise<Answer> {
    return Promise.race([question(await this.#desk), this.#line.broken])
  }
}
