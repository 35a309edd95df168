import { createContext } from 'svelte'
import type { Imports } from './imports.svelte.ts'

/** Gives all components below `App` the page's imports. */
export const [useImports, provideImports] = createContext<Imports>()
