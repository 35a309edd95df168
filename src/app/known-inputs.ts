import type { Source } from '#compile'
import type { InputDeclaration, InputValue } from '#engine'

/** Inputs that the text of a strategy still names; others would be refused as unknown. */
export function knownInputs(
  inputs: Readonly<Record<string, InputValue>>,
  { files }: Source,
): Record<string, InputValue> {
  const texts = Object.values(files)
  return Object.fromEntries(
    Object.entries(inputs).filter(([name]) =>
      [`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => texts.some((text) => text.includes(quoted))),
    ),
  )
}

/** What a run takes for an input. Any word may be its name, those of every object too, such as `toString`. */
export const inputValueOf = (
  { name, value }: Pick<InputDeclaration, 'name' | 'value'>,
  chosen: Readonly<Record<string, InputValue>>,
): InputValue => (Object.hasOwn(chosen, name) ? chosen[name]! : value)
