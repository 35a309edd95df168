import type { DataSet, RecordedFlow, SyntheticRequest } from '#data'
import { first } from './first.ts'
import type { Machinery } from './machinery.ts'
import { reasonOf } from './reason.ts'

/** The data set that is made from the seed of the settings. */
export const seededData = 'random-walk'
/** The data set that a run makes, as the market's own settings have it. */
export const madeData = 'synthetic'

/** What is known of the prices beside their own choice. */
interface Around {
  /** The seed of the settings. */
  readonly seed: () => number
  /** Other data are there, or none where they could not be loaded. */
  readonly onLoaded: (data: DataSet | undefined) => void
}

/** The prices that are chosen, and those that are there. */
export class Prices {
  readonly #machinery: Pick<Machinery, 'load' | 'outline'>
  readonly #around: Around
  /** Id of the chosen data set, without what makes it from a seed or from the market's settings. */
  id = $state<string>(first.data)
  /** How the market is made where a run makes it. */
  request = $state.raw<SyntheticRequest>({})
  #data = $state.raw<DataSet>()
  #outline = $state.raw<DataSet>()
  #problem = $state<string>()
  /** What `#data` was loaded as. */
  #loaded: string | undefined
  #loading: Promise<void> = Promise.resolve()

  constructor(machinery: Pick<Machinery, 'load' | 'outline'>, around: Around) {
    this.#machinery = machinery
    this.#around = around
  }

  /** What was loaded last; undefined while the first is on its way. */
  get data(): DataSet | undefined {
    return this.#data
  }
  /** Data that are on their way, in groups of bars: to look at, not to run on. */
  get outline(): DataSet | undefined {
    return this.#outline
  }
  /** Why there is no data. */
  get problem(): string | undefined {
    return this.#problem
  }
  /** What market is asked for, where the run makes it. */
  get market(): SyntheticRequest | undefined {
    return this.id === madeData ? this.request : undefined
  }
  /** Where orders meet a book of orders rather than bars: the market that is made, or recorded orders. */
  get venue(): SyntheticRequest | RecordedFlow | undefined {
    return this.market ?? this.#data?.recorded
  }

  /** Id of the data, with the seed or the settings where prices are made from them. */
  get address(): string {
    if (this.id === madeData) return `${madeData}:${JSON.stringify(this.request)}`
    const [id, ...cut] = this.id.split('+')
    return id === seededData ? [`${id}:${this.#around.seed()}`, ...cut].join('+') : this.id
  }
  /** Whether the data that are there are those that are chosen. */
  get isLoaded(): boolean {
    return this.#loaded === this.address
  }

  /** Takes data for those that are chosen, without loading them. */
  show(data: DataSet) {
    this.#loaded = this.address
    this.#data = data
  }

  /** Loads what is chosen. What was chosen before it has come is nobody's any more. */
  load(): Promise<void> {
    const { address } = this
    this.#problem = undefined
    const current = () => address === this.address
    this.#outline = undefined
    let awaited = true
    // Of bars that are on the chart already there is more to see than that.
    if (address.startsWith('imported:') && this.#data?.id !== address)
      void this.#machinery.outline?.(address).then(
        (outline) => current() && awaited && (this.#outline = outline),
        () => {},
      )
    return (this.#loading = this.#machinery.load(address).then(
      (data) => {
        awaited = false
        if (!current()) return
        this.#outline = undefined
        this.#loaded = address
        this.#data = data
        this.#around.onLoaded(data)
      },
      (error: unknown) => {
        awaited = false
        if (!current()) return
        this.#outline = undefined
        this.#loaded = undefined
        this.#data = undefined
        this.#around.onLoaded(undefined)
        this.#problem = `The prices could not be loaded: ${reasonOf(error)}`
      },
    ))
  }

  /** The chosen data and their address, once they are there; undefined where they cannot be had. */
  async ready(wanted: () => boolean): Promise<{ data: DataSet; address: string } | undefined> {
    if (!this.isLoaded && this.#problem) await this.load()
    // Other data may be asked for while these are on their way.
    while (!this.isLoaded && !this.#problem && wanted()) await this.#loading
    return this.#data && this.isLoaded ? { data: this.#data, address: this.address } : undefined
  }
}
