import { guess, show, told } from './guess.ts'
import type { Guess, Overrides, Question } from './layout.ts'
import type { Role } from './names.ts'
import { type NumberForm, numberLike } from './numbers.ts'

/** Marks of decimals and thousands, from all cells that are numbers. */
export function findNumberForm(
  body: readonly (readonly string[])[],
  roles: readonly Role[],
  delimiter: string,
  overrides: Overrides,
  questions: Question[],
): Guess<NumberForm> {
  let decimalComma = 0
  let decimalPoint = 0
  let groupComma = 0
  let groupPoint = 0
  let openPoint = 0
  let spaces = 0
  let apostrophes = 0
  let openComma = 0
  let example = ''
  let withDecimals = ''
  const width = roles.length
  for (const row of body.slice(0, 1000))
    for (let column = 0; column < width; column++) {
      if (roles[column] !== 'ignored') continue
      const cell = (row[column] ?? '').trim()
      if (!/[.,'’ \u00a0\u202f]/.test(cell) || numberLike(cell) !== 'number') continue
      if (/\d[\s\u00a0\u202f]\d{3}/.test(cell)) spaces++
      if (/\d['’]\d{3}/.test(cell)) apostrophes++
      const comma = cell.lastIndexOf(',')
      const point = cell.lastIndexOf('.')
      if (comma >= 0 && point >= 0) {
        if (comma > point) {
          decimalComma++
          groupPoint++
          withDecimals ||= cell
        } else {
          decimalPoint++
          groupComma++
        }
      } else if (comma >= 0) {
        if (cell.indexOf(',') !== comma) groupComma++
        else if (/(?:^|\D)[1-9]\d{0,2},\d{3}(?!\d)/.test(cell)) {
          openComma++
          example ||= cell
        } else {
          decimalComma++
          withDecimals ||= cell
        }
      } else if (point >= 0) {
        if (cell.indexOf('.') !== point) groupPoint++
        else if (/(?:^|\D)[1-9]\d{0,2}\.\d{3}(?!\d)/.test(cell)) openPoint++
        else decimalPoint++
      }
    }
  const thousandsOf = (decimal: '.' | ','): NumberForm['thousands'] =>
    spaces > 0
      ? ' '
      : apostrophes > 0
        ? "'"
        : decimal === '.'
          ? groupComma + openComma > 0
            ? ','
            : ''
          : groupPoint + openPoint > 0 || delimiter !== ','
            ? '.'
            : ''
  const form = (decimal: '.' | ','): NumberForm => ({
    decimal,
    thousands: overrides.thousands ?? thousandsOf(decimal),
  })
  if (overrides.decimal) return told(form(overrides.decimal))
  if (decimalComma > decimalPoint)
    return guess(form(','), 0.97, `numbers such as ${show(withDecimals)} have a comma before the decimals`)
  if (decimalPoint > 0 || groupComma > 0)
    return guess(
      form('.'),
      0.97,
      groupComma + openComma > 0
        ? 'a comma separates thousands, a point the decimals'
        : 'a point separates the decimals',
    )
  if (openComma > 0) {
    const assumed = delimiter === ',' ? '.' : ','
    questions.push({
      about: 'decimal',
      text: `Is ${example} a number above a thousand, or one with three decimals?`,
      options: [
        { value: ',', label: `three decimals: ${example.replace(',', '.')}` },
        { value: '.', label: `above a thousand: ${example.replace(',', '')}` },
      ],
      assumed,
    })
    return guess(form(assumed), 0.5, `numbers such as ${example} can be read both ways`)
  }
  return guess(form('.'), 0.9, 'no number has a decimal comma')
}
