import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const readme = readFileSync('README.md', 'utf8')
const blocks = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
const block = (language: string) => blocks.find(([, found]) => found === language)![2]!

test('the strategy of the README prints what the README says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'outcry-readme-'))
  try {
    const file = join(folder, 'trend.ts')
    writeFileSync(file, block('ts'))
    const printed = execFileSync(process.execPath, ['src/outcry.mjs', 'run', file, '--data', 'aapl'], {
      encoding: 'utf8',
    })
    expect(printed.trimEnd().replace(/ +$/gm, '')).toBe(block('').trimEnd())
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('every path that the README names is there', () => {
  const paths = [...readme.matchAll(/`((?:src|test|sample-strategies)\/[^`]*)`/g)].map(([, path]) => path!)
  expect(paths.length).toBeGreaterThan(3)
  expect(paths.filter((path) => !existsSync(path))).toEqual([])
})
