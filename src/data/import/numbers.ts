/** How numbers are written. */
export interface NumberForm {
  readonly decimal: '.' | ','
  /** What stands between groups of three digits; empty where nothing does. */
  readonly thousands: '' | ',' | '.' | ' ' | "'"
}

/** Stands for a value that the source says it does not have. */
export const missing = Symbol('missing')

const missingWords = /^(|-+|—|–|null|none|nil|nan|na|n\/a|n\/d|#n\/a|#value!|nd|\?|\.)$/i
const suffixes: Readonly<Record<string, string>> = { k: 'e3', m: 'e6', b: 'e9', t: 'e12', mn: 'e6', bn: 'e9' }
const shape = /^([+-]?)(\d+\.?\d*|\.\d+)(?:e([+-]?\d+))?$/i

/** A number as its double, `missing` where the source says that there is none, NaN where it is unreadable. */
export function readNumber(text: string, { decimal, thousands }: NumberForm): number | typeof missing {
  let body = text.trim()
  if (shape.test(body) && decimal === '.') return Number(body)
  if (missingWords.test(body)) return missing
  let sign = ''
  if (body.startsWith('(') && body.endsWith(')')) {
    sign = '-'
    body = body.slice(1, -1)
  }
  body = body
    .replace(/^([+-]?)\s*(?:[$€£¥₹₽฿₩]|usd|eur|gbp|rs\.?|us\$)\s*/i, '$1')
    .replace(/\s*(?:[$€£¥₹₽฿₩]|zł|kr)$/i, '')
  body = body.replace('−', '-')
  if (thousands === ' ') body = body.replace(/(\d)[\s\u00a0\u202f](?=\d{3})/g, '$1')
  else if (thousands === "'") body = body.replace(/(\d)['’](?=\d{3})/g, '$1')
  else if (thousands !== '') {
    const [whole, rest] = cut(body, decimal)
    // A mark that is not before three digits separates no thousands.
    if (whole.includes(thousands)) {
      if (!/^[+-]?\d{1,3}([.,]\d{2,3})*[.,]\d{3}(?!\d)/.test(whole)) return NaN
      body = whole.split(thousands).join('') + rest
    }
  }
  if (decimal === ',') {
    if (body.includes('.')) return NaN
    body = body.replace(',', '.')
  }
  const suffix = /^([+-]?[\d.]+)\s*(k|m|b|t|mn|bn)$/i.exec(body)
  if (suffix) body = suffix[1]! + suffixes[suffix[2]!.toLowerCase()]!
  body = sign + body
  return shape.test(body) ? Number(body) : NaN
}

function cut(text: string, mark: string): [string, string] {
  const at = text.lastIndexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)]
}

/** Whether a text could be a number in some form, and whether it says that there is none. */
export function numberLike(text: string): 'number' | 'missing' | 'no' {
  const body = text.trim()
  if (missingWords.test(body)) return 'missing'
  return /^[(+−-]?\s*(?:[$€£¥₹₽]\s*)?(?:\d[\d.,'’\s\u00a0\u202f]*|\.\d+)(?:e[+-]?\d+)?\s*(?:[kmbt%]|mn|bn|[$€£¥₹₽]|zł)?\)?$/i.test(
    body,
  )
    ? 'number'
    : 'no'
}
