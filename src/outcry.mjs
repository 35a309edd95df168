#!/usr/bin/env node
// Starts src/cli.ts on a plain Node, which does not read TypeScript: bundles it with esbuild the first time, and again
// whenever a source has changed. The engine is bundled apart, as text for the realm that strategies run in.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What strategies run on; `Realm` in cli.ts says what the shell uses of it. */
const engine = `
  export * as outcry from 'outcry'
  export { createRun } from '#engine'
  export { random } from '#market'
  export { Session, steady, strategyOf, strip } from '#session'
`

/** Changes whenever a bundle would. */
function key() {
  const hash = createHash('sha256').update(engine)
  for (const file of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(root, file)))
  const files = readdirSync(join(root, 'src'), { recursive: true })
  for (const file of files.sort())
    if (/\.(ts|mjs)$/.test(file) && !/^app[/\\]/.test(file))
      hash.update(`\n${file}\n`).update(readFileSync(join(root, 'src', file)))
  return hash.digest('hex').slice(0, 20)
}

/** The folder with the bundles of the present sources. */
async function bundles() {
  const name = key()
  const places = [join(root, 'node_modules/.cache/outcry', name), join(tmpdir(), `outcry-${name}`)]
  const known = places.find((place) => existsSync(join(place, 'engine.js')))
  if (known) return known
  const { build } = await import('esbuild')
  const common = { absWorkingDir: root, bundle: true, write: false, charset: 'utf8', logLevel: 'error' }
  const [cli, realm] = await Promise.all([
    build({
      ...common,
      entryPoints: ['src/cli.ts'],
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'inline',
    }),
    build({
      ...common,
      stdin: { contents: engine, resolveDir: root, loader: 'ts' },
      format: 'iife',
      globalName: 'engine',
      target: 'es2022',
    }),
  ])
  for (const place of places)
    try {
      mkdirSync(place, { recursive: true })
      // Last the file that says the folder is complete; each appears whole, whoever else is writing it.
      for (const [file, { outputFiles }] of [
        ['cli.mjs', cli],
        ['engine.js', realm],
      ]) {
        const part = join(place, `${file}.${process.pid}`)
        writeFileSync(part, outputFiles[0].contents)
        renameSync(part, join(place, file))
      }
      forget(place)
      return place
    } catch (error) {
      if (place === places.at(-1)) throw error
    }
}

/** The packages that package.json asks for and that are not there, as after an update of the sources alone. */
function missing() {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.keys(dependencies).filter((name) => !existsSync(join(root, 'node_modules', name)))
}

/** Removes the bundles of sources that have been gone for a week. */
function forget(place) {
  const all = dirname(place)
  for (const name of readdirSync(all)) {
    const other = join(all, name)
    if (all !== tmpdir() && Date.now() - statSync(other).mtimeMs > 7 * 86_400_000)
      rmSync(other, { recursive: true })
  }
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`outcry needs Node 20.19 or later; this is ${process.versions.node}.`)
  process.exitCode = 2
} else if (missing().length > 0) {
  console.error(
    `Packages that outcry needs are not installed (${missing().join(', ')}); run npm ci in ${root}`,
  )
  process.exitCode = 2
} else {
  const folder = await bundles()
  const { main } = await import(pathToFileURL(join(folder, 'cli.mjs')).href)
  process.exitCode = await main(process.argv.slice(2), {
    root,
    engine: join(folder, 'engine.js'),
    bundler: () => import('esbuild'),
  })
}
