import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { highlight, startOfFile, tokenize } from '../src/app/editor/tokens.ts'

const shown = (text: string) =>
  highlight(text).map((line) =>
    line.filter(({ kind }) => kind !== 'plain').map(({ kind, text }) => `${kind} ${text.trim()}`),
  )

const samples = import.meta.glob<string>('../sample-strategies/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
})

test('colouring loses no character of any line', () => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      expect(
        tokenize(line, startOfFile)
          .tokens.map(({ text }) => text)
          .join(''),
      ).toBe(line)
    }),
  )
  for (const text of Object.values(samples))
    expect(
      highlight(text)
        .map((line) => line.map(({ text }) => text).join(''))
        .join('\n'),
    ).toBe(text)
})

test('keywords, names, texts and numbers of a strategy are told apart', () => {
  expect(shown("fast = this.input('fast', 10)")).toEqual([
    ['keyword this', 'name input', "string 'fast'", 'number 10'],
  ])
  expect(shown('export default class Sma extends BarStrategy {')).toEqual([
    ['keyword export', 'keyword default', 'keyword class', 'name Sma', 'keyword extends', 'name BarStrategy'],
  ])
})

test('a property that is spelled like a keyword is no keyword', () => {
  expect(shown('order.type, { of: 1, from: x }')).toEqual([['number 1']])
  expect(shown('up ? true : this')).toEqual([['keyword true', 'keyword this']])
})

test('a comment and a template reach over lines', () => {
  expect(shown('/* one\ntwo */ return')).toEqual([['comment /* one'], ['comment two */', 'keyword return']])
  expect(shown('`a ${ { b: `c` }.b }\nd` + 1')).toEqual([
    ['string `a', 'string `c`'],
    ['string d`', 'number 1'],
  ])
})

test('a division is no pattern, and a pattern may hold a quote', () => {
  expect(shown("a / b / 'c'")).toEqual([["string 'c'"]])
  expect(shown("(/'/, 1)")).toEqual([["string /'/", 'number 1']])
})
