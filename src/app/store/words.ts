import { number } from '../format.ts'

/** Bytes as people read them: `812 KB`, `63.7 MB`. */
export function size(bytes: number): string {
  if (!Number.isFinite(bytes)) return number(bytes)
  if (bytes < 1000) return `${number(bytes)} bytes`
  if (bytes < 1e6) return `${number(bytes / 1e3)} KB`
  if (bytes < 1e9) return `${number(bytes / 1e6, bytes < 1e8 ? 1 : 0)} MB`
  return `${number(bytes / 1e9, 1)} GB`
}
