// The stacks the transport bench can send the same pictures over: ours, and what it is compared with.

import type { ControlFromServer, Timeline } from '../../signaling/messages.ts'
import type { FrameBus } from '../../src/encode/frame-bus.ts'
import { Audience } from '../../src/transport/audience.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import { loopback } from '../src/transport/studio.ts'
import { PlainAudience } from './plain-audience.ts'
import { dataChannelMissing, openPlainDataChannel } from './plain-datachannel.ts'
import { plainSockets } from './plain-socket.ts'
import { openPlainWerift } from './plain-werift.ts'
import { SocketDoors } from './socket-doors.ts'
import type { ServerReport } from './stage.ts'

/**
 * `ours` and `ours-tcp`: the product, over WebRTC and over the signaling socket. The others send every frame at once over
 * what is delivered: werift, node-datachannel, and `ws` with one message per frame.
 */
export const STACKS = ['ours', 'ours-tcp', 'werift', 'node-datachannel', 'ws'] as const
export type StackName = (typeof STACKS)[number]

/** An audience, as far as the bench uses one. */
export type Stack = {
  open(viewer: { id: string; address: string }): Promise<{ peer: string; sdp: string; socket?: string }>
  answer(peer: string, sdp: string): Promise<void>
  announce(message: ControlFromServer): void
  close(peer: string): unknown
  stats(): ServerReport['viewers']
}

export type StackOptions = {
  bus: FrameBus
  timeline(): Timeline | undefined
  joinSlices(): readonly Uint8Array[] | undefined
  playoutDelayMs: number
  now(): LocalTime
  log: { info(text: string): void }
}

export function isStack(name: string): name is StackName {
  return (STACKS as readonly string[]).includes(name)
}

/** Why a stack cannot be measured here; undefined when it can. */
export async function stackMissing(name: StackName): Promise<string | undefined> {
  return name === 'node-datachannel' ? dataChannelMissing() : undefined
}

export function openStack(name: StackName, options: StackOptions): Stack {
  switch (name) {
    case 'ours':
      return ours(options)
    case 'ours-tcp':
      return carried(ours(options))
    case 'werift':
      return new PlainAudience({ ...options, connect: openPlainWerift })
    case 'node-datachannel':
      return new PlainAudience({ ...options, connect: openPlainDataChannel })
    case 'ws':
      return new PlainAudience({ ...options, connect: plainSockets() })
  }
}

const ours = (options: StackOptions) =>
  new Audience({
    ...options,
    join: () => ({ timeline: options.timeline(), slices: options.joinSlices() }),
    maxViewers: 1000,
    interfaces: loopback,
    onTally: ({ coarse }) => {
      options.bus.coarseViewers = coarse
    },
  })

/** Our own fallback, without the signaling around it. */
function carried(audience: Audience): Stack {
  const doors = new SocketDoors()
  return {
    open: async (viewer) => {
      const socket = await doors.next((connected) => {
        const peer = audience.carry(viewer, {
          get bufferedBytes() {
            return connected.bufferedAmount
          },
          sendFrame: (message) => connected.send(message),
          sendControl: (text) => connected.send(text),
          ended: () => connected.terminate(),
        })
        connected.on('message', (data: Buffer, isBinary) =>
          peer.receive(isBinary ? new Uint8Array(data) : data.toString()),
        )
        peer.start()
      })
      return { peer: viewer.id, sdp: '', socket }
    },
    answer: async () => {},
    announce: (message) => audience.announce(message),
    close: (peer) => audience.close(peer),
    stats: () => audience.stats(),
  }
}
