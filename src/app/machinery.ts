import { transfer, wrap, type Remote } from 'comlink'
import type { ReportedRun } from '#session'
import type { DataDoor } from '../../workers/data.ts'
import DataWorker from '../../workers/data.ts?worker'
import type { Compiler } from './compiler.ts'
import type { Machinery, Runner } from './playground.svelte.ts'
import type { Sandbox } from './sandbox/sandbox.ts'

/** A sandbox whose code is fetched when it is first needed, so that it does not hold up the first chart. */
class LateSandbox implements Runner {
  #sandbox: Promise<Sandbox> | undefined

  #made(): Promise<Sandbox> {
    this.#sandbox ??= import('./sandbox/sandbox.ts').then(({ Sandbox }) => new Sandbox())
    this.#sandbox.catch(() => (this.#sandbox = undefined))
    return this.#sandbox
  }

  prepare: Runner['prepare'] = async (program, data) => (await this.#made()).prepare(program, data)
  run: Runner['run'] = async (request, events) => (await this.#made()).run(request, events)
  stop: Runner['stop'] = async () => (await this.#sandbox)?.stop()
  dispose: Runner['dispose'] = () => void this.#sandbox?.then((sandbox) => sandbox.dispose())
}

/** The workers of this page, each started when it is first needed. */
export class BrowserMachinery implements Machinery {
  readonly sandbox: Runner = new LateSandbox()
  readonly #data: Remote<DataDoor> = wrap<DataDoor>(new DataWorker())
  #compiler: Promise<Compiler> | undefined

  load: Machinery['load'] = (id) => this.#data.load(id)

  report: Machinery['report'] = async (record, id) => {
    const { buffersOf } = await import('#session')
    return this.#data.report(transfer(record, buffersOf(record)), id) as Promise<ReportedRun>
  }

  compile: Machinery['compile'] = async (source) => {
    this.#compiler ??= import('./compiler.ts').then(({ Compiler }) => new Compiler())
    this.#compiler.catch(() => (this.#compiler = undefined))
    return (await this.#compiler).compile(source)
  }

  spare: Machinery['spare'] = () => new LateSandbox()

  now: Machinery['now'] = () => performance.now()
}
