/** Small settings that the browser keeps between visits. Reading and writing never fail: blocked storage keeps nothing. */

let closed = false

/** From now on nothing is read or kept: for a page within another's, which is not to touch what its reader has here. */
export function closeStorage() {
  closed = true
}

/** The value kept under a name, or undefined where there is none or it cannot be read. */
export function recall<Value>(name: string): Partial<Value> | undefined {
  if (closed) return undefined
  try {
    const text = localStorage.getItem(`outcry.${name}`)
    const value: unknown = text === null ? undefined : JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Partial<Value>) : undefined
  } catch {
    return undefined
  }
}

/** Keeps a value under a name; tells whether it could. */
export function keep(name: string, value: object): boolean {
  if (closed) return false
  try {
    localStorage.setItem(`outcry.${name}`, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

/** Forgets the value kept under a name. */
export function forget(name: string): void {
  if (closed) return
  try {
    localStorage.removeItem(`outcry.${name}`)
  } catch {
    // What cannot be reached is not read either.
  }
}

/** The names that begin so, of all under which something is kept. */
export function keptNames(start: string): readonly string[] {
  if (closed) return []
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(`outcry.${start}`))
      .map((key) => key.slice('outcry.'.length))
  } catch {
    return []
  }
}
