// Runs what a join runs before the first viewer joins. The key exchange is pure JavaScript that no compiler has seen yet: the first
// viewer of a server was connected after 400 to 620 ms, and after 200 to 350 behind this (loaded). A few connections between
// two ends of our own, on sockets that only this machine can reach, while nobody watches.

import { setTimeout as sleep } from 'node:timers/promises'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import { AnsweringPeer } from './answering-peer.ts'
import { offerAddresses } from './host-candidates.ts'
import { Peer } from './peer.ts'

const LOOPBACK = '127.0.0.1'
/** Half a second of work on a quick machine. */
const CONNECTIONS = 6
/** Rests between them, in which whoever comes is served. */
const REST_MS = 50
/** One takes a tenth of a second, on a slow machine many. */
const PATIENCE_MS = 3000
/** What each of them carries: frames of one packet. */
const FRAMES = 40

export type WarmUpOptions = {
  now(): LocalTime
  /** False as soon as there is somebody to serve: then it ends. */
  idle(): boolean
}

/** Resolves with the number of connections that were made. Never rejects: without it the first joins are only slower. */
export async function warmUp({ now, idle }: WarmUpOptions): Promise<number> {
  let made = 0
  while (made < CONNECTIONS && idle()) {
    if (!(await connectOnce(now).catch(() => false))) break
    made += 1
    await sleep(REST_MS)
  }
  return made
}

async function connectOnce(now: () => LocalTime): Promise<boolean> {
  const open = Promise.withResolvers<boolean>()
  const slice = new Uint8Array(700)
  let frames = 0
  const viewer = new AnsweringPeer({ now, loopback: true })
  const peer = new Peer({
    now,
    loopback: true,
    events: {
      open: () => {},
      frame: () => {},
      control: () => {
        for (let n = 0; n < FRAMES; n += 1) peer.sendFrames([slice])
      },
      fleeting: () => {},
      acked: () => {},
      closed: () => open.resolve(false),
    },
  })
  viewer.onOpen(() => viewer.sendControl('{}'))
  viewer.onFrames(() => {
    frames += 1
    if (frames === FRAMES) open.resolve(true)
  })
  const deadline = setTimeout(() => open.resolve(false), PATIENCE_MS)
  try {
    const offer = offerAddresses(await peer.offer(), [LOOPBACK])
    await peer.answer(await viewer.accept(offer))
    return await open.promise
  } finally {
    clearTimeout(deadline)
    viewer.close()
    peer.close()
  }
}
