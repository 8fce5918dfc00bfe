import { expect, test } from 'vitest'
import { isPacketSound } from '../../../src/transport/sctp-validation.ts'
import { SCTP_ESTABLISHED } from '../../../src/transport/werift.ts'

const ASSOCIATION = { associationState: SCTP_ESTABLISHED, lastReceivedTsn: 0x10 }
const COMMON = '1388138811223344' + '00000000'
const sound = (chunks: string) =>
  isPacketSound(Buffer.from((COMMON + chunks).replaceAll(' ', ''), 'hex'), ASSOCIATION)

test('packets a browser sends are let through', () => {
  // DATA: text on control, "hi", padded.
  expect(sound('00 03 0012 00000011 0001 0000 00000033 6869 0000')).toBe(true)
  // SACK with one gap block, then DATA in the same packet.
  expect(
    sound(
      '03 00 0014 00000001 00020000 0001 0000 0002 0003 00 03 0012 00000011 0001 0000 00000033 6869 0000',
    ),
  ).toBe(true)
  // HEARTBEAT with its information parameter.
  expect(sound('04 00 000c 0001 0008 01020304')).toBe(true)
  // Stream reset of streams 0 and 1.
  expect(sound('82 00 0018 000d 0014 00000001 00000002 00000003 0000 0001')).toBe(true)
  // FORWARD-TSN, SHUTDOWN, ABORT.
  expect(sound('c0 00 0008 00000014')).toBe(true)
  expect(sound('07 00 0008 00000014')).toBe(true)
  expect(sound('06 00 0004')).toBe(true)
})

test.each([
  ['nothing after the header', ''],
  ['a chunk of length zero, which loops for ever', '06 00 0000'],
  ['a chunk shorter than its header', '06 00 0003'],
  ['a chunk longer than the packet', '00 03 0400 00000011 0001 0000 00000033 6869 0000'],
  ['a chunk werift does not know', '63 00 0004'],
  ['half a chunk header', '06 00 0004 0700'],
  ['DATA without a byte', '00 03 0010 00000011 0001 0000 00000033'],
  ['DATA on a stream that does not exist', '00 03 0012 00000011 0007 0000 00000033 6869 0000'],
  ['DATA of an unknown payload protocol', '00 03 0012 00000011 0001 0000 000003e7 6869 0000'],
  ['a channel opened in band', '00 03 0012 00000011 0001 0000 00000032 6869 0000'],
  ['DATA far ahead', '00 03 0012 00000911 0001 0000 00000033 6869 0000'],
  ['INIT in the middle of a connection', '01 00 0014 00000001 00010000 000a 000a 00000001'],
  ['a SACK that counts more gaps than it has', '03 00 0014 00000001 00020000 0002 0000 0002 0003'],
  ['a parameter of length zero, which loops for ever', '04 00 000c 0001 0000 01020304'],
  ['a parameter longer than its chunk', '04 00 000c 0001 0040 01020304'],
  ['a stream reset cut short', '82 00 000c 000d 0008 00000001'],
  ['a FORWARD-TSN of odd length', 'c0 00 000a 00000014 0001 0000'],
])('refused: %s', (_name, chunks) => {
  expect(sound(chunks)).toBe(false)
})
