import { expect, test } from 'vitest'
import { type HandshakeFragment, HandshakeOrder } from '../../../src/transport/handshake-order.ts'

const whole = (sequence: number, text = `message ${sequence}`): HandshakeFragment => {
  const fragment = Buffer.from(text)
  const size = fragment.length
  return {
    msg_type: 11,
    message_seq: sequence,
    length: size,
    fragment_offset: 0,
    fragment_length: size,
    fragment,
  }
}
const part = (sequence: number, text: string, from: number, to: number): HandshakeFragment => ({
  ...whole(sequence, text),
  fragment_offset: from,
  fragment_length: to - from,
  fragment: Buffer.from(text).subarray(from, to),
})
const texts = (messages: HandshakeFragment[]) => messages.map(({ fragment }) => fragment.toString())

test('messages that arrive out of order are handed out in order, once each', () => {
  const order = new HandshakeOrder()
  expect(order.push(whole(1))).toEqual([])
  expect(order.push(whole(2))).toEqual([])
  expect(texts(order.push(whole(0)))).toEqual(['message 0', 'message 1', 'message 2'])
  expect(order.push(whole(1))).toEqual([])
  expect(order.repeated(whole(1))?.fragment.toString()).toBe('message 1')
  expect(order.repeated(whole(3))).toBeUndefined()
})

test('fragments make a message however often and in whatever order they come', () => {
  const order = new HandshakeOrder()
  const text = 'a certificate of some length'
  expect(order.push(part(0, text, 10, 20))).toEqual([])
  expect(order.push(part(0, text, 10, 20))).toEqual([])
  expect(order.push(part(0, text, 18, text.length))).toEqual([])
  const [message] = order.push(part(0, text, 0, 12))
  expect(message?.fragment.toString()).toBe(text)
  expect(message).toMatchObject({ fragment_offset: 0, fragment_length: text.length })
})

test('fragments that reach beyond their message, or claim megabytes, are ignored', () => {
  const order = new HandshakeOrder()
  expect(order.push({ ...part(0, 'short', 0, 3), fragment_offset: 4 })).toEqual([])
  expect(order.push({ ...part(0, 'short', 0, 3), length: 0xffffff })).toEqual([])
  expect(order.push({ ...part(0, 'short', 0, 3), fragment_length: 2 })).toEqual([])
  expect(texts(order.push(whole(0)))).toEqual(['message 0'])
})

test('messages far ahead are not kept', () => {
  const order = new HandshakeOrder()
  expect(order.push(whole(4000))).toEqual([])
  for (let sequence = 0; sequence < 8; sequence += 1) order.push(whole(sequence))
  expect(order.repeated(whole(7))).toBeDefined()
  expect(order.repeated(whole(8))).toBeUndefined()
})

test('a repeated fragment stands for its whole message, once: Chromium sends its ClientHello in two', () => {
  const order = new HandshakeOrder()
  const text = 'a hello with a post-quantum key share'
  order.push(part(0, text, 20, text.length))
  order.push(part(0, text, 0, 20))
  expect(order.repeated(part(0, text, 0, 20))?.fragment.toString()).toBe(text)
  expect(order.repeated(part(0, text, 20, text.length))).toBeUndefined()
})

test('a handshake has an end: no message beyond the sixteenth is taken, or kept', () => {
  const order = new HandshakeOrder()
  const taken = Array.from({ length: 40 }, (_, sequence) => order.push(whole(sequence)).length)
  expect(taken.reduce((sum, each) => sum + each, 0)).toBe(16)
  expect(order.repeated(whole(16))).toBeUndefined()
})
