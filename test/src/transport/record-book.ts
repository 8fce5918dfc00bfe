// Reads the DTLS records of one direction of a connection as they pass: numbers and nonces of the sealed ones.

const RECORD_HEADER_BYTES = 13
const EXPLICIT_NONCE_BYTES = 8

export class RecordBook {
  readonly #numbers = new Set<number>()
  readonly #nonces = new Set<string>()
  /** Datagrams repeated by the network or a handshake are no second use: the same record under the same number. */
  readonly #seen = new Map<number, string>()
  records = 0
  /** Numbers, and nonces, that were used for a second, different record. */
  repeatedNumbers = 0
  repeatedNonces = 0

  /** Takes a datagram; anything but DTLS is passed over. */
  read(datagram: Buffer): void {
    for (let at = 0; at + RECORD_HEADER_BYTES <= datagram.length && isRecord(datagram[at]!); ) {
      const body = at + RECORD_HEADER_BYTES
      const end = body + datagram.readUInt16BE(at + 11)
      if (datagram.readUInt16BE(at + 3) === 1) this.#note(datagram.subarray(at, end))
      at = end
    }
  }

  /** Numbers that never came, between the lowest and the highest that did: werift's Finished does not begin at 0. */
  get missing(): number {
    if (this.#numbers.size === 0) return 0
    let [lowest, highest] = [Number.POSITIVE_INFINITY, 0]
    for (const number of this.#numbers) {
      lowest = Math.min(lowest, number)
      highest = Math.max(highest, number)
    }
    return highest - lowest + 1 - this.#numbers.size
  }

  #note(record: Buffer): void {
    const number = record.readUIntBE(5, 6)
    const text = record.toString('latin1')
    if (this.#seen.get(number) === text) return
    this.records += 1
    const nonce = record.toString('hex', RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + EXPLICIT_NONCE_BYTES)
    if (this.#numbers.has(number)) this.repeatedNumbers += 1
    if (this.#nonces.has(nonce)) this.repeatedNonces += 1
    this.#numbers.add(number)
    this.#nonces.add(nonce)
    this.#seen.set(number, text)
  }
}

const isRecord = (type: number): boolean => type >= 20 && type <= 25
