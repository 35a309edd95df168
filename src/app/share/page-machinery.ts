import type { DataSet } from '#data'
import { DataService, paceOf, type PaceScope } from '#session'
import esbuildUrl from 'virtual:esbuild'
import { firstRun } from '../first-run.ts'
import type { Machinery, Runner } from '../machinery.ts'
import { fetchBundled } from '../../../workers/bundled.ts'

/**
 * The machinery of a page that may start no worker of its own: prices are read, reports written and strategies compiled on
 * the page itself. Strategies still run in the sandbox and nowhere else.
 */
export class PageMachinery implements Machinery {
  readonly sandbox: Runner
  readonly spare: Machinery['spare']
  readonly #service = new DataService(
    fetchBundled,
    undefined,
    paceOf(globalThis as unknown as PaceScope, performance.now.bind(performance)),
  )
  #compiler: Promise<typeof import('../wasm-compiler.ts')> | undefined

  /** `spare` makes sandboxes. */
  constructor(spare: Machinery['spare']) {
    this.sandbox = spare()
    this.spare = spare
  }

  firstRun = firstRun

  load: Machinery['load'] = (id): Promise<DataSet> => this.#service.load(id)

  report: Machinery['report'] = (record, id) => this.#service.report(record, id)

  verify: Machinery['verify'] = (record, id) => this.#service.verify(record, id)

  messages: Machinery['messages'] = (record, id, instrument) => this.#service.messages(record, id, instrument)

  journal: Machinery['journal'] = async (record, id, format) => {
    const pieces: BlobPart[] = []
    await this.#service.journal(
      record,
      id,
      format,
      (piece) => void pieces.push(piece as Uint8Array<ArrayBuffer>),
    )
    return new Blob(pieces)
  }

  compile: Machinery['compile'] = async (source) => {
    this.#compiler ??= import('../wasm-compiler.ts')
    this.#compiler.catch(() => (this.#compiler = undefined))
    const { compileHere, loadCompiler } = await this.#compiler
    await loadCompiler(new URL(esbuildUrl, document.baseURI).href)
    return compileHere(source)
  }

  now: Machinery['now'] = () => performance.now()
}
