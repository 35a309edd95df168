/**
 * A value as JSON text.
 *
 * @param what named in the message, such as `Order note`
 * @throws TypeError where JSON cannot say the value or would leave part of it out
 */
export function jsonText(what: string, value: unknown): string {
  let reason = ''
  try {
    const text = JSON.stringify(value, (_, part: unknown) => {
      if (typeof part === 'number' && !Number.isFinite(part)) throw new TypeError(`it holds ${part}`)
      if (typeof part === 'function' || typeof part === 'symbol')
        throw new TypeError(`it holds a ${typeof part}`)
      return part
    }) as string | undefined
    if (text !== undefined) return text
  } catch (error) {
    reason = `: ${(error as Error).message.replace(/\s*\n[^]*/, '')}`
  }
  throw new TypeError(
    `${what} cannot be kept${reason}. Expected what JSON can say: finite numbers, texts, true, false, null, and lists and objects of them`,
  )
}

/** What JSON text says, not to be altered in any depth. */
export function frozenJson(text: string): unknown {
  return freeze(JSON.parse(text) as unknown)
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) freeze(part)
    Object.freeze(value)
  }
  return value
}
