import { describe, expect, test } from 'vitest'
import { ReadingPace } from '../src/app/sandbox/reading-pace.ts'

/** How long a run with eight messages unread at the most needs to be read so often, and how much of that is reading. */
function flood(messages: number, each: number) {
  const pace = new ReadingPace()
  const heard = Array.from({ length: 8 }, () => 0)
  let now = 0
  for (let i = 0; i < messages; i++) {
    // The page reads them one after the other, each when it has come.
    now = Math.max(now, heard.shift()!)
    const from = now
    now += each
    heard.push(now + pace.read(from, now))
  }
  return { took: now, busy: (messages * each) / now }
}

describe('the pace at which the page reads what a run says', () => {
  test('leaves half of the time to whoever types, however long messages take to be read', () => {
    for (const each of [2, 10, 40, 200]) expect(flood(2000, each).busy).toBeLessThan(0.55)
  })

  test('holds up nobody who tells what runs tell', () => {
    const pace = new ReadingPace()
    // Sixty words of progress a second, and now and then a part of a journal.
    for (let i = 0; i < 1000; i++) expect(pace.read(i * 16, i * 16 + (i % 60 === 0 ? 30 : 4))).toBe(0)
    expect(new ReadingPace().read(0, 100)).toBe(0)
  })

  test('lets a run wait no longer than a second, even after a message that took a minute', () => {
    const pace = new ReadingPace()
    expect(pace.read(0, 60_000)).toBe(0)
    expect(pace.read(61_000, 61_001)).toBe(0)
    expect(new ReadingPace().read(0, 500)).toBeLessThan(1000)
  })
})
