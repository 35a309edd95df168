/** Made by the build, from `src/app/sandbox/boot.ts` and `workers/session.ts`. */
declare module 'virtual:sandbox' {
  /** The frame's script. */
  export const boot: string
  /** Its `sha256-…` as a content security policy spells it. */
  export const bootHash: string
  /** Where the engine's one line of script lies. */
  export const engineUrl: string
}

/** Made by the build from the npm package: the compiler's WebAssembly, gzipped. */
declare module 'virtual:esbuild' {
  const url: string
  export default url
}

/** Made by the build from `sample-strategies`: all but their text, which is loaded when asked for. */
declare module 'virtual:samples' {
  import type { Program } from '#compile'

  export interface Sample {
    /** File name without its ending. */
    readonly id: string
    /** First line of the opening comment. */
    readonly title: string
    /** The sentence that follows it. */
    readonly thesis: string
    load(): Promise<SampleText>
  }

  export interface SampleText {
    /** As it lies in the file. */
    readonly source: string
    /** The same, compiled by the build. */
    readonly program: Program
  }

  export const samples: readonly Sample[]
}

/** Made by the build: what the first sample comes to, as the gzipped bytes of `encodeColumns`. */
declare module 'virtual:first-run' {
  /** Id of the sample. */
  export const sample: string
  export const address: string
}

/** Made by the build from the same declarations that the editor knows: every name of the strategy API with what is said of it. */
declare module 'virtual:reference' {
  import type { ReferenceEntry } from '#compile'

  /** In the order of their groups, and in those by name. */
  export const entries: readonly ReferenceEntry[]
  /** As a table of contents. */
  export const groups: readonly string[]
}

declare module 'virtual:outcry-declarations' {
  /** The declarations of all that `import … from 'outcry'` gives, with their doc comments, as one module. */
  const text: string
  export default text
}
