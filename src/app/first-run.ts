import type { Report } from '#analysis'
import type { DataSet } from '#data'
import type { RunRecord } from '#engine'
import { address } from 'virtual:first-run'
import { decodeColumns } from './columnar.ts'

/** What the first sample comes to on its data, worked out by the build with the engine that it ships. */
export interface FirstRun {
  readonly data: DataSet
  readonly record: RunRecord
  readonly report: Report
}

/** Fetches it: so the first screen shows a result before the engine, its sandbox and the prices have come. */
export async function firstRun(): Promise<FirstRun> {
  const response = await fetch(address)
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`)
  const unpacked = response.body.pipeThrough(new DecompressionStream('gzip'))
  return decodeColumns(new Uint8Array(await new Response(unpacked).arrayBuffer())) as FirstRun
}
