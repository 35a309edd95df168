import { build } from 'esbuild'
import { createContext, runInContext } from 'node:vm'
import { expect, test } from 'vitest'
import { compile, type Program } from '#compile'
import { placeOf, scriptOf, withMap } from '../src/app/sandbox/joint-script.ts'

async function program(text: string): Promise<Program> {
  const compilation = await compile(
    { build },
    {
      files: { 'main.ts': text, 'far.ts': 'export const far = () => {\n  throw new Error("far")\n}\n' },
      entry: 'main.ts',
    },
    [],
  )
  if (!compilation.ok) throw new Error(compilation.diagnostics[0]!.message)
  return compilation.program
}

/** Stacks of what the programs of a script throw when they are called. */
function stacksOf(programs: readonly Program[]) {
  const script = scriptOf(programs)
  const context = createContext({}) as { strategies?: unknown[]; strategy?: unknown }
  // The engine is the rest of the first line.
  runInContext(`/* engine */${withMap(script)}`, context, { filename: 'strategy.js' })
  const exported = (context.strategies ?? [context.strategy]) as { default?: () => void; error?: Error }[]
  return exported.map(({ default: call, error }) => {
    try {
      if (error) throw error
      call!()
    } catch (error) {
      return placeOf((error as Error).stack!, script)
    }
    return undefined
  })
}

test('of several programs in a script every place is found in the files of the one that it is of', async () => {
  const own = await program('export default Object(() => {\n\n  throw new Error("own")\n})\n')
  const other = await program("import { far } from './far'\nexport default Object(() => far())\n")
  const broken = await program('throw new Error("while it is read")\nexport default Object(0)\n')
  expect(stacksOf([own])).toMatchObject([{ program: 0, position: { file: 'main.ts', line: 3 } }])
  expect(stacksOf([other, broken, own, other])).toMatchObject([
    { program: 0, position: { file: 'far.ts', line: 2 } },
    { program: 1, position: { file: 'main.ts', line: 1 } },
    { program: 2, position: { file: 'main.ts', line: 3 } },
    { program: 3, position: { file: 'far.ts', line: 2 } },
  ])
})

test("the browser's own tools are given one map for all programs", async () => {
  const two = [await program('export default Object(0)'), await program('export default Object(1)')]
  const [, url] = /sourceMappingURL=data:application\/json;base64,(.*)$/.exec(withMap(scriptOf(two)))!
  const { sections } = JSON.parse(atob(url!)) as { sections: { offset: { line: number } }[] }
  const script = scriptOf(two)
  expect(sections.map(({ offset }) => offset.line + 1)).toEqual(
    script.programs.map(({ firstLine }) => firstLine),
  )
  const lines = script.text.split('\n')
  for (const [at, { firstLine }] of script.programs.entries())
    expect(lines[firstLine - 1]).toBe(two[at]!.code.split('\n')[0])
})
