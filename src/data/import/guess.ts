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
