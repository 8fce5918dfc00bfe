// Which handshake message may come when. werift takes any message at any time and as often as it comes, but writes only the
// first of each kind into the transcript that signature and Finished are computed over: whoever sits on the path could let
// the viewer sign its own key exchange, follow it with one of his, and so hold the keys of the session.
// Here a message that is out of turn, or of a kind that has been, ends the handshake. Pure.

/** What the other end says: how it opens, and then in order (RFC 5246 7.3, RFC 6347 4.2). */
const SCRIPTS = {
  // ClientHello, again with the cookie; Certificate, ClientKeyExchange, CertificateVerify, Finished.
  client: { opening: 1, opens: true, rest: [11, 16, 15, 20] },
  // HelloVerifyRequest; ServerHello, Certificate, ServerKeyExchange, CertificateRequest, ServerHelloDone, Finished.
  server: { opening: 3, opens: false, rest: [2, 11, 12, 13, 14, 20] },
} as const
const MOST_OPENINGS = 2
const CERTIFICATE_REQUEST = 13

export class DtlsScript {
  readonly #opening: number
  readonly #rest: readonly number[]
  #mustOpen: boolean
  #openings = 0
  #at = 0

  /** `other` is what the other end is in this session. */
  constructor(other: 'client' | 'server') {
    const { opening, opens, rest } = SCRIPTS[other]
    this.#opening = opening
    this.#mustOpen = opens
    this.#rest = rest
  }

  /** Takes the next message; false when it must not come now. */
  take(type: number): boolean {
    if (type === this.#opening && this.#at === 0) {
      this.#mustOpen = false
      this.#openings += 1
      return this.#openings <= MOST_OPENINGS
    }
    if (this.#mustOpen) return false
    // Only our own server side asks for a certificate; others may leave it out.
    if (this.#rest[this.#at] === CERTIFICATE_REQUEST && type !== CERTIFICATE_REQUEST) this.#at += 1
    if (this.#rest[this.#at] !== type) return false
    this.#at += 1
    return true
  }
}
