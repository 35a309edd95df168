/** The worker that makes a market for hours to hold it against real ones: it lasts for one question. */
import { expose } from 'comlink'
import { marketFacts } from '#session'

const door = { facts: marketFacts }

export type FactsDoor = typeof door
expose(door)
