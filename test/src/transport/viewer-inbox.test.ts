// What a viewer may say, and how much of it.

import { expect, test } from 'vitest'
import { ViewerInbox } from '../../../src/transport/viewer-inbox.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

function inbox() {
  const heard: unknown[] = []
  const abuse: string[] = []
  const made = new ViewerInbox({
    now: localTime(0),
    onControl: (message) => heard.push(message),
    onQuestion: (question) => heard.push(question),
    onAbuse: (why) => abuse.push(why),
  })
  return { made, heard, abuse }
}

const PING = JSON.stringify({ type: 'ping', sent: 1 })
const QUESTION = JSON.stringify({ type: 'nack', epoch: 1, gaps: [{ frame: 1, slices: [0] }] })

test('thirty messages a second go on for ever, and a flood is the end', () => {
  const { made, heard, abuse } = inbox()
  for (let at = 0; at < 20_000; at += 34) made.control(PING, localTime(at))
  expect(heard).toHaveLength(589)
  expect(abuse).toEqual([])
  for (let message = 0; message < 200; message += 1) made.control(PING, localTime(20_000))
  expect(abuse[0]).toBe('flood')
})

test('questions beyond what is answered are not heard, and harm nobody', () => {
  const { made, heard, abuse } = inbox()
  for (let question = 0; question < 1000; question += 1) made.fleeting(QUESTION, localTime(0))
  expect(heard).toHaveLength(40)
  expect(abuse).toEqual([])
})

test.each([
  ['no JSON', '{'],
  ['no message', '{"type":"pong"}'],
  ['a long one', JSON.stringify({ type: 'ping', sent: 1, more: 'x'.repeat(5000) })],
])('%s twenty times over is abuse, on either channel', (_, text) => {
  for (const channel of ['control', 'fleeting'] as const) {
    const { made, heard, abuse } = inbox()
    for (let message = 0; message < 20; message += 1) made[channel](text, localTime(message * 100))
    expect(heard).toEqual([])
    expect(abuse).toEqual(['malformed'])
  }
})
