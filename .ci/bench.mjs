// npm run bench [NAME …]: bundles test/bench/NAME.bench.ts, as the build would, and runs it in Node.
import * as esbuild from 'esbuild'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = `${root}node_modules/.cache/outcry`
mkdirSync(out, { recursive: true })
const all = readdirSync(`${root}test/bench`)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
const names = process.argv.length > 2 ? process.argv.slice(2) : all
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}`)
for (const name of names) {
  if (!all.includes(name)) {
    console.error(`There is no benchmark '${name}'; there are ${all.join(', ')}`)
    process.exit(2)
  }
  console.log(`\n── ${name}`)
  const outfile = `${out}/${name}.bench.mjs`
  await esbuild.build({
    entryPoints: [`${root}test/bench/${name}.bench.ts`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    alias: { outcry: `${root}src/index.ts` },
    logLevel: 'error',
  })
  const { status } = spawnSync(process.execPath, ['--expose-gc', outfile], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
