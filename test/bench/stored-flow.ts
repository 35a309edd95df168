import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** The words of a stored workload, undefined where the reference folder beside this one is absent. */
export function storedWords(name: string): Int32Array | undefined {
  const file = `../shared/bench/orderflow/${name}.bin.gz`
  if (!existsSync(file)) return undefined
  const { buffer, byteOffset, byteLength } = gunzipSync(readFileSync(file))
  return new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength))
}
