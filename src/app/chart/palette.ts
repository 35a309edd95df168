import { resolveColours, type Colour } from '../colours.ts'

export type { Colour }

const names = {
  panel: '--panel',
  raised: '--raised',
  line: '--line',
  text: '--text',
  text2: '--text-2',
  text3: '--text-3',
  accent: '--accent',
  gain: '--gain',
  loss: '--loss',
  bid: '--bid',
  ask: '--ask',
  warn: '--warn',
  ghost: '--ghost',
  series1: '--series-1',
  series2: '--series-2',
  series3: '--series-3',
  series4: '--series-4',
  series5: '--series-5',
  series6: '--series-6',
  series7: '--series-7',
  series8: '--series-8',
} as const

/** The tokens of the stylesheet, resolved for the theme that is in force. */
export type Palette = Readonly<Record<keyof typeof names, Colour>>

/** Reads the tokens as they stand at an element. */
export const paletteAt = (element: HTMLElement): Palette => resolveColours(element, names)

/** A colour as CSS text. */
export const css = ([red, green, blue]: Colour, alpha = 1): string =>
  `rgba(${red}, ${green}, ${blue}, ${alpha})`

/** Colour of the n-th plot of a strategy, from 0. */
export const seriesColour = (palette: Palette, index: number): Colour =>
  [
    palette.series1,
    palette.series2,
    palette.series3,
    palette.series4,
    palette.series5,
    palette.series6,
    palette.series7,
    palette.series8,
  ][index % 8]!
