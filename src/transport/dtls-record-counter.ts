// Trap 1: werift numbers the Finished record of epoch 1 with the counter of epoch 0 and then starts the counter again
// at 0. The seventh or eighth record of application data so carries a sequence number, and with AES-GCM a nonce, that
// was used before: Chromium drops that packet on every connection, and two texts under one nonce give away their XOR.

import type { Insides } from './werift.ts'

/** Far above any number the handshake can have used; the receiver's replay window slides along without loss. */
export const FIRST_RECORD = 1024

/** Moves the record counter past everything the handshake used, before the first byte of SCTP is sent. */
export function advanceRecordCounter(insides: Insides): void {
  insides.onDtlsState((state) => {
    const session = insides.session()
    if (state !== 'connected' || session === undefined) return
    session.dtls.recordSequenceNumber = Math.max(session.dtls.recordSequenceNumber, FIRST_RECORD)
  })
}
