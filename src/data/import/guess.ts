import type { Guess } from './layout.ts'

/** A conclusion, how sure it is, and what it rests on. */
export const guess = <T>(value: T, confidence: number, reason: string): Guess<T> => ({
  value,
  confidence,
  reason,
})

/** What the user said. */
export const told = <T>(value: T): Guess<T> => guess(value, 1, 'you said so')

/** A text as it is quoted in a sentence. */
export const show = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** A name as it may be shown anywhere: letters that are not seen, or turn the writing round, are marked. */
export const legible = (name: string) => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
