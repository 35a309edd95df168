import { transfer, wrap, type Remote } from 'comlink'
import { buffersOf, type ReportedRun } from '#session'
import type { DataDoor } from '../../workers/data.ts'
import DataWorker from '../../workers/data.ts?worker'
import type { Machinery } from './playground.svelte.ts'
import { Sandbox } from './sandbox/sandbox.ts'

/** The workers of this page, each started when it is first needed. */
export class BrowserMachinery implements Machinery {
  readonly sandbox = new Sandbox()
  readonly #data: Remote<DataDoor> = wrap<DataDoor>(new DataWorker())
  #compiler: Promise<import('./compiler.ts').Compiler> | undefined

  load: Machinery['load'] = (id) => this.#data.load(id)

  report: Machinery['report'] = (record, id) =>
    this.#data.report(transfer(record, buffersOf(record)), id) as Promise<ReportedRun>

  compile: Machinery['compile'] = async (source) => {
    this.#compiler ??= import('./compiler.ts').then(({ Compiler }) => new Compiler())
    this.#compiler.catch(() => (this.#compiler = undefined))
    return (await this.#compiler).compile(source)
  }

  spare: Machinery['spare'] = () => new Sandbox()

  now: Machinery['now'] = () => performance.now()
}
