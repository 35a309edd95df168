// npm test: installs what is needed and runs every check there is. The last line counts them.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from './chromium.mjs'
import { install } from './install.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
install()

let passed = 0
let failed = 0
let skipped = 0

/** Runs a command of an installed package; what it prints goes on to the terminal. */
function command(name, args, environment = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', name), ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...environment },
    })
    child.on('close', (code) => resolve(code === 0))
  })
}

/** A check that passes or fails as a whole. */
async function check(title, name, args) {
  console.log(`\n── ${title}`)
  const good = await command(name, args)
  if (good) passed++
  else failed++
  console.log(good ? `${title}: passed` : `${title}: failed`)
}

/** Tests that are counted one by one. */
async function tests(title, project, environment) {
  console.log(`\n── ${title}`)
  const folder = mkdtempSync(join(tmpdir(), 'outcry-test-'))
  const report = join(folder, 'report.json')
  const good = await command(
    'vitest/vitest.mjs',
    ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile=${report}`],
    environment,
  )
  try {
    const counted = JSON.parse(readFileSync(report, 'utf8'))
    passed += counted.numPassedTests
    failed += counted.numFailedTests
    skipped += counted.numPendingTests + counted.numTodoTests
    // A file that does not load, or an error outside any test, has no failed test to count.
    if (!good && counted.numFailedTests === 0) failed++
  } catch {
    failed++
  }
  rmSync(folder, { recursive: true, force: true })
}

await check('Formatting', 'prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.'])
await check('Types of the engine', 'typescript/bin/tsc', ['--noEmit'])
await check('Types of the tests and the command line', 'typescript/bin/tsc', ['--noEmit', '-p', 'test'])
await check('Types of the workers', 'typescript/bin/tsc', ['--noEmit', '-p', 'workers'])
await check('Types of the app', 'svelte-check/bin/svelte-check', [
  '--tsconfig',
  'src/app/tsconfig.json',
  '--fail-on-warnings',
  '--output',
  'human',
])
await tests('Units, properties, samples, architecture', 'unit')
const browser = await chromium()
if (browser) await tests(`Browser (${browser})`, 'browser', { CHROMIUM_PATH: browser })
else {
  failed++
  console.error(
    'No Chromium could be found or installed, so the browser tests did not run. Install one (on Debian: apt-get install chromium) or set CHROMIUM_PATH to its executable.',
  )
}

console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed > 0 ? 1 : 0)
