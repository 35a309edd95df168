import { svelte } from '@sveltejs/vite-plugin-svelte'
import * as esbuild from 'esbuild'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import sirv from 'sirv'
import type { Plugin, PluginOption } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'
import { encodeColumns } from './src/app/columnar.ts'
import { first } from './src/app/first.ts'
import { compile, reference } from './src/compile/index.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
const packed = promisify(gzip)

/** Bundles a file of ours to one line of classic script. */
async function line(entry: string): Promise<string> {
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    alias: { outcry: './src/index.ts' },
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'silent',
  })
  // A line break can only stand in a template literal, where it may as well be written as an escape.
  return result.outputFiles[0]!.text.trimEnd().replaceAll('\n', '\\n')
}

/** The names that `import … from 'outcry'` gives. */
async function libraryNames(): Promise<string[]> {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['src/index.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    metafile: true,
    logLevel: 'silent',
  })
  return Object.values(metafile.outputs)[0]!.exports
}

/** Runs what a first visit shows, with the engine and the sample as they are, and gives data, record and report. */
async function firstRun(): Promise<Uint8Array> {
  const result = await esbuild.build({
    stdin: {
      contents: `
        import Sample from './sample-strategies/${first.sample}.ts'
        import { report } from '#analysis'
        import { bundledData } from '#data'
        import { run } from '#engine'
        export async function work(read, terms) {
          const data = await bundledData('${first.data}', read)
          const breathe = () => new Promise((resolve) => setImmediate(resolve))
          const record = await run({ strategy: Sample, data, settings: { ...terms, inputs: {} } }, breathe)
          return { data, record, report: report(record, data) }
        }`,
      resolveDir: root,
    },
    absWorkingDir: root,
    alias: { outcry: './src/index.ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  })
  const folder = await mkdtemp(join(tmpdir(), 'outcry-first-run-'))
  try {
    const file = join(folder, 'work.mjs')
    await writeFile(file, result.outputFiles[0]!.text)
    const { work } = (await import(pathToFileURL(file).href)) as {
      work(read: (path: string) => Promise<Uint8Array>, terms: typeof first.terms): Promise<unknown>
    }
    const read = async (path: string) => new Uint8Array(await readFile(join(root, 'node_modules', path)))
    return encodeColumns(await work(read, first.terms))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const bootOf = () => line('src/app/sandbox/boot.ts')
const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`

/** Modules and files that the build makes, by the names of `src/app/virtual.d.ts`. */
function made(): Plugin {
  let building = false
  /** Files that a page fetches: emitted by a build, served at these paths while developing. */
  const files: Record<string, { name: string; type: string; make: () => Promise<string | Uint8Array> }> = {
    '/@made/engine': {
      name: 'engine.js',
      type: 'text/javascript',
      make: () => line('workers/session.ts'),
    },
    '/@made/esbuild': {
      // Packed here, since a static host may not pack it, and by a name for which no server adds an encoding.
      name: 'esbuild.bin',
      type: 'application/octet-stream',
      make: async () =>
        packed(await readFile(join(root, 'node_modules/esbuild-wasm/esbuild.wasm')), { level: 9 }),
    },
    '/@made/first-run': {
      name: 'first-run.bin',
      type: 'application/octet-stream',
      make: async () => packed(await firstRun(), { level: 9 }),
    },
  }
  return {
    name: 'outcry:made',
    configResolved(config) {
      building = config.command === 'build'
    },
    resolveId(id) {
      if (/^virtual:(sandbox|esbuild|first-run|samples(\/.+)?)$/.test(id)) return `\0${id}`
      return undefined
    },
    async load(id) {
      if (!id.startsWith('\0virtual:')) return undefined
      const urlOf = async (path: string) => {
        if (!building) return JSON.stringify(path)
        const { name, make } = files[path]!
        const reference = this.emitFile({ type: 'asset', name, source: await make() })
        return `import.meta.ROLLUP_FILE_URL_${reference}`
      }
      const name = id.slice('\0virtual:'.length)
      if (name === 'sandbox') {
        const boot = await bootOf()
        return `export const boot = ${JSON.stringify(boot)}
export const bootHash = ${JSON.stringify(hashOf(boot))}
export const engineUrl = ${await urlOf('/@made/engine')}`
      }
      if (name === 'first-run')
        return `export const sample = ${JSON.stringify(first.sample)}
export const address = ${await urlOf('/@made/first-run')}`
      if (name === 'esbuild') return `export default ${await urlOf('/@made/esbuild')}`
      const folder = join(root, 'sample-strategies')
      if (name === 'samples') {
        const entries = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort()
        const samples = await Promise.all(
          entries.map(async (file) => {
            this.addWatchFile(join(folder, file))
            const id = basename(file, '.ts')
            const { title, thesis } = opening(await readFile(join(folder, file), 'utf8'), file)
            const load = `() => import(${JSON.stringify(`virtual:samples/${id}`)})`
            return `{ id: ${JSON.stringify(id)}, title: ${JSON.stringify(title)}, thesis: ${JSON.stringify(thesis)}, load: ${load} }`
          }),
        )
        return `export const samples = [${samples.join(',\n')}]`
      }
      const file = `${name.slice('samples/'.length)}.ts`
      this.addWatchFile(join(folder, file))
      const source = await readFile(join(folder, file), 'utf8')
      const result = await compile(esbuild, { files: { [file]: source }, entry: file }, await libraryNames())
      if (!result.ok)
        return this.error(
          result.diagnostics
            .map(({ line, column, message }) => `${file}:${line}:${column} ${message}`)
            .join('\n'),
        )
      return `export const source = ${JSON.stringify(source)}
export const program = ${JSON.stringify(result.program)}`
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const file = files[request.url?.replace(/[?#].*/, '') ?? '']
        if (!file) return next()
        file.make().then((content) => {
          response.setHeader('Content-Type', file.type)
          response.end(content)
        }, next)
      })
    },
  }
}

/** Title and thesis of a sample: the first line of its opening comment, and the sentence that follows. */
function opening(source: string, file: string): { title: string; thesis: string } {
  const comment = /^\s*\/\*\*?([\s\S]*?)\*\//.exec(source)?.[1]
  const lines = (comment ?? '').split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trim())
  const [title, ...rest] = lines.filter(Boolean)
  if (!title || rest.length === 0)
    throw new Error(
      `${file} must open with a comment: a title, then on further lines what the strategy does.`,
    )
  const text = rest.join(' ')
  return { title: title.replace(/\.$/, ''), thesis: /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text }
}

/** Puts the content security policy first into the head of the built pages. While developing, Vite needs more than it allows. */
function policy(): Plugin {
  return {
    name: 'outcry:policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      async handler(html) {
        const content = [
          `default-src 'none'`,
          `script-src 'self' 'wasm-unsafe-eval' '${hashOf(await bootOf())}'`,
          `style-src 'self' 'unsafe-inline'`,
          `img-src 'self' data: blob:`,
          `font-src 'self' data:`,
          `connect-src 'self'`,
          `worker-src 'self' blob:`,
          `frame-src 'none'`,
          `object-src 'none'`,
          `base-uri 'none'`,
          `form-action 'none'`,
          `manifest-src 'self'`,
        ].join('; ')
        return html.replace(
          /<head>/,
          `<head>\n    <meta http-equiv="Content-Security-Policy" content="${content}" />`,
        )
      },
    },
  }
}

/**
 * The service worker and the manifest. All files with a hash in their name are kept when the page is first visited, so
 * that it works offline from then on; the page itself comes from the network while there is one. A new version waits
 * until the reader asks for it.
 */
function offline(): PluginOption {
  const plugins = VitePWA({
    injectRegister: null,
    registerType: 'prompt',
    filename: 'service-worker.js',
    includeAssets: ['outcry.svg', 'icons/*.png'],
    manifest: {
      id: './',
      name: 'Outcry',
      short_name: 'Outcry',
      description:
        'A trading-strategy playground: write a strategy, run it, see honestly what it would have done.',
      start_url: './',
      scope: './',
      display: 'standalone',
      background_color: '#14181c',
      theme_color: '#14181c',
      categories: ['finance', 'education', 'developer'],
      icons: [
        { src: 'outcry.svg', sizes: 'any', type: 'image/svg+xml' },
        { src: 'icons/192.png', sizes: '192x192', type: 'image/png' },
        { src: 'icons/512.png', sizes: '512x512', type: 'image/png' },
        { src: 'icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
      ],
    },
    workbox: {
      globPatterns: ['**/*'],
      globIgnores: ['**/*.gz', '**/*.map', 'service-worker.js'],
      // Monaco's TypeScript worker is the largest.
      maximumFileSizeToCacheInBytes: 20_000_000,
      // Names in assets/ carry a hash of their content, so what is there need not be asked for again.
      dontCacheBustURLsMatching: /\/assets\//,
      inlineWorkboxRuntime: true,
      cleanupOutdatedCaches: true,
      // `./` is the page: it is asked of the network first, and is not to be answered from what was kept.
      directoryIndex: null,
      navigateFallback: null,
      runtimeCaching: [
        {
          urlPattern: ({ request }) => request.mode === 'navigate',
          handler: 'NetworkFirst',
          options: {
            cacheName: 'page',
            networkTimeoutSeconds: 3,
            precacheFallback: { fallbackURL: 'index.html' },
          },
        },
      ],
    },
  })
  // Of the pages that this file builds only the app is kept; the tests have another.
  const isApp = ({ root: built }: { root?: string }) =>
    built === undefined || resolve(built) === resolve(root)
  return plugins.map((plugin) => ({
    ...plugin,
    apply: (config, { command }) => isApp(config) && (plugin.apply === undefined || plugin.apply === command),
  }))
}

/** Writes a gzipped copy beside every file that shrinks by it, and lets `vite preview` serve those. */
function compressed(): Plugin {
  let out = ''
  let building = false
  return {
    name: 'outcry:compressed',
    configResolved(config) {
      building = config.command === 'build'
      out = resolve(config.root, config.build.outDir)
    },
    closeBundle: {
      order: 'post',
      async handler() {
        if (!building) return
        const names = await readdir(out, { recursive: true }).catch(() => [])
        for (const name of names.filter((name) => /\.(js|css|html|svg|json|csv|map|txt)$/.test(name)))
          await writeFile(
            join(out, `${name}.gz`),
            await packed(await readFile(join(out, name)), { level: 9 }),
          )
      },
    },
    configurePreviewServer(server) {
      server.middlewares.use(
        sirv(out, {
          gzip: true,
          etag: true,
          setHeaders(response, path) {
            // Names in assets/ carry a hash of their content.
            const forever = path.includes('/assets/')
            response.setHeader('Cache-Control', forever ? 'public, max-age=31536000, immutable' : 'no-cache')
          },
        }),
      )
    },
  }
}

/** Groups of the reference page by the module that a name of `src/index.ts` comes from; what comes from none is an indicator. */
const groups: Readonly<Record<string, string>> = {
  '#strategy': 'Strategy',
  '#market': 'Market and orders',
  '#trading': 'Account',
  '': 'Indicators',
}

/**
 * `virtual:outcry-declarations`: the declarations of `src/index.ts` and of all that it names, with their doc comments, as
 * one text. The editor's language service knows the strategy API from it, so that editor and engine cannot drift apart.
 * `virtual:reference` is the same for the reference page.
 */
function declarations(): Plugin {
  const text = '\0outcry-declarations'
  const pages = '\0outcry-reference'
  return {
    name: 'outcry:declarations',
    resolveId: (id) =>
      id === 'virtual:outcry-declarations' ? text : id === 'virtual:reference' ? pages : undefined,
    async load(id) {
      if (id !== text && id !== pages) return undefined
      const bundle = await rollup({
        input: join(root, 'src/index.ts'),
        plugins: [dts({ tsconfig: join(root, 'tsconfig.json') })],
      })
      const { output } = await bundle.generate({ format: 'es' })
      for (const file of bundle.watchFiles) this.addWatchFile(file)
      await bundle.close()
      const { code } = output[0]
      if (id === text) return `export default ${JSON.stringify(code)}`
      const { default: typescript } = await import('typescript')
      const blocks = (await readFile(join(root, 'src/index.ts'), 'utf8')).matchAll(
        /export (?:type )?\{([^}]*)\} from '([^']+)'/g,
      )
      const sources = new Map(
        [...blocks].flatMap(([, list, source]) =>
          list!.split(',').map((name) => [name.trim().replace(/^type /, ''), source!] as const),
        ),
      )
      const entries = reference(typescript, code, (name) => groups[sources.get(name) ?? ''] ?? 'Strategy')
      const order = Object.values(groups)
      const kinds = ['class', 'function', 'constant', 'interface', 'type']
      const rank = ({ name, group, kind }: (typeof entries)[number]) =>
        order.indexOf(group) * 100 + (name.endsWith('Strategy') ? 0 : 1 + kinds.indexOf(kind))
      entries.sort(
        (a, b) => rank(a) - rank(b) || b.name.localeCompare(a.name) * (rank(a) % 100 === 0 ? 1 : -1),
      )
      return `export const groups = ${JSON.stringify(order)}
export const entries = JSON.parse(${JSON.stringify(JSON.stringify(entries))})`
    },
  }
}

export default defineConfig({
  // Relative, so that the build works under any path.
  base: './',
  plugins: [svelte({ configFile: false }), made(), declarations(), policy(), offline(), compressed()],
  resolve: { alias: [{ find: /^outcry$/, replacement: join(root, 'src/index.ts') }] },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // What the first screen needs is one chunk: packed together it is smaller than in parts that others share.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } },
  },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/*.test.ts'], testTimeout: 120_000 } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/*.spec.ts'],
          globalSetup: 'test/browser/setup.ts',
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // What a page is to show comes when it comes; a second is not enough on a machine that is busy.
          expect: { poll: { timeout: 60_000 } },
          fileParallelism: false,
          // Several of these hold a duration against a limit, on machines that others use too.
          retry: 2,
        },
      },
    ],
  },
})
