import type { DataSet } from '#data'
import { createRun, type Run, type RunRecord, type RunSettings } from '#engine'
import { random } from '#market'
import type { Strategy } from '#strategy'
import { paceOf, type PaceScope } from './pace.ts'
import { emptyJournal, type JournalSums, rowsOf, sumsOf } from './journal-parts.ts'
import { type Realm, steady, strip } from './prelude.ts'
import { OriginBook } from './origins.ts'
import { partOf } from './parts.ts'
import { batches, type Command, type Message, pack, type Packet, type StrategyRequest } from './protocol.ts'
import { describeError, RunFailed, Session } from './session.ts'
import { strategyOf } from './strategy-of.ts'

/** What the engine takes from a worker's global scope before the strategy's code can see it. */
export interface WorkerScope extends Realm, PaceScope {
  postMessage(packet: Packet, transfer: ArrayBufferLike[]): void
  addEventListener(type: 'message', listen: (event: { readonly data: unknown }) => void): void
  addEventListener(
    type: 'unhandledrejection',
    listen: (event: { readonly reason: unknown; preventDefault(): void }) => void,
  ): void
}

/** Rows of a journal that one of several unread messages may have. */
const mostRows = 1 << 16

/** Messages that the page may not have read yet before the worker waits for it. */
const CREDIT = 8

/**
 * What stands around a program in the worker's script. The engine and `open` are its first line, so that the program
 * begins on line 2; a program that throws leaves the error where its exports would be. Of several programs each begins two
 * lines after the end of the one before, and `strategies` has what each exports.
 */
export const script = {
  open: 'try{\n',
  close: '\n}catch(error){strategy={error}}\n//# sourceURL=strategy.js',
  openSeveral: 'var strategies=[];try{\n',
  next: '\n}catch(error){strategy={error}}strategies.push(strategy);try{\n',
  closeSeveral: '\n}catch(error){strategy={error}}strategies.push(strategy)\n//# sourceURL=strategy.js',
}

/**
 * Runs in the worker ahead of the strategy's code: holds what the engine needs, takes the rest from the scope, and then
 * serves one run. `outcry` is all that the strategy API exports, `now` the real time in milliseconds, which only paces the
 * words of progress.
 */
