import type { Misfit } from './untrusted.ts'

/** What does not fit, as a sentence, with what was probably meant. */
export function misfitSentence({ path, found, expected, known = [] }: Misfit): string {
  const name = /[.[](?:'([^']*)'\]|([\w$]+))$/.exec(path)
  const near = nearest(name?.[1] ?? name?.[2] ?? '', known)
  const mend =
    known.length === 0
      ? ''
      : near !== undefined
        ? ` Did you mean ${near}?`
        : known.length <= 12
          ? ` There ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}.`
          : ''
  return `${path} is ${found}; expected ${expected}.${mend}`
}

/** The candidate nearest to what was typed; undefined where none is near. */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  const plain = (name: string) => name.replace(/^-+/, '').toLowerCase()
  const ranked = candidates
    .map((name) => ({ name, apart: distance(plain(typed), plain(name)) }))
    .sort((a, b) => a.apart - b.apart)
  const [best] = ranked
  return best && best.apart <= Math.max(1, plain(best.name).length / 2.5) ? best.name : undefined
}

/** The fewest letters to insert, remove, replace or swap with their neighbours (restricted Damerau and Levenshtein). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + Number(a[i - 1] !== b[j - 1])
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, replaced))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
