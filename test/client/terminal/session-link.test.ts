// The terminal's connection against a real door, where WebRTC comes late.

import { expect, test } from 'vitest'
import { Door } from '../../../client/terminal/door.ts'
import { SessionLink } from '../../../client/terminal/session-link.ts'
import type { PeerHost } from '../../../signaling/negotiation.ts'
import { openDoor } from '../../signaling/door.ts'
import { openAudience } from '../../src/transport/studio.ts'

test('frames come over the socket while there is no WebRTC, again when the server has ended that, and over one way in the end', async () => {
  const { audience } = openAudience()
  const late = Promise.withResolvers<void>()
  const peers: PeerHost = {
    open: (viewer) => late.promise.then(() => audience.open(viewer)),
    answer: (peer, sdp) => audience.answer(peer, sdp),
    candidate: (peer, candidate) => audience.candidate(peer, candidate),
    carry: (viewer, socket) => audience.carry(viewer, socket),
    close: (peer) => audience.close(peer),
  }
  const server = await openDoor(peers, { isAuthenticated: () => true })
  let opened = 0
  const link = new SessionLink({
    door: new Door({ url: server.url.replace(/^ws/, 'http'), pin: '' }),
    onFrame: () => {},
    onControl: () => {},
    onStatus: () => {},
    onOpen: () => (opened += 1),
    onTrouble: () => {},
    fallbackMs: 30,
  })
  try {
    link.open()
    await expect.poll(() => opened).toBe(1)
    expect(link.way).toBe('websocket')
    audience.close(audience.stats()[0]?.id)
    await expect.poll(() => opened).toBe(2)
    expect(link.way).toBe('websocket')
    late.resolve()
    await expect.poll(() => link.way).toBe('webrtc')
    await expect.poll(() => audience.places).toBe(1)
    // Twice by somebody who has asked for it: none was left to fall silent.
    expect(audience.diagnose().past.map(({ way, ended }) => [way, ended])).toEqual([
      ['websocket', 'replaced'],
      ['websocket', 'replaced'],
    ])
  } finally {
    link.close()
    await server.close()
    audience.close()
  }
})