export function serve(scope: WorkerScope, outcry: object, now: () => number): void {
  const post = scope.postMessage.bind(scope)
  let unread = 0
  let heard = () => {}
  const room = async (most = CREDIT) => {
    while (unread >= most) await new Promise<void>((resolve) => (heard = resolve))
  }
  const send = (message: Message) => {
    unread++
    const packet = pack(message)
    const buffers = packet.columns.map(({ buffer }) => buffer)
    post(packet, buffers)
  }

  let data: DataSet | undefined
  let settings: RunSettings | undefined
  let origins: OriginBook | undefined
  let seats: readonly StrategyRequest[] | undefined
  // Each strategy has its own chance, so that it does beside others what it does alone.
  let chances = [random(0)]
  let run: Run | undefined
  /** Place of the strategy that is being made. */
  let making = 0
  const atWork = () => run?.atWork ?? making
  const session = new Session(
    (log) => {
      const common = {
        data: data!,
        settings: settings!,
        log,
        ...(origins && { trace: (order: number, stack: string) => origins!.add(order, stack) }),
      }
      return (run = seats
        ? createRun({
            strategies: seats.map(({ name, inputs, share }, number) => {
              const strategy = classOf(scope, number)
              return {
                name,
                inputs,
                ...(share === undefined ? {} : { share }),
                // The run asks for each class right before it makes the object.
                get strategy() {
                  making = number
                  return strategy
                },
              }
            }),
            ...common,
          })
        : createRun({ strategy: classOf(scope), ...common }))
    },
    {
      ...paceOf(scope, now),
      onStart: (started) => send({ type: 'started', ...started }),
      onProgress: (progress) => send({ type: 'progress', ...progress }),
      onLook: (look) => send({ type: 'market', ...look }),
      ready: () => unread < CREDIT,
      onPause: async () => {
        const record = session.soFar()
        if (record) await tellRecord('partial', record)
      },
      onJournal: async (part) => {
        sums = sumsOf(part, sums)
        for (const texts of batches(part.texts)) {
          await room()
          send({ type: 'journal', part: { ...emptyJournal(part.strategies, movesTold), texts } })
        }
        // The frame lets eight small messages wait to be read, or a large one.
        const large = rowsOf(part) > mostRows
        await room(large ? 1 : CREDIT)
        send({ type: 'journal', part: { ...part, texts: [] } })
        movesTold = part.moves
        if (large) await room(1)
      },
      onLog: async (rows) => {
        for (const batch of batches(rows)) {
          await room()
          send({ type: 'log', rows: batch })
        }
      },
    },
  )

  let sums: JournalSums | undefined
  let movesTold = 0
  let refusalsTold = 0
  let notesTold = 0
  /** Sends a record, and ahead of it what no single message could hold. */
  const tellRecord = async (type: 'partial' | 'finished', record: RunRecord) => {
    for (const rows of batches(record.refusals.slice(refusalsTold))) {
      await room()
      send({ type: 'refusals', rows })
    }
    refusalsTold = record.refusals.length
    if (origins) {
      await room()
      send({ type: 'origins', ...origins.origins })
    }
    const notes = record.notes ?? []
    for (const rows of batches(notes.slice(notesTold))) {
      await room()
      send({ type: 'notes', rows })
    }
    notesTold = notes.length
    for (const strategy of record.strategies ?? []) {
      // Each may be as large as a record: the frame lets one of that size wait to be read, not eight.
      await room(1)
      send({ type: 'part', part: partOf(strategy) })
    }
    await room(record.strategies ? 1 : CREDIT)
    send({ type, record, ...(type === 'finished' && sums && { journalled: sums }) } as Message)
  }

  const obey = async (command: Command) => {
    if (command.type === 'pause') session.pause()
    else if (command.type === 'go on') session.goOn(command.bars)
    else if (command.type === 'look') session.look(command.instrument, command.every)
    else if (command.type === 'pace') session.pace(command.speed ?? Infinity)
    else if (command.type === 'read') {
      unread--
      heard()
    } else if (command.type === 'data') data = command.data
    else if (data && !settings) {
      settings = command.settings
      seats = command.strategies
      const { seed } = settings
      chances = (seats ?? [undefined]).map(() => random(seed))
      if (command.trace) origins = new OriginBook()
      try {
        const record = await session.run()
        await tellRecord('finished', record)
      } catch (error) {
        const { bars, time } = session
        const record = session.soFar()
        if (record) await tellRecord('partial', record)
        const failure = error instanceof RunFailed ? error.failure : describeError(error, 'run', bars, time)
        send({ type: 'failed', failure: { ...(seats && { strategy: atWork() }), ...failure } })
      }
    }
  }
  scope.addEventListener('message', (event) => void obey(event.data as Command))
  scope.addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    session.reject(event.reason)
  })

  strip(scope)
  steady(scope, {
    now: () => (session.time > 0 ? session.time / 1000 : 0),
    random: () => (chances[atWork()] ?? chances[0]!).next(),
    say: (level, values) => session.say(level, values, seats && atWork()),
  })
  Object.defineProperty(scope, 'outcry', { value: Object.freeze(outcry) })
}

/** The class that the program in this script exports, or one of several programs. */
function classOf(scope: object, number?: number): new () => Strategy {
  const { strategy, strategies } = scope as { strategy?: Exports; strategies?: readonly Exports[] }
  const exported = number === undefined ? strategy : strategies?.[number]
  const whose = number === undefined ? {} : { strategy: number }
  if (exported && Object.hasOwn(exported, 'error'))
    throw new RunFailed({ ...describeError(exported.error, 'module', 0, NaN), ...whose })
  try {
    return strategyOf(exported)
  } catch (error) {
    throw new RunFailed({ ...describeError(error, 'run', 0, NaN), ...whose })
  }
}

interface Exports {
  readonly error?: unknown
}
