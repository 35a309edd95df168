/** How well a text fits what was typed. */
export interface Match {
  /** Higher fits better. */
  readonly score: number
  /** Places of the letters that fit, rising. */
  readonly at: readonly number[]
}

/**
 * Fits letters to a text in their order, whatever stands between them: `cmpr` fits `Compare`. Letters at the start of words
 * and letters that follow one another count most; undefined where they do not fit. The best of all ways is found.
 */
export function fuzzy(typed: string, text: string): Match | undefined {
  const query = folded(typed).replace(/\s+/g, '')
  const target = folded(text)
  if (query.length === 0) return { score: 0, at: [] }
  if (query.length > target.length) return undefined
  const rows = query.length
  const columns = target.length
  // best[i][j]: the highest score with letter i of the query at place j; -1 where it cannot be.
  const best = Array.from({ length: rows }, () => new Int32Array(columns).fill(-1))
  const from = Array.from({ length: rows }, () => new Int16Array(columns).fill(-1))
  for (let i = 0; i < rows; i++) {
    let before = i === 0 ? 0 : -1
    let beforeAt = -1
    for (let j = i; j < columns; j++) {
      if (i > 0 && j > 0 && best[i - 1]![j - 1]! > before) {
        before = best[i - 1]![j - 1]!
        beforeAt = j - 1
      }
      if (target[j] !== query[i] || (i > 0 && before < 0)) continue
      const start = isStart(text, j) ? 8 : 0
      best[i]![j] = before + 1 + start
      from[i]![j] = beforeAt
      const follows = i > 0 && j > 0 ? best[i - 1]![j - 1]! : -1
      if (follows >= 0 && follows + 10 + start / 2 > best[i]![j]!) {
        best[i]![j] = follows + 10 + start / 2
        from[i]![j] = j - 1
      }
    }
  }
  let end = -1
  for (let j = 0; j < columns; j++) if (best[rows - 1]![j]! > (end < 0 ? -1 : best[rows - 1]![end]!)) end = j
  if (end < 0) return undefined
  const at: number[] = []
  for (let i = rows - 1, j = end; i >= 0; j = from[i]![j]!, i--) at.unshift(j)
  // Of texts that fit alike, the shorter one fits better.
  return { score: best[rows - 1]![end]! * 100 - columns, at }
}

/** Small letters without accents, as many as there were. */
const folded = (text: string) =>
  Array.from(text, (letter) =>
    letter.length === 1 ? (letter.normalize('NFD').toLowerCase()[0] ?? letter) : letter,
  ).join('')

const isStart = (text: string, at: number) =>
  at === 0 ||
  /[^\p{L}\p{N}]/u.test(text[at - 1]!) ||
  (/\p{Lu}/u.test(text[at]!) && /\p{Ll}/u.test(text[at - 1]!))

/** The candidates that fit, the best first; all of them, in their order, where nothing was typed. */
export function search<Item>(
  typed: string,
  items: readonly Item[],
  textOf: (item: Item) => readonly string[],
): readonly { readonly item: Item; readonly at: readonly number[] }[] {
  if (!typed.trim()) return items.map((item) => ({ item, at: [] }))
  return items
    .map((item) => {
      const [first, ...others] = textOf(item).map((text) => fuzzy(typed, text))
      // What stands in further words counts half, and marks nothing.
      const other = Math.max(-Infinity, ...others.map((match) => (match ? match.score / 2 : -Infinity)))
      return { item, at: first?.at ?? [], score: Math.max(first?.score ?? -Infinity, other) }
    })
    .filter(({ score }) => score > -Infinity)
    .sort((a, b) => b.score - a.score)
}
