import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cleanName, copyName, type StoredDocument } from '../src/app/documents/document.ts'
import { fileNameProblem, renameFile } from '../src/app/documents/names.ts'
import { alone, TabHolder } from '../src/app/documents/hold.ts'
import { BrowserLeftWorks } from '../src/app/documents/left.ts'
import { fromDraft } from '../src/app/documents/database.ts'
import { PageDocuments } from '../src/app/documents/store.ts'
import { Library, type Sample } from '../src/app/library.svelte.ts'

const sample = (id: string): Sample => ({
  id,
  file: `${id}.ts`,
  name: id,
  thesis: '',
  load: async () => ({ source: `// ${id}`, program: { code: id, map: '' } }),
})
const samples = [sample('crossover'), sample('hold')]

/** What a browser lets tabs agree by, as far as it is used here: https://w3c.github.io/web-locks/ */
class Locks {
  readonly #held = new Map<string, { steal(): void }>()
  readonly #queue: { readonly name: string; go(): void }[] = []

  readonly manager = {
    request: (name: string, options: LockOptions, work: (lock: Lock | null) => unknown) =>
      this.#request(name, options, work),
    query: async () => ({}),
  } as unknown as LockManager

  async #request(name: string, options: LockOptions, work: (lock: Lock | null) => unknown): Promise<unknown> {
    await Promise.resolve()
    if (options.ifAvailable && this.#held.has(name)) return work(null)
    if (options.steal) this.#held.get(name)?.steal()
    else if (this.#held.has(name))
      await new Promise<void>((resolve, reject) => {
        const waiting = { name, go: resolve }
        this.#queue.push(waiting)
        options.signal?.addEventListener('abort', () => {
          this.#queue.splice(this.#queue.indexOf(waiting), 1)
          reject(new DOMException('', 'AbortError'))
        })
      })
    const stolen = new Promise<never>((_, reject) => {
      this.#held.set(name, { steal: () => reject(new DOMException('', 'AbortError')) })
    })
    const mine = this.#held.get(name)
    try {
      return await Promise.race([work({ name, mode: 'exclusive' }), stolen])
    } finally {
      if (this.#held.get(name) === mine) {
        this.#held.delete(name)
        const at = this.#queue.findIndex((waiting) => waiting.name === name)
        if (at >= 0) this.#queue.splice(at, 1)[0]!.go()
      }
    }
  }
}

let shelf: PageDocuments & { refuse?: string | undefined; puts: number }
let locks: Locks
const holders: TabHolder[] = []

/** A tab of the one browser; each has a library of its own. */
function tab(): Library {
  return new Library(samples, shelf, (events, onKept) => {
    const holder = new TabHolder(events, onKept, locks.manager)
    holders.push(holder)
    return holder
  })
}
async function mine(library: Library, text: string): Promise<string> {
  library.create()
  library.edit(text)
  await library.flush()
  return library.id
}
const textOf = async (id: string) => Object.values((await shelf.get(id))?.files ?? {}).join()

beforeEach(() => {
  shelf = Object.assign(new PageDocuments(), { puts: 0 })
  const put = shelf.put.bind(shelf)
  shelf.put = async (document: StoredDocument) => {
    if (shelf.refuse) throw new DOMException('no', shelf.refuse)
    shelf.puts++
    return put(document)
  }
  locks = new Locks()
})
afterEach(() => {
  for (const holder of holders.splice(0)) holder.close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('typing without a pause is kept every half second, not after it', async () => {
  vi.useFakeTimers()
  const library = tab()
  await library.openSample('crossover')
  for (let i = 0; i < 30; i++) {
    library.edit(`// ${i}`)
    await vi.advanceTimersByTimeAsync(100)
    if (i >= 10) {
      const kept = Number(/\d+/.exec(await textOf('sample:crossover'))?.[0])
      expect(i - kept).toBeLessThanOrEqual(6)
    }
  }
  expect(shelf.puts).toBeLessThan(8)
})

test('a document that another tab has can be read and follows it; it is taken when that tab leaves it', async () => {
  const [one, two] = [tab(), tab()]
  const id = await mine(one, '// first')
  await two.openDocument(id)
  await vi.waitFor(() => expect(two.saving).toBe('elsewhere'))
  two.edit('// lost')
  expect(two.text).toBe('// first')
  one.edit('// second')
  await one.flush()
  await vi.waitFor(() => expect(two.text).toBe('// second'))
  await one.openSample('hold')
  await vi.waitFor(() => expect(two.readOnly).toBe(false))
  two.edit('// third')
  await two.flush()
  expect(await textOf(id)).toBe('// third')
})

test('taking a document over keeps first what the other tab has not kept yet', async () => {
  const [one, two] = [tab(), tab()]
  const id = await mine(one, '// first')
  await two.openDocument(id)
  await vi.waitFor(() => expect(two.readOnly).toBe(true))
  one.edit('// not kept yet')
  await two.takeOver()
  await vi.waitFor(() => expect([one.readOnly, two.readOnly]).toEqual([true, false]))
  await vi.waitFor(() => expect(two.text).toBe('// not kept yet'))
  two.edit('// mine now')
  await two.flush()
  await vi.waitFor(() => expect(one.text).toBe('// mine now'))
})

test('a tab that does not answer is taken over, and what it writes later goes on as a copy', async () => {
  const [one, two] = [tab(), tab()]
  const id = await mine(one, '// first')
  await two.openDocument(id)
  await vi.waitFor(() => expect(two.readOnly).toBe(true))
  one.flush = () => new Promise(() => {})
  const taking = two.takeOver()
  await new Promise((resolve) => setTimeout(resolve, 1300))
  one.edit('// written before it was taken')
  await taking
  await vi.waitFor(() => expect(two.readOnly).toBe(false), { timeout: 4000 })
  two.edit('// taken')
  await two.flush()
  expect(await textOf(id)).toBe('// taken')
  await vi.waitFor(() => expect(one.conflict).toBe(true))
  expect(one.id).not.toBe(id)
  expect(one.text).toBe('// written before it was taken')
})

test('where tabs cannot agree, the one that comes second goes on as a copy', async () => {
  const plain = () => new Library(samples, shelf)
  const [one, two] = [plain(), plain()]
  await one.openSample('crossover')
  await two.openSample('crossover')
  one.edit('// one')
  await one.flush()
  two.edit('// two')
  await two.flush()
  await vi.waitFor(() => expect(two.conflict).toBe(true))
  await two.flush()
  expect(await textOf('sample:crossover')).toBe('// one')
  expect(two.name).toBe('crossover, copy')
  expect(await textOf(two.id)).toBe('// two')
})

test('a sample is nobody’s until it is changed; then another tab that changes it gets a copy', async () => {
  const [one, two] = [tab(), tab()]
  await one.openSample('crossover')
  await two.openSample('crossover')
  expect([one.readOnly, two.readOnly]).toEqual([false, false])
  one.edit('// one')
  await one.flush()
  two.edit('// two')
  await vi.waitFor(() => expect(two.conflict).toBe(true))
  await two.flush()
  expect(await textOf('sample:crossover')).toBe('// one')
  expect(await textOf(two.id)).toBe('// two')
})

test('a full store keeps the text in the page, says so, and takes it once there is room', async () => {
  const library = tab()
  const id = await mine(library, '// first')
  shelf.refuse = 'QuotaExceededError'
  library.edit('// second')
  await library.flush()
  expect([library.saving, library.atRisk]).toEqual(['full', true])
  await library.openSample('hold')
  await library.openDocument(id)
  expect(library.text).toBe('// second')
  shelf.refuse = undefined
  library.edit('// third')
  await library.flush()
  expect([library.saving, library.atRisk]).toEqual(['saved', false])
  expect(await textOf(id)).toBe('// third')
})

test('room that the history gives goes to the text', async () => {
  const library = tab()
  const id = await mine(library, '// first')
  shelf.refuse = 'QuotaExceededError'
  library.makeRoom = async () => {
    shelf.refuse = undefined
    return true
  }
  library.edit('// second')
  await library.flush()
  expect(library.saving).toBe('saved')
  expect(await textOf(id)).toBe('// second')
})

test('a deleted document comes back with its text, also after the page was closed', async () => {
  const library = tab()
  const id = await mine(library, '// first')
  await library.delete()
  expect(library.own).toEqual([])
  await library.takeBack()
  expect([library.id, library.text]).toEqual([id, '// first'])
  await library.delete()
  const next = tab()
  await next.list()
  expect(next.deleted.map((head) => head.id)).toEqual([id])
  await next.undelete(id)
  expect(next.text).toBe('// first')
  expect(await next.openDocument(id)).toBe(true)
})

test('what came from elsewhere is not kept until it is changed, and touches no draft', async () => {
  const library = tab()
  await library.openSample('crossover')
  library.edit('// my draft')
  library.openShared({ name: 'From a friend', files: { 'strategy.ts': '// theirs' }, entry: 'strategy.ts' })
  await library.flush()
  expect(library.saving).toBe('shared')
  expect((await shelf.all()).map(({ name }) => name)).toEqual(['crossover'])
  library.edit('// theirs, changed')
  await library.flush()
  expect(library.saving).toBe('saved')
  expect(await textOf(library.id)).toBe('// theirs, changed')
  expect(await textOf('sample:crossover')).toBe('// my draft')
})

test('files are added, renamed with the imports of them, and come back when deleted', async () => {
  const library = tab()
  const id = await mine(library, "import { levels } from './levels'\nimport './levels.ts'")
  await library.addFile('levels.ts', 'export const levels = [1]')
  expect(library.file).toBe('levels.ts')
  await library.renameFile('levels.ts', 'signals/bands.ts')
  expect(library.source.files['strategy.ts']).toBe(
    "import { levels } from './signals/bands'\nimport './signals/bands.ts'",
  )
  library.deleteFile('strategy.ts')
  expect(Object.keys(library.source.files)).toEqual(['strategy.ts', 'signals/bands.ts'])
  library.deleteFile('signals/bands.ts')
  expect(library.file).toBe('strategy.ts')
  await library.takeBack()
  await library.flush()
  expect((await shelf.get(id))?.files['signals/bands.ts']).toBe('export const levels = [1]')
})

test('a file that moves to another folder still finds what it imports', () => {
  const files = { 'a.ts': "import { b } from './b'", 'b.ts': '', 'x/c.ts': "export * from '../a'" }
  const moved = renameFile({ files, entry: 'a.ts' }, 'a.ts', 'x/a.ts')
  expect(moved).toEqual({
    files: { 'x/a.ts': "import { b } from '../b'", 'b.ts': '', 'x/c.ts': "export * from './a'" },
    entry: 'x/a.ts',
  })
})

test('a file’s name that would lead astray is refused in words', () => {
  const problem = (name: string) => fileNameProblem(name, ['strategy.ts', 'Levels.ts'])
  expect(problem('bands.ts')).toBeUndefined()
  expect(problem('signals/bands.v2.js')).toBeUndefined()
  expect(problem('levels.js')).toMatch(/^There is Levels\.ts already/)
  expect(problem('bands')).toMatch(/ends in \.ts or \.js, such as bands\.ts/)
  for (const name of ['../bands.ts', '/bands.ts', 'a//b.ts', 'a\\b.ts', '.ts', 'a/./b.ts', 'ä.ts', 'a b.ts'])
    expect(problem(name), name).toMatch(/letters without accents/)
  expect(problem(`${'x'.repeat(80)}.ts`)).toMatch(/at most 60/)
})

test('a name keeps its words and loses what would break a line or turn it round', () => {
  expect(cleanName('  Moving\n average \u202e sts.')).toBe('Moving average sts.')
  expect(cleanName('\u0000')).toBe('Untitled strategy')
  expect([...cleanName('📈'.repeat(200))].length).toBe(80)
  expect(copyName('Momentum, copy', ['Momentum, copy'])).toBe('Momentum, copy 2')
})

test('a draft of version 1 becomes a document of one file', () => {
  expect(
    fromDraft({
      id: 'sample:hold',
      name: 'Hold',
      source: '//',
      changed: 5,
      program: { code: 'c', map: 'm' },
    }),
  ).toEqual({
    id: 'sample:hold',
    name: 'Hold',
    files: { 'hold.ts': '//' },
    entry: 'hold.ts',
    created: 5,
    changed: 5,
    revision: 1,
    program: { code: 'c', map: 'm' },
  })
  expect(fromDraft({ id: 'own:1', source: '//' })).toMatchObject({ files: { 'strategy.ts': '//' } })
  for (const draft of [null, 7, {}, { id: 1, source: '' }]) expect(fromDraft(draft)).toBeUndefined()
})

/** Pages of the one browser that leave what is not kept in its local storage. */
function page(): Library {
  const left = new BrowserLeftWorks(String(pages++))
  return new Library(samples, shelf, () => alone, left)
}
let pages = 0

/** A local storage with room for so many characters. */
function localRoom(room = 5_000_000): Storage {
  const storage = Object.create({
    getItem: (key: string) => (storage[key] as string | undefined) ?? null,
    setItem: (key: string, text: string) => {
      if (text.length > room) throw new DOMException('no', 'QuotaExceededError')
      storage[key] = text
    },
    removeItem: (key: string) => delete storage[key],
  }) as Storage & Record<string, unknown>
  vi.stubGlobal('localStorage', storage)
  return storage
}

test('what a page leaves the moment it goes is kept by the next one, before anything is opened', async () => {
  const storage = localRoom()
  const one = page()
  const id = await mine(one, '// kept')
  one.edit('// typed just now')
  expect(one.leave()).toBe(true)
  const two = page()
  await two.takeUp()
  await two.restore(id)
  expect([two.text, two.saving]).toEqual(['// typed just now', 'saved'])
  expect(Object.keys(storage)).toEqual([])
  // The page before was hidden only and writes the same now: no copy of it is made.
  await one.flush()
  expect([one.conflict, one.saving]).toEqual([false, 'saved'])
  expect((await shelf.all()).length).toBe(1)
})

test('what a page left never goes over what another has kept since, but beside it', async () => {
  localRoom()
  const one = page()
  const id = await mine(one, '// kept')
  one.edit('// left')
  one.leave()
  const two = page()
  await two.restore(id)
  two.edit('// newer')
  await two.flush()
  await page().takeUp()
  expect(await textOf(id)).toBe('// newer')
  const all = await shelf.all()
  expect(all.map(({ name, files }) => [name, ...Object.values(files)])).toEqual([
    ['Untitled strategy', '// newer'],
    ['Untitled strategy, copy', '// left'],
  ])
})

test('an earlier text of the same page that was still on its way is no other text', async () => {
  localRoom()
  const one = page()
  const id = await mine(one, '// kept')
  let arrive = () => {}
  const put = shelf.put
  shelf.put = async (document) => {
    const kept = await put(document)
    await new Promise<void>((resolve) => (arrive = resolve))
    return kept
  }
  one.edit('// on its way')
  const keeping = one.flush()
  await vi.waitFor(async () => expect(await textOf(id)).toBe('// on its way'))
  one.edit('// the last letters')
  one.leave()
  shelf.put = put
  await page().takeUp()
  expect(await textOf(id)).toBe('// the last letters')
  expect((await shelf.all()).length).toBe(1)
  arrive()
  await keeping
})

test('what was left is forgotten once the store has it, and told where it can be left nowhere', async () => {
  const storage = localRoom()
  const one = page()
  await mine(one, '// kept')
  one.edit('// hidden for a moment')
  one.leave()
  expect(Object.keys(storage).length).toBe(1)
  await one.flush()
  expect(Object.keys(storage)).toEqual([])
  expect(one.leave()).toBe(true)
  localRoom(10)
  one.edit('// too much')
  expect(one.leave()).toBe(false)
  localRoom()
  one.edit('x'.repeat(2_000_001))
  expect(one.leave()).toBe(false)
})

test('what was left and cannot be read is passed over; the rest of it is taken up', async () => {
  const storage = localRoom()
  const whole = { id: 'own:7', name: 'Whole', files: { 'a.ts': '// whole' }, entry: 'a.ts', revision: 0 }
  const broken = [
    { ...whole, id: '__proto__' },
    { ...whole, files: { '../a.ts': '' }, entry: '../a.ts' },
    { ...whole, files: { 'a.ts': 1 } },
    { ...whole, entry: 'b.ts' },
    { ...whole, revision: -1 },
    undefined,
  ]
  storage.setItem('outcry.left.x', JSON.stringify([...broken, whole].map((document) => ({ document }))))
  storage.setItem('outcry.left.y', '{"not":"a list"}')
  storage.setItem('outcry.left.z', 'not JSON')
  await page().takeUp()
  expect((await shelf.all()).map(({ id, files }) => [id, files])).toEqual([['own:7', { 'a.ts': '// whole' }]])
  expect(Object.keys(storage)).toEqual([])
})
