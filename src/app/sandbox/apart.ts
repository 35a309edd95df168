/** Stands in a data set for a column that travels apart from it: its place among those. */
export interface ColumnApart {
  readonly columnApart: number
}

/** A data set's outline and, for some messages of their own, its columns. */
export interface Apart {
  readonly data: unknown
  /** Columns by message, in the order in which the outline counts them. */
  readonly messages: readonly (readonly ArrayBufferView[])[]
}

/** Bytes from which a column travels apart, and of the columns that one message takes; one that is longer goes alone. */
const large = 1 << 16
const message = 1 << 23

/**
 * Takes the large columns out of plain data. To copy a million bars for another thread takes longer than a page may keep
 * its reader waiting; a column at a time does not.
 */
export function takenApart(data: unknown): Apart {
  const messages: ArrayBufferView[][] = []
  let columns = 0
  let bytes = 0
  const column = (value: ArrayBufferView): ColumnApart => {
    if (messages.length === 0 || bytes + value.byteLength > message) {
      messages.push([])
      bytes = 0
    }
    messages.at(-1)!.push(value)
    bytes += value.byteLength
    return { columnApart: columns++ }
  }
  // What stands in two places is still one there.
  const known = new Map<object, unknown>()
  const outline = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (known.has(value)) return known.get(value)
    const made = ArrayBuffer.isView(value)
      ? value.byteLength < large
        ? value
        : column(value)
      : Array.isArray(value)
        ? value.map(outline)
        : Object.fromEntries(Object.entries(value).map(([name, part]) => [name, outline(part)]))
    known.set(value, made)
    return made
  }
  return { data: outline(data), messages }
}

/** Puts the columns back into their outline, which becomes the data set. */
export function putTogether(value: unknown, columns: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  const { columnApart } = value as Partial<ColumnApart>
  if (typeof columnApart === 'number') return columns[columnApart]
  const parts = value as Record<string, unknown>
  for (const name of Object.keys(parts)) parts[name] = putTogether(parts[name], columns)
  return value
}
