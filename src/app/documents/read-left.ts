import { cleanName, limits, type StoredDocument } from './document.ts'
import { mostLeft, type LeftWork } from './left.ts'
import { fileNameProblem } from './names.ts'

/** The works that a page left, as far as they can be read; what was stored may be anybody's. */
export function readLeft(value: unknown): readonly LeftWork[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, 100).flatMap((work: unknown) => {
    const { document, underWay, pristine } = (work ?? {}) as Record<string, unknown>
    const read = documentOf(document)
    if (!read) return []
    return [
      {
        document: read,
        ...(isTime(underWay) && { underWay }),
        ...(pristine === true && { pristine }),
      },
    ]
  })
}

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0

function documentOf(value: unknown): StoredDocument | undefined {
  const { id, name, files, entry, created, changed, revision, deleted } = (value ?? {}) as Record<
    string,
    unknown
  >
  if (typeof id !== 'string' || !/^(?:own|sample):[\w-]{1,80}$/.test(id)) return undefined
  if (typeof files !== 'object' || files === null || typeof entry !== 'string') return undefined
  const names = Object.keys(files)
  const texts = Object.entries(files as Record<string, unknown>).filter(
    (file): file is [string, string] => typeof file[1] === 'string',
  )
  const isNamed = (file: string) =>
    fileNameProblem(
      file,
      names.filter((other) => other !== file),
    ) === undefined
  if (texts.length !== names.length || names.length > limits.files || !names.includes(entry)) return undefined
  if (!names.every(isNamed) || texts.reduce((sum, [, text]) => sum + text.length, 0) > mostLeft)
    return undefined
  if (!Number.isSafeInteger(revision) || (revision as number) < 0) return undefined
  return {
    id,
    name: cleanName(typeof name === 'string' ? name : ''),
    files: Object.fromEntries(texts),
    entry,
    created: isTime(created) ? created : 0,
    changed: isTime(changed) ? changed : 0,
    revision: revision as number,
    ...(isTime(deleted) && { deleted }),
  }
}
