import type { Compilation, Source } from '#compile'
import { type Remote, wrap } from 'comlink'
import esbuildUrl from 'virtual:esbuild'
import type { CompilerDoor } from '../../workers/compiler.ts'

/** The strategy compiler in its worker. The 14 MB of WebAssembly behind it load on the first use or with `load()`. */
export class Compiler {
  #worker: Worker | undefined
  #door: Remote<CompilerDoor> | undefined

  /** Fetches and starts the compiler ahead of its first use. */
  async load(): Promise<void> {
    await this.#open().load(new URL(esbuildUrl, document.baseURI).href)
  }

  /** Rejects only when the compiler itself cannot be started; what is wrong with a strategy is in the result. */
  async compile(source: Source): Promise<Compilation> {
    await this.load()
    return await this.#open().compile(source)
  }

  dispose(): void {
    this.#worker?.terminate()
    this.#worker = this.#door = undefined
  }

  #open(): Remote<CompilerDoor> {
    this.#worker ??= new Worker(new URL('../../workers/compiler.ts', import.meta.url), {
      type: 'module',
      name: 'compiler',
    })
    this.#door ??= wrap<CompilerDoor>(this.#worker)
    return this.#door
  }
}
