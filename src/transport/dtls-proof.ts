// Asks a viewer to prove that the certificate it shows is its own. werift compares the certificate with the fingerprint
// from signaling but never looks at the signature in CertificateVerify, and the certificate itself crosses the network
// in the clear: whoever sits on the path could show it too and take the viewer's place.

import { createVerify, X509Certificate } from 'node:crypto'
import type { DtlsInside, Insides } from './werift.ts'

const CERTIFICATE_VERIFY = 15

/** Hashes by signature scheme (RFC 8446 4.2.3): ECDSA and RSA PKCS#1, which are what browsers sign with in DTLS 1.2. */
const HASHES: Readonly<Record<number, string>> = {
  1027: 'sha256',
  1283: 'sha384',
  1539: 'sha512',
  1025: 'sha256',
  1281: 'sha384',
  1537: 'sha512',
}

/** Fails the connection when the signature over the handshake is not by the key of the viewer's certificate. */
export function demandProof(insides: Insides): void {
  insides.onSession((session) => {
    const handle = session.onHandleHandshakes
    session.onHandleHandshakes = async (messages) => {
      const verify = messages.find((message) => message.msg_type === CERTIFICATE_VERIFY)
      if (verify !== undefined && !session.connected && !isProof(session, verify.fragment)) {
        throw new Error('the viewer does not hold the key of its certificate')
      }
      await handle.call(session, messages)
    }
  })
}

/** The signature covers every handshake message before it: two bytes of scheme, two of length, then the signature. */
function isProof(session: DtlsInside, body: Buffer): boolean {
  const certificate = session.cipher.remoteCertificate
  if (certificate === undefined || body.length < 4) return false
  const hash = HASHES[body.readUInt16BE(0)]
  const signature = body.subarray(4, 4 + body.readUInt16BE(2))
  if (hash === undefined) return false
  const transcript = Buffer.concat(session.dtls.sortedHandshakeCache.map((message) => message.serialize()))
  try {
    return createVerify(hash).update(transcript).verify(new X509Certificate(certificate).publicKey, signature)
  } catch {
    return false
  }
}
