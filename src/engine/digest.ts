import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { CourseRecord } from './record.ts'

/**
 * SHA-256 over what a run of one strategy did, or one strategy of a run: its orders, fills and refusals, and a checksum of its equity curve. Columns are hashed
 * as the little-endian bytes they are kept in, which every machine that runs a browser today shares.
 *
 * @returns 64 hexadecimal digits
 */
export function digest(record: CourseRecord): string {
  const hash = sha256.create()
  for (const columns of [record.orders, record.fills])
    for (const [name, column] of Object.entries(columns) as [string, Float64Array][]) {
      hash.update(utf8ToBytes(`${name} ${column.length};`))
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
    }
  hash.update(utf8ToBytes(record.rules.join(';')))
  for (const { order, time, code } of record.refusals) hash.update(utf8ToBytes(`${order} ${time} ${code};`))
  addAccount(hash, record)
  return bytesToHex(hash.digest())
}

/**
 * SHA-256 over what several strategies of one run did: the digests of their parts, the order in which their orders, fills and
 * refusals followed one another, and a checksum of the account's equity curve.
 *
 * @param parts digests of the strategies, in their order
 * @returns 64 hexadecimal digits
 */
export function jointDigest(record: CourseRecord, parts: readonly string[]): string {
  const hash = sha256.create()
  hash.update(utf8ToBytes(parts.join(';')))
  const { orders, refusals } = record.owners!
  for (const column of [orders, record.fills.order, refusals]) {
    hash.update(utf8ToBytes(`${column.length};`))
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  }
  addAccount(hash, record)
  return bytesToHex(hash.digest())
}

function addAccount(
  hash: ReturnType<typeof sha256.create>,
  { currencies = [], equity, bars }: CourseRecord,
): void {
  for (const { currency, rate, cash } of currencies)
    hash.update(utf8ToBytes(`${currency} ${checksum(rate)} ${checksum(cash)};`))
  hash.update(utf8ToBytes(`${bars} ${checksum(equity.value)} ${checksum(equity.cash)}`))
}

/** FNV-1a over 32-bit words in two lanes: quick over millions of rows, and every changed bit shows. */
function checksum(values: Float64Array): string {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  let low = 0x811c9dc5
  let high = 0x811c9dc5 ^ values.length
  for (let i = 0; i < words.length; i += 2) {
    low = Math.imul(low ^ words[i]!, 0x01000193)
    high = Math.imul(high ^ words[i + 1]! ^ low, 0x01000193)
  }
  return `${low >>> 0}.${high >>> 0}`
}
