import type { Compilation, Source } from '#compile'

/** The strategy compiler in its worker. The 14 MB of WebAssembly behind it load on the first use or with `load()`. */
export declare class Compiler {
  constructor()
  /** Fetches and starts the compiler ahead of its first use. */
  load(): Promise<void>
  /** Rejects only when the compiler itself cannot be started; what is wrong with a strategy is in the result. */
  compile(source: Source): Promise<Compilation>
  dispose(): void
}
