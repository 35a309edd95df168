/** The worker of the compiler: esbuild's WebAssembly behind two functions. */
import { expose } from 'comlink'
import { compileHere, loadCompiler } from '../src/app/wasm-compiler.ts'

const door = { load: loadCompiler, compile: compileHere }

export type CompilerDoor = typeof door
expose(door)
