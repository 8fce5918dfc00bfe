// Looks at every datagram before werift does, and lets in what can come from this viewer only.
//
// Traps answered here:
//   3  one plaintext DTLS alert, from any address, closes a session; so does a record of a type werift does not know;
//      and a plaintext ClientHello makes it throw its keys away and begin a new handshake.
//      -> DTLS only from addresses ICE has spoken to; once connected no record of epoch 0, and alerts only when their
//         seal is whole (werift reads the encrypted bytes of an alert as plaintext first).
//   -  werift answers STUN requests without looking at their MESSAGE-INTEGRITY and adds a pair to its check list for
//      each sender: anyone who finds the port can make the list grow, and the server send checks where he likes.
//      -> a request needs our user name and a valid MESSAGE-INTEGRITY.
//   -  what arrives before werift has made its DTLS session is lost, and the viewer waits for its own retransmission.
//      -> the first few datagrams are kept and handed in once the session exists.

import {
  type DtlsInside,
  type Endpoint,
  type IceInside,
  type Insides,
  type StunInside,
  werift,
} from './werift.ts'

const RECORD_HEADER_BYTES = 13
const CHANGE_CIPHER_SPEC = 20
const ALERT = 21
const APPLICATION_DATA = 23
const MAX_EARLY = 4

/** Datagrams kept out, by reason. */
export type GuardCounters = {
  stun: number
  stranger: number
  plaintext: number
  alert: number
  other: number
}

/** Puts the guard before every socket of this connection. */
export function guardDatagrams(insides: Insides): GuardCounters {
  const { ice } = insides
  const counters: GuardCounters = { stun: 0, stranger: 0, plaintext: 0, alert: 0, other: 0 }
  const ensureProtocol = ice.ensureProtocol
  ice.ensureProtocol = (protocol) => {
    ensureProtocol.call(ice, protocol)
    // Only UDP is open to everyone; a TCP connection has its own parser in werift.
    if (typeof protocol.datagramReceived !== 'function') return
    const receive = protocol.datagramReceived
    const early: [Buffer, Endpoint][] = []
    insides.onSession(() => {
      for (const [data, from] of early.splice(0)) receive.call(protocol, data, from)
    })
    protocol.datagramReceived = (data, from) => {
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
        if (session === undefined) {
          if (early.length < MAX_EARLY) early.push([data, from])
          return
        }
        const records = session.connected ? sealedRecords(session, data, counters) : data
        if (records !== undefined) receive.call(protocol, records, from)
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

function isKnown(ice: IceInside, protocol: StunInside, from: Endpoint): boolean {
  const { nominated } = ice
  if (nominated !== undefined && isFrom(nominated.remoteAddr, from)) return true
  return ice.checkList.some((pair) => pair.protocol === protocol && isFrom(pair.remoteAddr, from))
}

const isFrom = (a: Endpoint, b: Endpoint): boolean => a[1] === b[1] && a[0] === b[0]

/**
 * The records that may pass once keys are agreed. A lost last flight makes the viewer send its whole flight again,
 * plaintext records and the sealed Finished in one datagram: the sealed ones must get through.
 */
function sealedRecords(session: DtlsInside, data: Buffer, counters: GuardCounters): Buffer | undefined {
  const kept: Buffer[] = []
  for (let at = 0; at < data.length; ) {
    if (at + RECORD_HEADER_BYTES > data.length) break
    const end = at + RECORD_HEADER_BYTES + data.readUInt16BE(at + 11)
    if (end > data.length) break
    const type = data[at]!
    const record = data.subarray(at, end)
    if (data.readUInt16BE(at + 3) === 0) counters.plaintext += 1
    else if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA) counters.other += 1
    else if (type === ALERT && !isSealed(session, record)) counters.alert += 1
    else kept.push(record)
    at = end
  }
  if (kept.length < 2) return kept[0]
  return Buffer.concat(kept)
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
