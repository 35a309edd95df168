/**
 * A copy of an object whose fields are numbers, typed arrays, and arrays, maps and objects of these: it shares nothing that
 * can change with the original. Frozen objects are shared.
 */
export function duplicate<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (ArrayBuffer.isView(value)) return (value as unknown as { slice(): Value }).slice()
  if (Array.isArray(value)) return value.map(duplicate) as Value
  if (value instanceof Map)
    return new Map(Array.from(value, ([key, one]: [unknown, unknown]) => [key, duplicate(one)])) as Value
  const copy = Object.create(Object.getPrototypeOf(value) as object | null) as Record<string, unknown>
  for (const [name, field] of Object.entries(value)) copy[name] = duplicate(field)
  return copy as Value
}
