// node-datachannel (libdatachannel, usrsctp, libjuice) as it is delivered: a dev dependency, only to compare with.

import { CHANNELS } from '../../signaling/messages.ts'
import type { PlainEvents, PlainPeer } from './plain-audience.ts'

/** Why it cannot be measured on this machine; undefined when it can. */
export async function dataChannelMissing(): Promise<string | undefined> {
  try {
    const { getLibraryVersion } = await import('node-datachannel')
    getLibraryVersion()
    return undefined
  } catch (error) {
    return `node-datachannel does not load here: ${(error as Error).message.split('\n')[0]}`
  }
}

let opened = 0

export async function openPlainDataChannel(events: PlainEvents): Promise<PlainPeer> {
  const { PeerConnection } = await import('node-datachannel')
  opened += 1
  const connection = new PeerConnection(`viewer ${opened}`, { iceServers: [], bindAddress: '127.0.0.1' })
  const gathered = new Promise<void>((resolve) => {
    connection.onGatheringStateChange((state) => state === 'complete' && resolve())
  })
  const frames = connection.createDataChannel('frames', {
    negotiated: true,
    id: CHANNELS.frames,
    unordered: true,
    maxRetransmits: 0,
  })
  const control = connection.createDataChannel('control', { negotiated: true, id: CHANNELS.control })
  control.onOpen(() => events.open())
  control.onMessage((data) => typeof data === 'string' && events.control(data))
  connection.setLocalDescription()
  await gathered
  const sdp = connection.localDescription()?.sdp ?? ''
  return {
    sdp: sdp.replaceAll(/^(a=candidate:\S+ \d+) UDP /gm, '$1 udp '),
    answer: async (answer) => connection.setRemoteDescription(answer, 'answer'),
    sendFrame: (slices) => {
      if (!frames.isOpen()) return
      for (const slice of slices) frames.sendMessageBinary(slice)
    },
    sendControl: (text) => {
      if (control.isOpen()) control.sendMessage(text)
    },
  }
}
