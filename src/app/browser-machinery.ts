import type { Remote } from 'comlink'
import type { RunRecord, Verdict } from '#engine'
import type { DataDoor } from '../../workers/data.ts'
import type { DataStore } from './store/data-store.ts'
import DataWorker from '../../workers/data.ts?worker'
import { drawnBy, runDrawnBy } from './chart/levels.ts'
import type { Compiler } from './compiler.ts'
import { firstRun } from './first-run.ts'
import type { Machinery, Runner } from './machinery.ts'
import type { Sandbox } from './sandbox/sandbox.ts'

/** A sandbox whose code is fetched when it is first needed, so that it does not hold up the first chart. */
export class LateSandbox implements Runner {
  #sandbox: Promise<Sandbox> | undefined

  #made(): Promise<Sandbox> {
    this.#sandbox ??= import('./sandbox/sandbox.ts').then(({ Sandbox }) => new Sandbox())
    this.#sandbox.catch(() => (this.#sandbox = undefined))
    return this.#sandbox
  }

  prepare: Runner['prepare'] = async (program, data) => (await this.#made()).prepare(program, data)
  run: Runner['run'] = async (request, events) => (await this.#made()).run(request, events)
  pause: Runner['pause'] = async () => (await this.#sandbox)?.pause()
  watch: Runner['watch'] = async (watching) => (await this.#sandbox)?.watch(watching)
  goOn: Runner['goOn'] = async (bars) => (await this.#sandbox)?.goOn(bars)
  stop: Runner['stop'] = async () => (await this.#sandbox)?.stop()
  dispose: Runner['dispose'] = () => void this.#sandbox?.then((sandbox) => sandbox.dispose())
}

/** The data worker's door, for as long as the worker works. */
export interface DataWorkerLine {
  readonly door: Promise<Remote<DataDoor>>
  /** Rejects when the worker breaks. */
  readonly broken: Promise<never>
  /** Ends the worker, whatever it is doing. */
  end(): void
}

function dataWorker(): DataWorkerLine {
  const worker = new DataWorker()
  const broken = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      worker.terminate()
      reject(new Error(message || 'the part of the program that reads them could not be fetched'))
    })
  })
  return {
    door: import('comlink').then(({ wrap }) => wrap<DataDoor>(worker)),
    broken,
    end: () => worker.terminate(),
  }
}

/** A record, or what is left of one, without the lines that strategies draw. */
const withoutLines = <Of extends { readonly strategies?: readonly object[] }>(record: Of): Of => ({
  ...record,
  plots: [],
  ...(record.strategies && { strategies: record.strategies.map((part) => ({ ...part, plots: [] })) }),
})

/** The workers of this page, each started when it is first needed. */
export class BrowserMachinery implements Machinery {
  readonly sandbox: Runner = new LateSandbox()
  #data: DataWorkerLine | undefined
  #library: { readonly of: DataWorkerLine; readonly door: Promise<Remote<DataStore>> } | undefined
  #compiler: Promise<Compiler> | undefined

  firstRun = firstRun

  load: Machinery['load'] = async (id) => drawnBy(await this.#ask((door) => door.load(id)))

  outline: Machinery['outline'] = (id) => this.#ask((door) => door.outline(id))

  report: Machinery['report'] = async (record, id) => {
    // Taken apart at once, so that the build leaves out what is not named.
    const { buffersOf } = await import('#session')
    const { transfer } = await import('comlink')
    const moved = transfer(record, buffersOf(record))
    return runDrawnBy(await this.#ask((door) => door.report(moved, id)))
  }

  // The lines that a strategy draws are its own affair, and the greater part of a long record.
  verify: Machinery['verify'] = (record, id) =>
    this.#ask((door) => door.verify(withoutLines(record), id) as Promise<Verdict>)

  messages: Machinery['messages'] = (record, id, instrument) =>
    this.#ask((door) => door.messages(withoutLines(record), id, instrument))

  journal: Machinery['journal'] = async (record, id, format) => {
    const { proxy } = await import('comlink')
    const pieces: BlobPart[] = []
    // What another thread sent is never shared with it.
    const take = proxy((piece: Uint8Array) => void pieces.push(piece as Uint8Array<ArrayBuffer>))
    await this.#ask((door) => door.journal(withoutLines(record), id, format, take))
    return new Blob(pieces)
  }

  /** An answer of the data worker, or an error when it cannot be started; the next question then starts another. */
  #ask<Answer>(question: (door: Remote<DataDoor>) => Promise<Answer>): Promise<Answer> {
    const line = this.#line
    Promise.all([line.door, line.broken]).catch(() => {
      if (this.#data === line) this.#data = undefined
    })
    return Promise.race([line.door.then(question), line.broken])
  }

  get #line(): DataWorkerLine {
    return (this.#data ??= dataWorker())
  }

  /**
   * The library of imported data. It is held for as long as its worker works: comlink cuts the line of what nobody holds any
   * more, and questions that are open on it are then never answered.
   */
  library(): Promise<Remote<DataStore>> {
    const line = this.#line
    if (this.#library?.of !== line) {
      const library = { of: line, door: this.#ask((door) => door.library()) }
      library.door.catch(() => this.#library === library && (this.#library = undefined))
      this.#library = library
    }
    return this.#library.door
  }

  /** An imported data set was changed: what the data worker holds of it is of no use any more. */
  forget = () => void this.#data?.door.then((door) => door.forget())

  /** Another data worker beside the first, for one import: its memory goes with it. */
  importWorker = dataWorker

  compile: Machinery['compile'] = async (source) => {
    this.#compiler ??= import('./compiler.ts').then(({ Compiler }) => new Compiler())
    this.#compiler.catch(() => (this.#compiler = undefined))
    return (await this.#compiler).compile(source)
  }

  spare: Machinery['spare'] = () => new LateSandbox()

  now: Machinery['now'] = () => performance.now()
}
