// Lets the DTLS handshake survive loss. werift handles each message when it arrives, in whatever order and however often:
// a key exchange handled twice, or before the certificate that stood in front of it, gives keys the other end does not
// have, and the handshake never ends (measured: one in three at 2 % loss between two of them). Fragments are put together
// by counting, so a repeated one spoils the message. And a lost flight is sent again after 500 ms at the earliest.
//
// Here messages are handed in whole, in order and once (handshake-order.ts); a repeated last message of a flight only
// makes us repeat ours; and the flight under way is sent again after 150 ms, 300 ms and so on until there is an answer.

import { DtlsScript } from './dtls-script.ts'
import { type HandshakeFragment, HandshakeOrder } from './handshake-order.ts'
import { DTLS_CLIENT, type DtlsInside, type Insides } from './werift.ts'

const CLIENT_HELLO = 1
const SERVER_HELLO_DONE = 14
const FINISHED = 20

const FIRST_REPEAT_MS = 150
const LONGEST_REPEAT_MS = 1200

/** Repairs the handshake of a connection to come. */
export function repairHandshake(insides: Insides): void {
  insides.onSession((session) => {
    const order = new HandshakeOrder()
    const script = new DtlsScript(session.sessionType === DTLS_CLIENT ? 'server' : 'client')
    const flight = new FlightUnderWay(session)
    insides.onDtlsState((state) => {
      if (state !== 'connecting') flight.stop()
    })
    const handle = (message: HandshakeFragment) => {
      session.onHandleHandshakes([message]).catch((error) => session.onError.execute(error))
    }
    session.handleFragmentHandshake = ([fragment]) => {
      if (fragment === undefined) return []
      const repeated = order.repeated(fragment)
      if (repeated !== undefined && asksForRepeat(session, repeated)) handle(repeated)
      // Once connected nothing new is said: a hello would make werift throw the keys away.
      if (session.connected) return []
      const ready = order.push(fragment)
      if (ready.length > 0) flight.answered()
      for (const message of ready) {
        if (script.take(message.msg_type)) handle(message)
        else session.onError.execute(new Error(`handshake message ${message.msg_type} out of turn`))
      }
      // Handed in one by one above: in a list werift sorts them by type, and so the key exchange behind its signature.
      return []
    }
  })
}

/** The other end has not seen our flight: werift sends it once more when the message that called for it comes again. */
function asksForRepeat({ dtls, connected }: DtlsInside, message: HandshakeFragment): boolean {
  const { msg_type: type, message_seq: sequence } = message
  if (type === CLIENT_HELLO) return !connected && dtls.flight === (sequence === 0 ? 2 : 4)
  if (type === SERVER_HELLO_DONE) return !connected && dtls.flight === 5
  return type === FINISHED && dtls.flight === 6
}

/** Remembers the datagrams sent since the other end last answered, and repeats them. */
class FlightUnderWay {
  readonly #send: (datagram: Buffer) => Promise<void>
  #datagrams: Buffer[] = []
  #timer: NodeJS.Timeout | undefined
  #waitMs = FIRST_REPEAT_MS
  #stopped = false

  constructor(session: DtlsInside) {
    const { transport } = session
    const send = transport.send
    this.#send = send
    transport.send = (datagram) => {
      if (!this.#stopped && !this.#datagrams.some((known) => known === datagram)) {
        this.#datagrams.push(datagram)
        this.#arm()
      }
      return send(datagram)
    }
  }

  answered(): void {
    this.#datagrams = []
    this.#waitMs = FIRST_REPEAT_MS
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  stop(): void {
    this.answered()
    this.#stopped = true
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (this.#stopped) return
      for (const datagram of this.#datagrams) this.#send(datagram).catch(() => {})
      this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_REPEAT_MS)
      this.#arm()
    }, this.#waitMs)
  }
}
