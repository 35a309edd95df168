import { checkFields, isBag, show } from './checks.ts'
/** A value that an input of a strategy may have. */
export type InputValue = number | boolean | string

/** How a number input appears on the form, and what it accepts. */
export interface NumberInput {
  /** Lowest value; any when left out. */
  readonly min?: number
  /** Highest value; any when left out. */
  readonly max?: number
  /** Distance between allowed values, counted from `min`, or from 0 without one. */
  readonly step?: number
  /** Shown instead of the name. */
  readonly label?: string
  /** One sentence for people. */
  readonly hint?: string
  /** Shown behind the value, such as `%` or `bars`. */
  readonly unit?: string
}

/** How any other input appears on the form. */
export interface PlainInput<Value extends string = string> {
  /** The texts to choose from. */
  readonly choices?: readonly Value[]
  /** Shown instead of the name. */
  readonly label?: string
  /** One sentence for people. */
  readonly hint?: string
}

/** An input that a strategy declares, as a form needs it. */
export interface InputDeclaration {
  readonly name: string
  readonly kind: 'number' | 'boolean' | 'choice' | 'text'
  /** The default that the strategy's code gives. */
  readonly value: InputValue
  readonly min?: number
  readonly max?: number
  readonly step?: number
  readonly choices?: readonly string[]
  readonly label?: string
  readonly hint?: string
  readonly unit?: string
}

/**
 * The declaration of an input from what its author wrote.
 *
 * @throws TypeError or RangeError when the default does not fit its own limits
 */
export function declare(
  name: string,
  value: InputValue,
  options: NumberInput & PlainInput,
): InputDeclaration {
  if (typeof name !== 'string' || !/^[\p{L}_][\p{L}\p{N}_ -]{0,59}$/u.test(name))
    throw new TypeError(`Input name is ${show(name)}; expected a word such as 'fast', at most 60 characters`)
  if (!isBag(options))
    throw new TypeError(`Input '${name}': its options are ${show(options)}; expected an object, or nothing`)
  checkFields('input', options, ['min', 'max', 'step', 'choices', 'label', 'hint', 'unit'])
  const { min, max, step, choices, label, hint, unit } = options
  if (choices !== undefined && !(Array.isArray(choices) && choices.length > 0))
    throw new TypeError(`Input '${name}' has choices ${show(choices)}; expected a list of one or more texts`)
  checkTexts(name, { value, hint }, longestText)
  checkTexts(name, { label }, longestLabel)
  checkTexts(name, { unit }, longestUnit)
  if (choices && choices.length > mostChoices)
    throw new RangeError(`Input '${name}' has ${choices.length} choices; expected at most ${mostChoices}`)
  for (const choice of choices ?? []) checkTexts(name, { choice }, longestLabel)
  if (typeof value === 'number') {
    for (const [what, limit] of Object.entries({ value, min, max, step }))
      if (limit !== undefined && !Number.isFinite(limit))
        throw new RangeError(`Input '${name}' has ${what} ${show(limit)}; expected a finite number`)
    if (step !== undefined && step <= 0)
      throw new RangeError(`Input '${name}' has step ${step}; expected a number above zero`)
    const declaration: InputDeclaration = { name, kind: 'number', value, min, max, step, label, hint, unit }
    const problem = problemWith(declaration, value)
    if (problem) throw new RangeError(problem)
    return declaration
  }
  if (typeof value === 'boolean') return { name, kind: 'boolean', value, label, hint }
  if (typeof value !== 'string')
    throw new TypeError(
      `Input '${name}' has a default of type ${typeof value}; expected a number, a text, true or false`,
    )
  if (choices && !choices.includes(value))
    throw new RangeError(`Input '${name}' is '${value}'; expected one of ${choices.join(', ')}`)
  // A form shows each once, however often it was written.
  const different = choices && [...new Set(choices)]
  return { name, kind: choices ? 'choice' : 'text', value, choices: different, label, hint }
}

/** Letters of a text that is written or told, of a label or a choice, and of a unit; and how many choices there may be. */
const longestText = 2000
const longestLabel = 200
const longestUnit = 50
const mostChoices = 200

function checkTexts(name: string, texts: Readonly<Record<string, unknown>>, longest: number): void {
  for (const [what, text] of Object.entries(texts)) {
    if (typeof text !== 'string') continue
    if (text.length > longest)
      throw new RangeError(
        `Input '${name}' has a ${what} of ${text.length} letters; expected at most ${longest}`,
      )
    const [turn] = turns.exec(text) ?? []
    if (turn !== undefined)
      throw new RangeError(
        `Input '${name}' has a ${what} with the unseen letter U+${turn.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}, which turns the writing around it round; expected a text without it`,
      )
  }
}

/** The controls of direction of Unicode (UAX #9, 2): marks, embeddings, overrides and isolates. */
const turns = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** Why a value does not suit an input, as a sentence; undefined when it does. */
export function problemWith(declaration: InputDeclaration, value: InputValue): string | undefined {
  const { name, kind, min, max, step, choices } = declaration
  const expected = kind === 'number' ? 'number' : kind === 'boolean' ? 'boolean' : 'string'
  if (typeof value !== expected)
    return `Input '${name}' is ${JSON.stringify(value)}; expected ${kind === 'number' ? 'a number' : kind === 'boolean' ? 'true or false' : 'a text'}`
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return `Input '${name}' is ${value}; expected a finite number`
    if (min !== undefined && value < min) return `Input '${name}' is ${value}; expected at least ${min}`
    if (max !== undefined && value > max) return `Input '${name}' is ${value}; expected at most ${max}`
    if (step !== undefined) {
      const steps = (value - (min ?? 0)) / step
      if (Math.abs(steps - Math.round(steps)) > 1e-6)
        return `Input '${name}' is ${value}; expected steps of ${step} from ${min ?? 0}`
    }
  }
  if (typeof value === 'string' && choices && !choices.includes(value))
    return `Input '${name}' is '${value}'; expected one of ${choices.join(', ')}`
  return undefined
}
