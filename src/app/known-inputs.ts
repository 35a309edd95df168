import type { Source } from '#compile'
import type { InputValue } from '#engine'

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
