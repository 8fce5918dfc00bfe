// Trap 12: on Node >= 22 `createCipheriv` with a Buffer as key costs 11-15 us a packet, with a KeyObject 2-4: the Buffer
// is turned into a key each time. werift keeps Buffers; what it does with them works as well with KeyObjects.

import { createSecretKey, KeyObject } from 'node:crypto'
import type { Insides } from './werift.ts'

/** Turns both write keys into KeyObjects as soon as the handshake has made them. */
export function useKeyObjects(insides: Insides): void {
  insides.onDtlsState((state) => {
    const aead = insides.session()?.cipher.cipher
    if (state !== 'connected' || aead === undefined) return
    aead.clientWriteKey = keyObject(aead.clientWriteKey)
    aead.serverWriteKey = keyObject(aead.serverWriteKey)
  })
}

const keyObject = (key: Buffer | KeyObject) => (key instanceof KeyObject ? key : createSecretKey(key))
