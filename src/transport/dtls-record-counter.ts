// Trap 1: werift numbers the Finished record of epoch 1 with the counter of epoch 0 and then starts the counter again
// at 0. The seventh or eighth record of application data so carries a sequence number, and with AES-GCM a nonce, that
// was used before: Chromium drops that packet on every connection, and two texts under one nonce give away their XOR.
//
// The counter goes on right behind Finished, and not far behind it: a lost Finished is repeated under its old number, and
// a receiver that has seen a record more than 64 ahead takes it for a replay. (With a leap to 1024 one Chromium in ten
// never connected at 10 % loss.)

import type { DtlsInside, Insides } from './werift.ts'

const HANDSHAKE = 22

/** Moves the record counter past what the handshake used of epoch 1, before the first byte of SCTP is sent. */
export function advanceRecordCounter(insides: Insides): void {
  insides.onDtlsState((state) => {
    const session = insides.session()
    if (state !== 'connected' || session === undefined) return
    const { dtls } = session
    dtls.recordSequenceNumber = Math.max(dtls.recordSequenceNumber, finishedNumber(session))
  })
}

/** Number of our Finished record: the only sealed one in our last flight. */
function finishedNumber({ dtls }: DtlsInside): number {
  for (const record of dtls.lastMessage) {
    if (record[0] === HANDSHAKE && record.readUInt16BE(3) === 1) return record.readUIntBE(5, 6)
  }
  throw new Error('werift keeps no Finished in its last flight')
}
