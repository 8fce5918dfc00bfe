// Brings the messages of a DTLS handshake into order, whole and once each. Pure.

/** A handshake message or a fragment of one, as werift parses it. */
export type HandshakeFragment = {
  msg_type: number
  message_seq: number
  /** Length of the whole message. */
  length: number
  fragment_offset: number
  fragment_length: number
  fragment: Buffer
}

/** No certificate of a browser comes near. */
const MAX_MESSAGE_BYTES = 16 * 1024
/** Messages held until one before them arrives; a whole flight has six. */
const MAX_AHEAD = 8
/** Messages of a whole handshake; no client and no server has more than ten to say. */
const MAX_MESSAGES = 16

type Partial = { whole: HandshakeFragment; filled: Uint8Array; missing: number }

export class HandshakeOrder {
  #next = 0
  readonly #ahead = new Map<number, HandshakeFragment>()
  readonly #partial = new Map<number, Partial>()
  readonly #past: HandshakeFragment[] = []

  /** Takes a fragment; returns the messages that are complete and in order now. */
  push(fragment: HandshakeFragment): HandshakeFragment[] {
    const { message_seq: sequence } = fragment
    if (sequence < this.#next || sequence >= Math.min(this.#next + MAX_AHEAD, MAX_MESSAGES)) return []
    const whole = this.#assemble(fragment)
    if (whole === undefined) return []
    this.#ahead.set(sequence, whole)
    const ready: HandshakeFragment[] = []
    for (;;) {
      const message = this.#ahead.get(this.#next)
      if (message === undefined) return ready
      this.#ahead.delete(this.#next)
      this.#partial.delete(this.#next)
      this.#next += 1
      this.#past.push(message)
      ready.push(message)
    }
  }

  /** The message a fragment repeats the beginning of, when it has been handed out already. */
  repeated(fragment: HandshakeFragment): HandshakeFragment | undefined {
    return fragment.fragment_offset === 0 ? this.#past[fragment.message_seq] : undefined
  }

  #assemble(fragment: HandshakeFragment): HandshakeFragment | undefined {
    const { length, fragment_offset: from, fragment_length: size } = fragment
    if (size === length) return fragment
    if (length > MAX_MESSAGE_BYTES || from + size > length || fragment.fragment.length !== size)
      return undefined
    let partial = this.#partial.get(fragment.message_seq)
    if (partial === undefined || partial.whole.length !== length) {
      const whole: HandshakeFragment = Object.assign(
        Object.create(Object.getPrototypeOf(fragment)),
        fragment,
        {
          fragment_offset: 0,
          fragment_length: length,
          fragment: Buffer.alloc(length),
        },
      )
      partial = { whole, filled: new Uint8Array(length), missing: length }
      this.#partial.set(fragment.message_seq, partial)
    }
    partial.whole.fragment.set(fragment.fragment, from)
    for (let i = from; i < from + size; i += 1) {
      if (partial.filled[i] === 0) partial.missing -= 1
      partial.filled[i] = 1
    }
    return partial.missing === 0 ? partial.whole : undefined
  }
}
