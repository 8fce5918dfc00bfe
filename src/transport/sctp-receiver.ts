// Repairs what werift acknowledges. It sorts TSNs as text and subtracts them without wrapping, so gap reports are wrong
// where the number of digits changes or the counter wraps, and it acknowledges every packet on its own.
// And it hands out one message per arrival when TSNs of another stream lie between the waiting ones: after a loss on a busy
// association the ordered channel stays behind by as many messages as had to wait, for ever.
// Here the runs are kept by received-tsns.ts, and a SACK leaves at once only when the sender asks for it, something is
// missing or came twice, or at every second packet; otherwise within werift's 200 ms.

import { PacketWriter, sealAndSend } from './lean-send.ts'
import { ReceivedTsns } from './received-tsns.ts'
import type { AssociationInside, Insides } from './werift.ts'

const FLAG_IMMEDIATE = 0x08

/** Writes the acknowledgement that is due, if one is, into a packet that leaves anyway. */
export type SackSource = { addTo(packet: PacketWriter): void }

/** Replaces the bookkeeping of received TSNs; reassembly and delivery stay werift's. */
export function repairReceiver(insides: Insides): SackSource {
  const { association } = insides
  const writer = new PacketWriter(association)
  let received: ReceivedTsns | undefined
  // werift sets the first TSN when INIT or INIT ACK comes in, which cannot come in again later (sctp-validation.ts).
  const tsns = () => {
    received ??= new ReceivedTsns(association.lastReceivedTsn ?? 0)
    return received
  }
  association.stateChanged.connected.subscribe(() => {
    received ??= new ReceivedTsns(association.lastReceivedTsn ?? 0)
  })
  association.markReceived = (tsn) => {
    const again = tsns().mark(tsn)
    if (again && association.sackDuplicates.length < 16) association.sackDuplicates.push(tsn)
    association.lastReceivedTsn = tsns().cumulative
    return again
  }
  const receiveDataChunk = association.receiveDataChunk
  association.receiveDataChunk = (chunk) => {
    const atOnce = association.sackImmediate
    const duplicates = association.sackDuplicates.length
    receiveDataChunk.call(association, chunk)
    handOutTheRest(association, chunk.streamId)
    const asked = (chunk.flags & FLAG_IMMEDIATE) !== 0
    const odd = tsns().hasGaps || association.sackDuplicates.length > duplicates
    association.sackImmediate = atOnce || asked || odd
  }
  const receiveForwardTsnChunk = association.receiveForwardTsnChunk
  association.receiveForwardTsnChunk = (chunk) => {
    receiveForwardTsnChunk.call(association, chunk)
    tsns().forward(chunk.cumulativeTsn)
    association.lastReceivedTsn = tsns().cumulative
  }
  association.sendSack = async () => {
    addTo(writer)
    if (!writer.empty) sealAndSend(insides, writer.finish())
  }
  const addTo = (packet: PacketWriter) => {
    if (!association.sackNeeded) return
    packet.addSack(
      tsns().cumulative,
      Math.max(0, association.advertisedRwnd),
      tsns().gaps(),
      association.sackDuplicates,
    )
    association.sackDuplicates = []
    association.sackNeeded = false
    association.sackPacketCount = 0
    association.sackImmediate = false
  }
  return { addTo }
}

function handOutTheRest(association: AssociationInside, streamId: number): void {
  const stream = association.inboundStreams[streamId]
  while (stream !== undefined && stream.reassembly.length > 0) {
    const before = stream.reassembly.length
    for (const [id, protocol, data] of stream.popMessages()) {
      association.advertisedRwnd += data.length
      association.receive(id, protocol, data)
    }
    if (stream.reassembly.length === before) return
  }
}
