// Finds a Chromium for the browser tests, or installs one.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The path of a Chromium that starts, or undefined where none could be had. */
export async function chromium() {
  const found = await find()
  if (found) return found
  console.log('No Chromium found; installing one for the browser tests …')
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  // Debian has it as a package. Ubuntu's package is a stub that wants snap, so there the next way is taken.
  if (existsSync('/usr/bin/apt-get') && existsSync('/etc/debian_version')) {
    const apt = (...args) =>
      run([...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args])
    if (apt('update') && apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation')) {
      const packaged = await find()
      if (packaged) return packaged
    }
  }
  const playwright = ['node', `${root}node_modules/playwright-core/cli.js`, 'install']
  run([...playwright, ...(asRoot.length === 0 ? ['--with-deps'] : []), 'chromium'])
  return find()
}

async function find() {
  const { chromium } = await import('playwright-core')
  const named = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge']
  const folders = (process.env.PATH ?? '').split(':')
  const candidates = [
    process.env.CHROMIUM_PATH,
    ...named.flatMap((name) => folders.map((folder) => `${folder}/${name}`)),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    chromium.executablePath(),
  ]
  return candidates.find((path) => path && isExecutable(path) && starts(path))
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Ubuntu's stub is there but does not start. */
function starts(path) {
  const result = spawnSync(path, ['--version', '--no-sandbox'], { encoding: 'utf8', timeout: 20_000 })
  return result.status === 0 && /Chrom|Edge/.test(result.stdout)
}

function run([command, ...args]) {
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}
