// werift as it is delivered: its own channel, queue, window and timers, and no repair of ours (those reach only connections
// that src/transport/peer.ts makes, and the bench's server makes none beside these).

import { CHANNELS } from '../../signaling/messages.ts'
import { gatherOnce, offerAddresses } from '../../src/transport/host-candidates.ts'
import { insidesOf, werift } from '../../src/transport/werift.ts'
import type { PlainEvents, PlainPeer } from './plain-audience.ts'

export async function openPlainWerift(events: PlainEvents): Promise<PlainPeer> {
  const connection = new werift.RTCPeerConnection({ iceServers: [], iceUseIpv6: false })
  const frames = connection.createDataChannel('frames', {
    negotiated: true,
    id: CHANNELS.frames,
    ordered: false,
    maxRetransmits: 0,
  })
  const control = connection.createDataChannel('control', { negotiated: true, id: CHANNELS.control })
  const { ice, association } = insidesOf(connection)
  // Only where it listens and whom it asks for its address: no packet of the bench leaves the machine.
  gatherOnce(ice, { stun: false, ipv6: false })
  association.stateChanged.connected.subscribe(() => events.open())
  control.onMessage.subscribe((data) => typeof data === 'string' && events.control(data))
  await connection.setLocalDescription(await connection.createOffer())
  return {
    sdp: offerAddresses(connection.localDescription?.sdp ?? '', ['127.0.0.1']),
    answer: async (sdp) => {
      await connection.setRemoteDescription({ type: 'answer', sdp })
    },
    sendFrame: (slices) => {
      if (frames.readyState !== 'open') return
      for (const slice of slices) frames.send(Buffer.from(slice))
    },
    sendControl: (text) => {
      if (control.readyState === 'open') control.send(text)
    },
  }
}
