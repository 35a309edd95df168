import { resolveColours } from '../colours.ts'

/** Letters of the code, in pixels: the plain editor and Monaco draw them in the same places. */
export const metrics = {
  /** Room above the first and below the last line. */
  padding: 10,
  /** Room for line numbers, in characters, and between them and the code in pixels. */
  numberCharacters: 4,
  numberGap: 20,
} as const

/** Pixels from line to line for letters of a size. */
export const lineHeightOf = (fontSize: number) => Math.round(fontSize * 1.52)

const tokens = {
  panel: '--panel',
  raised: '--raised',
  sunken: '--sunken',
  line: '--line',
  text: '--text',
  text2: '--text-2',
  text3: '--text-3',
  accent: '--accent',
  error: '--error',
  warn: '--warn',
  info: '--info',
  keyword: '--code-keyword',
  string: '--code-string',
  comment: '--code-comment',
  name: '--code-name',
  number: '--code-number',
} as const

/** Colours of the stylesheet as `#rrggbb`. */
export type CodeColours = Readonly<Record<keyof typeof tokens, string>>

/** Reads the colours as they stand at an element, in the theme that is in force. */
export function coloursAt(element: HTMLElement): CodeColours {
  const hex = (part: number) => Math.round(part).toString(16).padStart(2, '0')
  const entries = Object.entries(resolveColours(element, tokens))
  return Object.fromEntries(
    entries.map(([name, colour]) => [name, `#${colour.map(hex).join('')}`]),
  ) as CodeColours
}
