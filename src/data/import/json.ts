/** Bars out of a JSON document as rows of cells, the first of them names where the document has names. */
export interface JsonTable {
  readonly rows: string[][]
  readonly named: boolean
  /** Where each row stands, from 1: its line where there is a value on each, else its place among the rows. */
  readonly lines: readonly number[]
}

type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/**
 * The table of a JSON document: an array of objects or of arrays, objects by time, columns as arrays, at any depth and
 * below the names of instruments; or one JSON value a line. A sentence says why there is none.
 */
export function jsonTable(text: string): JsonTable | string {
  let value: Json
  /** Lines of the values, where there is one on each. */
  const lines: number[] = []
  try {
    value = JSON.parse(text) as Json
    if (isOperation(value)) return operations
  } catch (error) {
    const values: Json[] = []
    for (const [at, line] of text.split(/\r\n|\n|\r/).entries()) {
      if (line.trim() === '') continue
      try {
        values.push(JSON.parse(line) as Json)
      } catch {
        return `This is no JSON: ${error instanceof Error ? error.message : String(error)}.`
      }
      lines.push(at + 1)
    }
    value = values
  }
  if (Array.isArray(value) && value.length > 0 && value.slice(0, 20).every(isOperation)) return operations
  const found: Found[] = []
  search(value, [], found, 0)
  if (found.length === 0)
    return 'The JSON holds no table: expected an array of bars, or columns of equal length.'
  const best = found.reduce((a, b) => (b.rows.length > a.rows.length ? b : a))
  const placed = (rows: string[][], named: boolean): JsonTable => {
    const before = named ? 1 : 0
    const own = best.rows.length === lines.length && rows.length - before === lines.length
    return { rows, named, lines: rows.map((_, row) => (own ? (lines[row - before] ?? 0) : row + 1 - before)) }
  }
  const named = best.names !== undefined
  const like = found.filter(
    (other) =>
      other.kind === best.kind && other.depth === best.depth && String(other.names) === String(best.names),
  )
  if (like.length > 1 && named) {
    // The same table below several names: those of instruments.
    const rows = [['symbol', ...best.names!]]
    for (const { key, rows: part } of like) for (const row of part) rows.push([key, ...row])
    return placed(rows, true)
  }
  const symbol = named && !best.names!.some((name) => symbolName.test(name)) ? symbolIn(value, 0) : undefined
  if (symbol !== undefined)
    return placed([['symbol', ...best.names!], ...best.rows.map((row) => [symbol, ...row])], named)
  return placed(named ? [best.names!, ...best.rows] : best.rows, named)
}

const operations =
  'These are recorded orders (operations on a book), not prices. On the command line outcry book shows the book that they make, and outcry run STRATEGY.ts --data runs a strategy on them, each with this file.'

/** Whether a value is what is done to a book, one a line of a file of recorded orders. */
const isOperation = (value: Json): boolean =>
  isObject(value) &&
  typeof value.op === 'string' &&
  /^(?:book|add|cancel|change|levels|find|massCancel|position|endDay|halt|auction|resume)$/.test(value.op)

const symbolName = /(?:^|[^a-z])(?:symbol|ticker|instrument)$/i

/** The one symbol that a document tells beside its table; undefined where it tells none, or several. */
function symbolIn(value: Json, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null || depth > 4) return undefined
  const found = new Set<string>()
  for (const [name, item] of Object.entries(value).slice(0, 100)) {
    const symbol =
      typeof item === 'string' && symbolName.test(name) && /^\S{1,40}$/.test(item)
        ? item
        : symbolIn(item, depth + 1)
    if (symbol !== undefined) found.add(symbol)
  }
  return found.size === 1 ? [...found][0] : undefined
}

interface Found {
  readonly kind: 'objects' | 'arrays' | 'columns' | 'byTime'
  readonly depth: number
  /** Name that the table stands under. */
  readonly key: string
  readonly names: string[] | undefined
  readonly rows: string[][]
}

const deepest = 8

