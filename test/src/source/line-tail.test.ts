import { expect, test } from 'vitest'
import { LineTail } from '../../../src/source/line-tail.ts'

test('lines are put together from pieces, and progress lines count as lines', () => {
  const tail = new LineTail()
  for (const piece of ['ab', 'c\nde', 'f\r', 'g\r\nh']) tail.push(piece)
  expect(tail.lines).toEqual(['abc', 'def', 'g', 'h'])
})

test('the last twenty lines stay, cut to a thousand characters, whatever is poured in', () => {
  const tail = new LineTail()
  for (let line = 0; line < 100_000; line++) tail.push(`line ${line}\n`)
  tail.push('x'.repeat(5_000_000))
  tail.push('y'.repeat(5_000_000))
  expect(tail.lines).toHaveLength(21)
  expect(tail.lines[0]).toBe('line 99980')
  expect(tail.lines.at(-1)).toBe('x'.repeat(1000))
})
