// Which key means which command, and which key is none of ours; and the way a phone is let in.

import { expect, test } from 'vitest'
import { type Shortcut, shortcutFor } from '../../../client/page/controls/keyboard.ts'
import { onlyHere, remoteLink, ticketIn } from '../../../client/page/remote/pairing.ts'

const shortcut = (keys: string[]): Shortcut => ({ keys, shown: keys[0], does: keys[0], run: () => {} })
const shortcuts = [shortcut([' ']), shortcut(['m']), shortcut(['ArrowLeft']), shortcut(['?'])]
const press = (key: string, target: object = { tagName: 'BODY' }, held: object = {}) =>
  shortcutFor(shortcuts, {
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    target: target as EventTarget,
    ...held,
  })?.shown

test('a key means its command, in either case', () => {
  expect([press(' '), press('m'), press('M'), press('ArrowLeft'), press('?'), press('x')]).toEqual([
    ' ',
    'm',
    'm',
    'ArrowLeft',
    '?',
    undefined,
  ])
})

test('what is typed into a field, held with Ctrl, or presses a button is no command', () => {
  const field = { tagName: 'INPUT', type: 'text' }
  const slider = { tagName: 'INPUT', type: 'range' }
  const button = { tagName: 'BUTTON' }
  expect([press('m', field), press(' ', field), press('?', { tagName: 'TEXTAREA' })]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(press('m', undefined, { ctrlKey: true })).toBeUndefined()
  expect([press(' ', button), press('m', button), press('ArrowLeft', button)]).toEqual([
    undefined,
    'm',
    'ArrowLeft',
  ])
  expect([press('ArrowLeft', slider), press('m', slider)]).toEqual([undefined, 'm'])
})

test('a phone’s link carries its ticket where no server and no log sees it', () => {
  const ticket = 'A-b_9'.repeat(8)
  const link = new URL(remoteLink('https://car.example:8443', ticket))
  expect(link.origin + link.pathname + link.search).toBe('https://car.example:8443/?remote')
  expect(ticketIn(link.hash)).toBe(ticket)
})

test.each([
  '',
  '#',
  '#ticket=',
  '#ticket=short',
  '#ticket=<script>alert(1)</script>',
  `#ticket=${'x'.repeat(500)}`,
])('%s holds no ticket', (hash) => {
  expect(ticketIn(hash)).toBeUndefined()
})

test('an address that only this machine reaches is known as such', () => {
  expect(['localhost', '127.0.0.1', '127.3.4.5', '[::1]'].map(onlyHere)).toEqual([true, true, true, true])
  expect(['192.168.1.4', 'car.example', '128.0.0.1'].map(onlyHere)).toEqual([false, false, false])
})