function search(value: Json, path: readonly string[], found: Found[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth > deepest || found.length > 10_000) return
  const named = path.filter(
    (part) =>
      !/^\d+$|^(bars|data|results?|candles|values|prices|quotes?|series|ohlcv?|rows|items)$/i.test(part),
  )
  const key = named[named.length - 1] ?? path[path.length - 1] ?? ''
  const add = (kind: Found['kind'], names: string[] | undefined, rows: string[][]) =>
    void found.push({ kind, depth, key, names, rows })
  if (Array.isArray(value)) {
    if (value.length === 0) return
    if (value.every((item) => Array.isArray(item) && item.length > 1 && item.every(isPlain))) {
      add(
        'arrays',
        undefined,
        (value as Json[][]).map((row) => row.map(cellOf)),
      )
      return
    }
    if (value.every((item) => isObject(item))) {
      const rows = value as { [name: string]: Json }[]
      const names = namesOf(rows)
      if (names.length > 1 && rows.some((row) => Object.values(row).filter(isPlain).length > 1))
        add(
          'objects',
          names,
          rows.map((row) => names.map((name) => cellOf(valueAt(row, name)))),
        )
    }
    value.forEach((item, at) => {
      if (typeof item === 'object' && at < 100) search(item, [...path, String(at)], found, depth + 1)
    })
    return
  }
  const entries = Object.entries(value)
  // Columns side by side, also when the times stand beside the object of the prices.
  const columns = arraysIn(value, 0)
  const size = Math.max(0, ...columns.map(([, column]) => column.length))
  const even = columns.filter(([, column]) => column.length === size)
  if (size > 0 && even.length >= 2) {
    add(
      'columns',
      even.map(([name]) => name),
      Array.from({ length: size }, (_, row) => even.map(([, column]) => cellOf(column[row]!))),
    )
    return
  }
  // pandas writes the names of the columns and the rows apart.
  if (
    Array.isArray(value.columns) &&
    Array.isArray(value.data) &&
    value.columns.every((name) => typeof name === 'string')
  ) {
    const index = Array.isArray(value.index) ? value.index : undefined
    const names = (value.columns as string[]).slice()
    if (index) names.unshift('')
    const rows = (value.data as Json[]).flatMap((row, at) =>
      Array.isArray(row) ? [[...(index ? [cellOf(index[at] ?? null)] : []), ...row.map(cellOf)]] : [],
    )
    add('objects', names, rows)
    return
  }
  if (entries.length > 1 || (entries.length === 1 && /^\d/.test(entries[0]![0]))) {
    const objects = entries.filter((entry): entry is [string, { [name: string]: Json }] => isObject(entry[1]))
    if (objects.length === entries.length) {
      // Bars by time, as Alpha Vantage writes them, or columns by time, as pandas does.
      if (objects.every(([name]) => /^\d{4}-\d\d-\d\d|^\d{9,19}$|^\d{8}$/.test(name))) {
        const names = namesOf(objects.map(([, row]) => row))
        add(
          'byTime',
          ['time', ...names],
          objects.map(([time, row]) => [time, ...names.map((name) => cellOf(row[name] ?? null))]),
        )
        return
      }
      const times = Object.keys(objects[0]![1])
      if (
        times.length > 0 &&
        objects.every(([, column]) => Object.values(column).every(isPlain)) &&
        objects.every(([, column]) => Object.keys(column).length === times.length) &&
        (times.every((time) => /^\d{4}-\d\d-\d\d|^\d{9,19}$|^\d{8}$/.test(time)) ||
          objects.some(([name]) => /^(date|time|timestamp|datetime|t)$/i.test(name)))
      ) {
        const timed = !objects.some(([name]) => /^(date|time|timestamp|datetime|t)$/i.test(name))
        add(
          'columns',
          [...(timed ? ['time'] : []), ...objects.map(([name]) => name)],
          times.map((time) => [
            ...(timed ? [time] : []),
            ...objects.map(([, column]) => cellOf(column[time] ?? null)),
          ]),
        )
        return
      }
    }
  }
  for (const [name, item] of entries)
    if (typeof item === 'object') search(item, [...path, name], found, depth + 1)
}

const isPlain = (value: Json | undefined) => value === null || typeof value !== 'object'
const isObject = (value: Json): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Arrays of plain values in an object and up to three levels below it, by name. */
function arraysIn(value: { [name: string]: Json }, depth: number): [string, Json[]][] {
  return Object.entries(value).flatMap(([name, item]): [string, Json[]][] => {
    if (Array.isArray(item)) {
      if (item.length > 0 && item.every(isPlain)) return [[name, item]]
      return depth < 3 && item.length === 1 && isObject(item[0]!) ? arraysIn(item[0], depth + 1) : []
    }
    return depth < 3 && isObject(item) && Object.keys(item).length < 20 ? arraysIn(item, depth + 1) : []
  })
}

/** Names of the plain values in objects, those one level down as `mid.o`. */
function namesOf(rows: readonly { [name: string]: Json }[]): string[] {
  const names = new Set<string>()
  for (const row of rows.slice(0, 100))
    for (const [name, item] of Object.entries(row))
      if (isPlain(item)) names.add(name)
      else if (isObject(item))
        for (const [inner, value] of Object.entries(item)) if (isPlain(value)) names.add(`${name}.${inner}`)
  return [...names]
}

function valueAt(row: { [name: string]: Json }, name: string): Json {
  if (name in row) return row[name]!
  const at = name.indexOf('.')
  const inner = at < 0 ? undefined : row[name.slice(0, at)]
  return inner !== undefined && isObject(inner) ? (inner[name.slice(at + 1)] ?? null) : null
}

const cellOf = (value: Json): string =>
  value === null ? '' : typeof value === 'number' ? plainNumber(value) : String(value)

/** A number without an exponent where it is whole, so that counts since 1970 keep their digits. */
const plainNumber = (value: number) =>
  Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value)
