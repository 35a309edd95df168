import { MediaQuery } from 'svelte/reactivity'
import { keep, recall } from './storage.ts'

/** What a reader may choose about the look. */
export type Theme = 'system' | 'light' | 'dark'
/** Pair of hues for gain and loss. */
export type Hues = 'teal-vermilion' | 'green-red'

/** Where the splitters stand: the share of the first side, 0 to 1. */
export interface Shares {
  /** Width of the code. */
  readonly code: number
  /** Height of the editor over the inputs. */
  readonly editor: number
  /** Height of the chart over the results. */
  readonly chart: number
}

/** Where the splitters stand until they are moved. */
export const initialShares: Shares = { code: 0.39, editor: 0.72, chart: 0.63 }

interface Kept {
  readonly theme: Theme
  readonly hues: Hues
  readonly shares: Partial<Shares>
}

/** The look of the page as one reader likes it, kept between visits. */
export class Preferences {
  readonly #systemDark = new MediaQuery('(prefers-color-scheme: dark)')
  readonly #narrow = new MediaQuery('(max-width: 640px)')
  /** A wide page seen at 200 %, or a phone held sideways: too low for panels beside one another. */
  readonly #low = new MediaQuery('(max-height: 520px) and (max-width: 1000px)')
  #theme = $state<Theme>('system')
  #hues = $state<Hues>('teal-vermilion')
  #shares = $state.raw<Shares>(initialShares)

  constructor() {
    const kept = recall<Kept>('preferences')
    if (kept?.theme === 'light' || kept?.theme === 'dark') this.#theme = kept.theme
    if (kept?.hues === 'green-red') this.#hues = kept.hues
    const share = (key: keyof Shares) => {
      const value = kept?.shares?.[key]
      return typeof value === 'number' && value > 0 && value < 1 ? value : initialShares[key]
    }
    this.#shares = { code: share('code'), editor: share('editor'), chart: share('chart') }
    this.#dress()
  }

  get theme(): Theme {
    return this.#theme
  }
  set theme(theme: Theme) {
    this.#theme = theme
    this.#changed()
  }
  get hues(): Hues {
    return this.#hues
  }
  set hues(hues: Hues) {
    this.#hues = hues
    this.#changed()
  }
  get shares(): Shares {
    return this.#shares
  }
  set shares(shares: Shares) {
    this.#shares = shares
    this.#changed()
  }

  /** The theme in force. */
  get shade(): 'light' | 'dark' {
    return this.#theme === 'system' ? (this.#systemDark.current ? 'dark' : 'light') : this.#theme
  }
  /** One column with tabs instead of panels beside one another. */
  get compact(): boolean {
    return this.#narrow.current || this.#low.current
  }

  #changed() {
    this.#dress()
    keep('preferences', { theme: this.#theme, hues: this.#hues, shares: this.#shares } satisfies Kept)
  }

  #dress() {
    const root = document.documentElement
    if (this.#theme === 'system') delete root.dataset.theme
    else root.dataset.theme = this.#theme
    if (this.#hues === 'teal-vermilion') delete root.dataset.hues
    else root.dataset.hues = this.#hues
  }
}
