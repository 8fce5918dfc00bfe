// Asks the other end to prove who it is. werift compares its certificate with the fingerprint from signaling, but the
// certificate crosses the network in the clear and whoever sits on the path could show it too. werift looks at neither of
// the two proofs that follow (0.25.2):
//   - the signature: a client's over the handshake so far, a server's over its share of the key exchange;
//   - Finished: that both ends saw the same handshake and have the same keys.

import { createHash, createHmac, createVerify, timingSafeEqual, X509Certificate } from 'node:crypto'
import { DTLS_CLIENT, type DtlsInside, type Insides } from './werift.ts'

const CERTIFICATE = 11
const SERVER_KEY_EXCHANGE = 12
const CERTIFICATE_VERIFY = 15
const FINISHED = 20

const VERIFY_DATA_BYTES = 12
/** Kind of curve, name of the curve, length of the point: what stands before the point in ServerKeyExchange. */
const CURVE_HEADER_BYTES = 4

/** Hashes by signature scheme (RFC 8446 4.2.3): ECDSA and RSA PKCS#1, which are what browsers sign with in DTLS 1.2. */
const HASHES: Readonly<Record<number, string>> = {
  1027: 'sha256',
  1283: 'sha384',
  1539: 'sha512',
  1025: 'sha256',
  1281: 'sha384',
  1537: 'sha512',
}

/** Fails the connection when a proof is not there or is wrong. */
export function demandProof(insides: Insides): void {
  insides.onSession((session) => {
    const handle = session.onHandleHandshakes
    // werift files it a turn later, when the key exchange behind it may have been handed in.
    let certificate: Buffer | undefined
    session.onHandleHandshakes = async (messages) => {
      for (const { msg_type: type, fragment } of messages) {
        if (session.connected) continue
        if (type === CERTIFICATE) certificate = firstCertificate(fragment)
        if (!isProven(session, certificate, type, fragment))
          throw new Error(`the other end has not proven who it is (handshake message ${type})`)
      }
      await handle.call(session, messages)
    }
  })
}

/** True for a proof that holds, and for messages that are none. */
function isProven(session: DtlsInside, certificate: Buffer | undefined, type: number, body: Buffer): boolean {
  if (type === CERTIFICATE_VERIFY) return isSigned(certificate, transcript(session), body)
  if (type === SERVER_KEY_EXCHANGE) return isSigned(certificate, ...keyShare(session, body))
  return type !== FINISHED || isFinished(session, body)
}

/** Every message so far; a Finished that came in is what is looked at, not part of it. */
function transcript({ dtls, sessionType }: DtlsInside): Buffer {
  const messages = dtls.sortedHandshakeCache
  const before =
    sessionType === DTLS_CLIENT ? messages : messages.filter(({ msg_type: type }) => type !== FINISHED)
  return Buffer.concat(before.map((message) => message.serialize()))
}

/** RFC 5246 7.4.3: what is signed is both random values, and curve and point as they came; the proof stands behind them. */
function keyShare({ cipher }: DtlsInside, body: Buffer): [signed: Buffer, proof: Buffer] {
  const end = CURVE_HEADER_BYTES + (body[CURVE_HEADER_BYTES - 1] ?? 0)
  const randoms = [cipher.localRandom, cipher.remoteRandom].map(
    (random) => random?.serialize() ?? Buffer.alloc(0),
  )
  return [Buffer.concat([...randoms, body.subarray(0, end)]), body.subarray(end)]
}

/** The end's own one: three bytes of length of the list, three of the first certificate, and that. */
function firstCertificate(body: Buffer): Buffer | undefined {
  return body.length < 6 ? undefined : body.subarray(6, 6 + body.readUIntBE(3, 3))
}

/** `proof` is two bytes of scheme, two of length, then the signature over `signed` by the certificate's key. */
function isSigned(certificate: Buffer | undefined, signed: Buffer, proof: Buffer): boolean {
  if (certificate === undefined || proof.length < 4) return false
  const hash = HASHES[proof.readUInt16BE(0)]
  const signature = proof.subarray(4, 4 + proof.readUInt16BE(2))
  if (hash === undefined) return false
  try {
    return createVerify(hash).update(signed).verify(new X509Certificate(certificate).publicKey, signature)
  } catch {
    return false
  }
}

/** RFC 5246 7.4.9; every suite that werift knows hashes with SHA-256. */
function isFinished(session: DtlsInside, body: Buffer): boolean {
  const secret = session.cipher.masterSecret
  if (secret === undefined || body.length !== VERIFY_DATA_BYTES) return false
  const label = session.sessionType === DTLS_CLIENT ? 'server finished' : 'client finished'
  const hmac = (...parts: (string | Buffer)[]) =>
    parts.reduce((made, part) => made.update(part), createHmac('sha256', secret)).digest()
  const seed = Buffer.concat([Buffer.from(label), createHash('sha256').update(transcript(session)).digest()])
  return timingSafeEqual(hmac(hmac(seed), seed).subarray(0, VERIFY_DATA_BYTES), body)
}
