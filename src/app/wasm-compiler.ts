import { compile, type Compilation, type Source } from '#compile'
import * as esbuild from 'esbuild-wasm/esm/browser.js'
import * as outcry from 'outcry'

let starting: Promise<void> | undefined

async function start(url: string): Promise<void> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`The compiler could not be loaded: ${response.status} for ${url}.`)
  const file = await response.blob()
  // A server may have unpacked the file on its way: gzip starts with 1f 8b, WebAssembly with 0.
  const packed = (await file.slice(0, 1).text()) === '\x1f'
  const stream = packed ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream()
  const wasm = new Response(stream, { headers: { 'content-type': 'application/wasm' } })
  await esbuild.initialize({ wasmModule: await WebAssembly.compileStreaming(wasm), worker: false })
  // The first build makes the browser compile most of the WebAssembly: half a second that nobody need wait for later.
  await compileHere({ files: { 'a.ts': 'export default class extends Object {}' }, entry: 'a.ts' })
}

/** Fetches esbuild's WebAssembly and starts it in this thread, once; after a failure the next call tries again. */
export const loadCompiler = (url: string): Promise<void> =>
  (starting ??= start(url).catch((error) => ((starting = undefined), Promise.reject(error))))

/** Compiles a strategy in this thread. The compiler has to be loaded. */
export const compileHere = (source: Source): Promise<Compilation> =>
  compile(esbuild, source, Object.keys(outcry))
