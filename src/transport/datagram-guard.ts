// Looks at every datagram before werift does, and lets in what can come from this viewer only.
//
// Traps answered here:
//   3  one plaintext DTLS alert, from any address, closes a session; so does a record of a type werift does not know;
//      and a plaintext ClientHello makes it throw its keys away and begin a new handshake.
//      -> DTLS only from addresses ICE has spoken to; no alert and no Finished in plaintext; once connected no record of
//         epoch 0 at all, and alerts only when their seal is whole (werift reads the encrypted bytes as plaintext first).
//   -  werift answers STUN requests without looking at their MESSAGE-INTEGRITY and adds a pair to its check list for
//      each sender: anyone who finds the port can make the list grow, and the server send checks where he likes.
//      -> a request needs our user name and a valid MESSAGE-INTEGRITY.
//   -  what arrives before werift has made its DTLS session is lost, and the viewer waits for its own retransmission.
//      -> the first few datagrams are kept and handed in once the session exists.

import type { LeanReceive } from './lean-receive.ts'
import {
  DTLS_CLIENT,
  type DtlsInside,
  type Endpoint,
  type IceInside,
  type Insides,
  type StunInside,
  werift,
} from './werift.ts'

const RECORD_HEADER_BYTES = 13
const HANDSHAKE_HEADER_BYTES = 12
const CHANGE_CIPHER_SPEC = 20
const ALERT = 21
const HANDSHAKE = 22
const APPLICATION_DATA = 23
const FINISHED = 20
const MAX_EARLY = 4

/** Datagrams kept out, by reason. */
export type GuardCounters = {
  stun: number
  stranger: number
  plaintext: number
  alert: number
  other: number
}

/** Puts the guard before every socket of this connection. What `lean` can deal with never reaches werift's parser. */
export function guardDatagrams(insides: Insides, lean?: LeanReceive): GuardCounters {
  const { ice } = insides
  const counters: GuardCounters = { stun: 0, stranger: 0, plaintext: 0, alert: 0, other: 0 }
  const ensureProtocol = ice.ensureProtocol
  ice.ensureProtocol = (protocol) => {
    ensureProtocol.call(ice, protocol)
    // One by one over UDP, or cut out of a TCP stream: the same packets.
    const entrance = 'handleFrame' in protocol ? 'handleFrame' : 'datagramReceived'
    const inside = protocol as unknown as Record<string, (data: Buffer, from: Endpoint) => void>
    const receive = inside[entrance]!
    const early: [Buffer, Endpoint][] = []
    const pass = (session: DtlsInside, data: Buffer, from: Endpoint) => {
      const records = admitted(session, data, counters)
      if (records !== undefined) receive.call(protocol, records, from)
    }
    insides.onSession((session) => {
      for (const [data, from] of early.splice(0)) pass(session, data, from)
    })
    inside[entrance] = (data, from) => {
      const first = data[0]
      if (first === undefined) counters.other += 1
      else if (first < 4) {
        if (isStunAllowed(ice, data)) receive.call(protocol, data, from)
        else counters.stun += 1
      } else if (first >= CHANGE_CIPHER_SPEC && first <= APPLICATION_DATA) {
        if (!isKnown(ice, protocol, from)) {
          counters.stranger += 1
          return
        }
        const session = insides.session()
        if (session?.connected && isNominated(ice, protocol, from) && lean?.take(session, data)) return
        if (session === undefined) {
          if (early.length < MAX_EARLY) early.push([data, from])
          return
        }
        pass(session, data, from)
      } else counters.other += 1
    }
  }
  return counters
}

/** A response is matched with its request by werift; a request must prove that it knows our password. */
function isStunAllowed(ice: IceInside, data: Buffer): boolean {
  if (data.length < 20) return false
  const isRequest = (data[0]! & 0x01) === 0 && (data[1]! & 0x10) === 0
  if (!isRequest) return true
  const message = werift.parseMessage(data, Buffer.from(ice.localPassword))
  const user: unknown = message?.getAttributeValue('USERNAME')
  return typeof user === 'string' && user.startsWith(`${ice.localUsername}:`)
}

function isNominated({ nominated }: IceInside, protocol: StunInside, from: Endpoint): boolean {
  return nominated !== undefined && nominated.protocol === protocol && isFrom(nominated.remoteAddr, from)
}

function isKnown(ice: IceInside, protocol: StunInside, from: Endpoint): boolean {
  const { nominated } = ice
  if (nominated !== undefined && isFrom(nominated.remoteAddr, from)) return true
  return ice.checkList.some((pair) => pair.protocol === protocol && isFrom(pair.remoteAddr, from))
}

const isFrom = (a: Endpoint, b: Endpoint): boolean => a[1] === b[1] && a[0] === b[0]

/**
 * The records of a datagram that may pass. One datagram can hold some of each kind: a lost last flight makes the viewer
 * send its whole flight again, plaintext records and the sealed Finished together, and the sealed ones must get through.
 */
function admitted(session: DtlsInside, data: Buffer, counters: GuardCounters): Buffer | undefined {
  const kept: Buffer[] = []
  for (let at = 0; at + RECORD_HEADER_BYTES <= data.length; ) {
    const end = at + RECORD_HEADER_BYTES + data.readUInt16BE(at + 11)
    if (end > data.length) break
    const record = data.subarray(at, end)
    const refused = session.connected ? afterHandshake(session, record) : duringHandshake(session, record)
    if (refused === undefined) kept.push(record)
    else counters[refused] += 1
    at = end
  }
  if (kept.length < 2) return kept[0]
  return Buffer.concat(kept)
}

type Refused = 'plaintext' | 'alert' | 'other' | undefined

function afterHandshake(session: DtlsInside, record: Buffer): Refused {
  const type = record[0]!
  if (epochOf(record) === 0) return 'plaintext'
  if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA) return 'other'
  return type === ALERT && !isSealed(session, record) ? 'alert' : undefined
}

/**
 * Whoever forges the viewer's address could end its handshake with an alert or an early Finished: neither is listened to in
 * plaintext. What fails will have failed when the time for connecting is over.
 */
function duringHandshake({ sessionType }: DtlsInside, record: Buffer): Refused {
  switch (record[0]) {
    case CHANGE_CIPHER_SPEC:
      return undefined
    case HANDSHAKE:
      return epochOf(record) === 0 && hasFinished(record) ? 'plaintext' : undefined
    case APPLICATION_DATA:
      // A client has our Finished before it sends any; a server may have, and UDP may bring it first.
      return sessionType === DTLS_CLIENT ? undefined : 'other'
    case ALERT:
      return 'alert'
    default:
      return 'other'
  }
}

const epochOf = (record: Buffer): number => record.readUInt16BE(3)

function hasFinished(record: Buffer): boolean {
  for (let at = RECORD_HEADER_BYTES; at + HANDSHAKE_HEADER_BYTES <= record.length; ) {
    if (record[at] === FINISHED) return true
    at += HANDSHAKE_HEADER_BYTES + record.readUIntBE(at + 9, 3)
  }
  return false
}

function isSealed(session: DtlsInside, record: Buffer): boolean {
  try {
    session.cipher.decryptPacket({
      recordLayerHeader: {
        contentType: record[0]!,
        protocolVersion: { major: record[1]!, minor: record[2]! },
        epoch: record.readUInt16BE(3),
        sequenceNumber: record.readUIntBE(5, 6),
        contentLen: record.readUInt16BE(11),
      },
      fragment: record.subarray(RECORD_HEADER_BYTES),
    })
    return true
  } catch {
    return false
  }
}
