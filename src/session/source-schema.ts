import * as v from 'valibot'
import type { Source } from '#compile'
import { byName, fields, type Schema, text } from './untrusted.ts'

/** Bounds of a strategy's text. */
export const sourceBounds = {
  files: 8,
  /** Characters of all files together. */
  length: 256 * 1024,
  /** Characters of a file's name. */
  fileName: 60,
} as const

const fileName = text(sourceBounds.fileName, {
  least: 4,
  pattern: /^(?:[A-Za-z0-9_][\w-]*(?:\.[\w-]+)*\/)*[A-Za-z0-9_][\w-]*(?:\.[\w-]+)*\.[jt]s$/,
  words: 'a file name such as strategy.ts',
})

/** The text of a strategy as it may come from anywhere. */
export const sourceSchema: Schema<Source> = v.pipe(
  fields({ files: byName(fileName, text(sourceBounds.length), sourceBounds.files), entry: fileName }),
  v.check(
    ({ files, entry }) => Object.hasOwn(files, entry),
    'files of which one is the main file that is named',
  ),
  v.check(
    ({ files }) => Object.values(files).reduce((sum, text) => sum + text.length, 0) <= sourceBounds.length,
    'files of at most 262,144 letters together',
  ),
)
