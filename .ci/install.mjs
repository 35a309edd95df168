// Makes a fresh clone ready: checks Node and installs the packages of the lockfile when they are not there yet.
// Plain JavaScript without dependencies: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const lock = `${root}package-lock.json`
/** A copy of the lockfile that the installed packages came from. */
const installed = `${root}node_modules/.installed-lock.json`

export function install() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(
      `Outcry needs Node 20.19 or newer; this is Node ${process.versions.node}. Get one from https://nodejs.org.`,
    )
    process.exit(1)
  }
  if (existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(lock, 'utf8')) return
  console.log('Installing packages (npm ci) …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    // As root npm would run esbuild's install script as the folder's owner; both are fine.
    shell: process.platform === 'win32',
  })
  if (result.status !== 0) {
    console.error(
      'npm ci failed. It needs to reach the npm registry once; behind a proxy, set it with `npm config set proxy …` and try again.',
    )
    process.exit(1)
  }
  copyFileSync(lock, installed)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install()
