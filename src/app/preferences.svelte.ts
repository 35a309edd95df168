import { MediaQuery } from 'svelte/reactivity'
import { keep, recall } from './storage.ts'
import { writing, type ShownZone } from './writing.svelte.ts'

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

/** How the code is shown. */
export interface EditorOptions {
  /** Pixels. */
  readonly fontSize: number
  /** Columns that a tab stands for. */
  readonly tabSize: number
  /** Long lines go on below themselves. */
  readonly wrap: boolean
  /** An overview of the code at its right edge. */
  readonly minimap: boolean
}

/** How the code is shown until somebody chooses otherwise. */
export const initialEditor: EditorOptions = { fontSize: 12.5, tabSize: 2, wrap: false, minimap: false }

interface Kept {
  readonly theme: Theme
  readonly hues: Hues
  readonly shares: Partial<Shares>
  readonly numbers: string
  readonly zone: ShownZone
  readonly dates: 'iso' | 'locale'
  readonly editor: Partial<EditorOptions>
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
  #editor = $state.raw<EditorOptions>(initialEditor)

  constructor() {
    const kept = recall<Kept>('preferences')
    if (kept?.theme === 'light' || kept?.theme === 'dark') this.#theme = kept.theme
    if (kept?.hues === 'green-red') this.#hues = kept.hues
    const share = (key: keyof Shares) => {
      const value = kept?.shares?.[key]
      return typeof value === 'number' && value > 0 && value < 1 ? value : initialShares[key]
    }
    this.#shares = { code: share('code'), editor: share('editor'), chart: share('chart') }
    writing.locale = knownLocale(kept?.numbers)
    if (kept?.zone === 'utc' || kept?.zone === 'local') writing.zone = kept.zone
    if (kept?.dates === 'locale') writing.dates = 'locale'
    const { fontSize, tabSize, wrap, minimap } = kept?.editor ?? {}
    const within = (value: unknown, from: number, to: number): value is number =>
      typeof value === 'number' && value >= from && value <= to
    this.#editor = {
      fontSize: within(fontSize, 9, 24) ? fontSize : initialEditor.fontSize,
      tabSize: within(tabSize, 1, 8) ? tabSize : initialEditor.tabSize,
      wrap: wrap === true,
      minimap: minimap === true,
    }
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

  /** Tag of the locale that numbers are written as; '' is the browser's own. */
  get numbers(): string {
    return writing.locale ?? ''
  }
  set numbers(tag: string) {
    writing.locale = knownLocale(tag)
    this.#changed()
  }
  get zone(): ShownZone {
    return writing.zone
  }
  set zone(zone: ShownZone) {
    writing.zone = zone
    this.#changed()
  }
  get dates(): 'iso' | 'locale' {
    return writing.dates
  }
  set dates(dates: 'iso' | 'locale') {
    writing.dates = dates
    this.#changed()
  }
  get editor(): EditorOptions {
    return this.#editor
  }
  set editor(editor: EditorOptions) {
    this.#editor = editor
    this.#changed()
  }

  /** Everything but the panel sizes as it was at first. */
  reset() {
    this.#theme = 'system'
    this.#hues = 'teal-vermilion'
    writing.locale = undefined
    writing.zone = 'exchange'
    writing.dates = 'iso'
    this.#editor = initialEditor
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
    keep('preferences', {
      theme: this.#theme,
      hues: this.#hues,
      shares: this.#shares,
      numbers: this.numbers,
      zone: this.zone,
      dates: this.dates,
      editor: this.#editor,
    } satisfies Kept)
  }

  #dress() {
    const root = document.documentElement
    if (this.#theme === 'system') delete root.dataset.theme
    else root.dataset.theme = this.#theme
    if (this.#hues === 'teal-vermilion') delete root.dataset.hues
    else root.dataset.hues = this.#hues
  }
}

/** A tag that this browser can write numbers by; undefined for its own. */
function knownLocale(tag: unknown): string | undefined {
  if (typeof tag !== 'string' || !tag) return undefined
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch {
    return undefined
  }
}
