import { legible } from '#data'

/** Files whose names show what they are: letters that are not seen, or that turn the writing round, are marked. Their bytes are the same. */
export function namedPlainly(files: readonly File[]): readonly File[] {
  return files.map((file) => {
    const name = legible(file.name)
    const { type, lastModified } = file
    return name === file.name ? file : new File([file], name, { type, lastModified })
  })
}
