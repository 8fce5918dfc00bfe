// Puts our sending half (sctp-sender.ts, traps 4 to 8) in the place of werift's: its entry points push into ours, the
// SACKs it parses are read by ours, and its own queue, window and T3 timer stay empty for ever.

import { type LocalTime, localTime } from '../../vendor/asciline/index.ts'
import type { Sack } from './flight.ts'
import { PacketWriter, sealAndSend } from './lean-send.ts'
import type { OutgoingMessage } from './outgoing-chunk.ts'
import type { SackSource } from './sctp-receiver.ts'
import { SctpSender } from './sctp-sender.ts'
import type { Insides } from './werift.ts'

export type SctpOutgoingOptions = {
  insides: Insides
  /** What the other end is owed. */
  sacks: SackSource
  now: () => LocalTime
  /** Called after every SACK, when there may be room again. */
  onAck(): void
}

export class SctpOutgoing {
  readonly #insides: Insides
  readonly #sacks: SackSource
  readonly #now: () => LocalTime
  readonly #onAck: () => void
  readonly #writer: PacketWriter
  readonly sender: SctpSender
  #timer: NodeJS.Timeout | undefined
  #timerFor = Number.POSITIVE_INFINITY
  #closed = false

  constructor({ insides, sacks, now, onAck }: SctpOutgoingOptions) {
    const { association } = insides
    this.#insides = insides
    this.#sacks = sacks
    this.#now = now
    this.#onAck = onAck
    this.#writer = new PacketWriter(association)
    this.sender = new SctpSender({ firstTsn: association.localTsn })
    // Trap 8 reaches into the handshake: a lost INIT or COOKIE ECHO waits for T1, 3 s as delivered.
    association.rto = 0.4
    association.transmit = async () => {}
    association.send = async (stream, protocol, data) => {
      this.push({ stream, protocol, bytes: data, reliable: true })
      this.flush()
    }
    association.receiveSackChunk = async (sack) => this.acknowledge(sack)
    association.stateChanged.connected.subscribe(() => {
      this.sender.peerWindowBytes = association.peerAdvertisedRwnd
    })
  }

  /** Takes in a SACK and sends what may leave behind it. */
  acknowledge(sack: Sack): void {
    if (this.#closed || !this.sender.ack(sack, this.#now())) return
    this.flush()
    this.#onAck()
  }

  /** Queues a message; false when the backlog is full. Nothing leaves before `flush`. */
  push(message: OutgoingMessage): boolean {
    return !this.#closed && this.sender.push(message)
  }

  /** Sends what may leave now, as few packets as it fits into. */
  flush(): void {
    if (this.#closed) return
    const now = this.#now()
    const writer = this.#writer
    const forward = this.sender.takeForward(now)
    if (forward !== undefined) writer.addForwardTsn(forward)
    // One datagram less, where something leaves anyway. Too long for that it leaves before it.
    if (this.sender.queuedBytes > 0) this.#sacks.addTo(writer)
    for (;;) {
      const chunk = this.sender.take(writer.room, now)
      if (chunk !== undefined) writer.addData(chunk)
      else if (writer.empty) break
      else sealAndSend(this.#insides, writer.finish())
    }
    // werift numbers its stream resets by this.
    this.#insides.association.localTsn = this.sender.nextTsn
    this.#arm(now)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** One timer, set again only when it would fire too late: SACKs move the deadline many times a second. */
  #arm(now: LocalTime): void {
    const at = this.sender.timerAt
    if (at === Number.POSITIVE_INFINITY) return
    if (this.#timer !== undefined && this.#timerFor <= at) return
    clearTimeout(this.#timer)
    this.#timerFor = at
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, at - now))
    this.#timer.unref()
  }

  #fire(): void {
    this.#timer = undefined
    this.#timerFor = Number.POSITIVE_INFINITY
    this.sender.expire(localTime(this.#now()))
    this.flush()
  }
}
