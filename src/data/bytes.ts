/** UTF-8 bytes as text; bytes that are not UTF-8 each as one character. */
export function decode(bytes: Uint8Array, start: number, end: number): string {
  const raw = Array.from(bytes.subarray(start, Math.min(end, start + 2000)))
  try {
    return decodeURIComponent(raw.map((byte) => '%' + byte.toString(16).padStart(2, '0')).join(''))
  } catch {
    return String.fromCharCode(...raw)
  }
}

/** 1, 10, 100 and so on: all that a double holds exactly. */
export const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/** The double nearest to a decimal number; NaN where the text is none. */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let i = start
  const sign = bytes[i] === 45 ? -1 : 1
  if (i < end && (bytes[i] === 45 || bytes[i] === 43)) i++
  let mantissa = 0
  let digits = 0
  let point = -1
  for (; i < end; i++) {
    const digit = bytes[i]! - 48
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      digits++
    } else if (bytes[i] === 46 && point < 0) point = digits
    else return parseRareDecimal(bytes, start, end)
  }
  const decimals = point < 0 ? 0 : digits - point
  // Both numbers are exact below these bounds, so that one division rounds correctly (W. Clinger, PLDI 1990).
  if (digits === 0 || mantissa > Number.MAX_SAFE_INTEGER || decimals > 22)
    return parseRareDecimal(bytes, start, end)
  return (sign * mantissa) / powersOfTen[decimals]!
}

function parseRareDecimal(bytes: Uint8Array, start: number, end: number): number {
  const text = decode(bytes, start, end)
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
}

/** Two digits as a number, or NaN. */
export function pair(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return NaN
  const tens = bytes[at]! - 48
  const ones = bytes[at + 1]! - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}

const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Days of a month, counted from 1. */
export function daysIn(year: number, month: number): number {
  return month === 2
    ? isLeap(year)
      ? 29
      : 28
    : month === 4 || month === 6 || month === 9 || month === 11
      ? 30
      : 31
}

/** Days from 1970-01-01 in the Gregorian calendar, counted in years that start in March so that a leap day comes last. */
export function daysSince1970(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1
  const m = month > 2 ? month - 3 : month + 9
  return (
    365 * y +
    Math.floor(y / 4) -
    Math.floor(y / 100) +
    Math.floor(y / 400) +
    Math.floor((153 * m + 2) / 5) +
    day -
    719_469
  )
}

/** Year, month and day of a number of days since 1970-01-01: the inverse of `daysSince1970`. */
export function dateOf(days: number): { year: number; month: number; day: number } {
  const date = new Date(days * 86_400_000)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/**
 * Text of any length: UTF-8, and where a piece is not valid UTF-8, one character for each of its bytes (Windows-1252
 * for those that have a letter there, as western European programs write it).
 */
export function decodeText(bytes: Uint8Array): string {
  let text = ''
  for (let start = 0; start < bytes.length;) {
    let end = Math.min(bytes.length, start + 8192)
    if (end < bytes.length) while (end > start + 8188 && (bytes[end]! & 0xc0) === 0x80) end--
    const piece = bytes.subarray(start, end)
    text += isAscii(piece) ? letters(piece) : decodeUtf8(piece)
    start = end
  }
  return text
}

/** Applied rather than spread: that is many times as fast for a typed array. */
const letters = (units: ArrayLike<number>) => String.fromCharCode.apply(null, units as number[])

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 127) return false
  return true
}

function decodeUtf8(bytes: Uint8Array): string {
  const units: number[] = []
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i++]!
    if (lead < 0x80) {
      units.push(lead)
      continue
    }
    const more = lead >= 0xf0 && lead < 0xf5 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0
    let point = more === 3 ? lead & 7 : more === 2 ? lead & 15 : lead & 31
    let valid = more > 0 && lead < 0xf5 && i + more <= bytes.length
    for (let k = 0; valid && k < more; k++) {
      const byte = bytes[i + k]!
      if ((byte & 0xc0) !== 0x80) valid = false
      point = (point << 6) | (byte & 63)
    }
    if (!valid) units.push(lead === 0x80 ? 0x20ac : lead)
    else {
      i += more
      if (point > 0xffff) units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 1023))
      else units.push(point)
    }
  }
  return letters(units)
}

/** UTF-8 bytes of a text. */
export function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3)
  let size = 0
  for (const char of text) {
    const point = char.codePointAt(0)!
    if (point < 0x80) bytes[size++] = point
    else if (point < 0x800) {
      bytes[size++] = 0xc0 | (point >> 6)
      bytes[size++] = 0x80 | (point & 63)
    } else if (point < 0x10000) {
      bytes[size++] = 0xe0 | (point >> 12)
      bytes[size++] = 0x80 | ((point >> 6) & 63)
      bytes[size++] = 0x80 | (point & 63)
    } else {
      bytes[size++] = 0xf0 | (point >> 18)
      bytes[size++] = 0x80 | ((point >> 12) & 63)
      bytes[size++] = 0x80 | ((point >> 6) & 63)
      bytes[size++] = 0x80 | (point & 63)
    }
  }
  return bytes.slice(0, size)
}
