/** Kinds of columns that a file may hold, by the names that stand in it. */
const kinds = { f64: Float64Array, i32: Int32Array, i8: Int8Array, u8: Uint8Array } as const
type Kind = keyof typeof kinds

/** Names of the fields that stand for a column within the text of a file. */
interface Placeholder {
  readonly $column: Kind
  /** Bytes from the start of the columns. */
  readonly at: number
  readonly length: number
}

/**
 * Plain data with typed arrays as the bytes of one file: the length of a text, the text, which is JSON with a
 * placeholder for every column and for numbers that JSON does not have, then the columns. Little endian, as every machine that runs a browser today.
 */
export function encodeColumns(value: unknown): Uint8Array<ArrayBuffer> {
  const columns: Uint8Array[] = []
  let size = 0
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'number' && !Number.isFinite(part)) return { $number: String(part) }
    const kind = (Object.keys(kinds) as Kind[]).find((name) => part instanceof kinds[name])
    if (!kind) return part
    const column = part as Float64Array
    const at = size
    columns.push(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
    // Every column begins at a multiple of eight bytes, so that it can be read in place.
    size += Math.ceil(column.byteLength / 8) * 8
    return { $column: kind, at, length: column.length } satisfies Placeholder
  })
  const head = new TextEncoder().encode(text)
  const start = Math.ceil((8 + head.length) / 8) * 8
  const file = new Uint8Array(start + size)
  new DataView(file.buffer).setUint32(0, head.length, true)
  file.set(head, 8)
  let at = start
  for (const column of columns) {
    file.set(column, at)
    at += Math.ceil(column.byteLength / 8) * 8
  }
  return file
}

/**
 * What `encodeColumns` made a file of. The columns share the file's memory.
 *
 * @throws RangeError or SyntaxError when it is not such a file
 */
export function decodeColumns(file: Uint8Array<ArrayBuffer>): unknown {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true)
  const start = Math.ceil((8 + length) / 8) * 8
  const text = new TextDecoder().decode(file.subarray(8, 8 + length))
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null) return part
    if ('$number' in part) return Number(part.$number)
    if (!('$column' in part)) return part
    const { $column, at, length } = part as Placeholder
    return new kinds[$column](file.buffer, file.byteOffset + start + at, length)
  })
}
