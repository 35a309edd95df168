import {
  FIRST_LINE,
  locateAmong,
  mapOfScript,
  mapOfScripts,
  type PlacedProgram,
  type Program,
} from '#compile'
import { script } from '#session'

/** Programs as they follow the engine in a worker's script, and where in it each begins. */
export interface Script {
  readonly text: string
  readonly programs: readonly PlacedProgram[]
}

/** The script of one program, or of several that run beside one another. */
export function scriptOf(programs: readonly Program[]): Script {
  let firstLine = FIRST_LINE
  const placed = programs.map(({ code, map }) => {
    const program = { map, firstLine }
    firstLine += code.split('\n').length + 1
    return program
  })
  const [only] = programs as readonly [Program]
  const text =
    programs.length === 1
      ? script.open + only.code + script.close
      : script.openSeveral + programs.map(({ code }) => code).join(script.next) + script.closeSeveral
  return { text, programs: placed }
}

/** The script with the map by which the browser's own tools show the author's files. */
export function withMap({ text, programs }: Script): string {
  const mapped = programs.filter(({ map }) => map !== '')
  if (mapped.length < programs.length) return text
  const map = mapped.length === 1 ? mapOfScript(mapped[0]!.map) : mapOfScripts(mapped)
  const letters = Array.from(new TextEncoder().encode(map), (byte) => String.fromCharCode(byte)).join('')
  return `${text}\n//# sourceMappingURL=data:application/json;base64,${btoa(letters)}`
}

/** The place in an author's files that a stack names, and which of the programs they are of. */
export const placeOf = (stack: string, { programs }: Script) =>
  locateAmong(
    stack,
    programs.map(({ map, firstLine }) => ({ map: map || '{"sources":[],"mappings":""}', firstLine })),
  )
