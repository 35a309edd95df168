import type { InputDeclaration, InputValue } from '#engine'
import { check, field, finite, isRecord, list, named, text, type Fields } from './check.ts'
import { limits } from './limits.ts'

const kinds: readonly string[] = ['number', 'boolean', 'choice', 'text']

/** The inputs that a strategy declares. */
export function declarations(fields: Fields): InputDeclaration[] {
  const names = new Set<string>()
  return list(fields, 'declarations', limits.declarations).map((row) => {
    check(isRecord(row), 'a declared input', row)
    const kind = named(row, 'kind', kinds) as InputDeclaration['kind']
    const some = <Value>(name: string, read: () => Value) =>
      row[name] === undefined || row[name] === null ? {} : { [name]: read() }
    const name = named(row, 'name')
    check(!names.has(name), 'inputs of different names', name)
    names.add(name)
    return {
      name,
      kind,
      value: inputValue(row, 'value', kind),
      ...some('min', () => finite(row, 'min')),
      ...some('max', () => finite(row, 'max')),
      ...some('step', () => finite(row, 'step')),
      ...some('choices', () => {
        const choices = list(row, 'choices', limits.choices).map((choice) => text({ choice }, 'choice', 200))
        check(new Set(choices).size === choices.length, 'choices that differ', choices)
        return choices
      }),
      ...some('label', () => text(row, 'label', 200)),
      ...some('hint', () => text(row, 'hint', limits.text)),
      ...some('unit', () => text(row, 'unit', 50)),
    }
  })
}

/** A value of an input of a kind. */
export function inputValue(fields: Fields, name: string, kind: InputDeclaration['kind']): InputValue {
  if (kind === 'number') return finite(fields, name)
  if (kind !== 'boolean') return text(fields, name, limits.text)
  const value = field(fields, name)
  check(typeof value === 'boolean', `${name} true or false`, value)
  return value
}

/** The values of inputs that are declared. */
export function inputsOf(
  fields: Fields,
  declared: readonly InputDeclaration[],
): Readonly<Record<string, InputValue>> {
  const inputs = field(fields, 'inputs')
  check(isRecord(inputs), 'inputs', inputs)
  return Object.fromEntries(declared.map(({ name, kind }) => [name, inputValue(inputs, name, kind)]))
}
