import { expect, test } from 'vitest'
import { frame, indexOf, openAudience, TestViewer } from '../src/transport/studio.ts'
import { openDoor, Page, PIN } from './door.ts'

test('from the PIN to the picture: a viewer authenticates, joins, answers and sees frames', async () => {
  const { bus, audience } = openAudience()
  const door = await openDoor(audience)
  const page = new Page(door.url)
  const viewer = new TestViewer()
  try {
    await page.opened()
    page.send({ type: 'auth', pin: PIN })
    const { ticket } = await page.next('authenticated')
    expect(door.tickets.redeem(ticket ?? '', performance.now())).toBe(true)
    expect((await page.next('status')).status.state).toBe('idle')
    page.send({ type: 'join' })
    const { peer, sdp } = await page.next('offer')
    page.send({ type: 'answer', peer, sdp: await viewer.peer.accept(sdp) })
    await viewer.until(() => viewer.frames.length > 0)
    bus.publish(frame(1234))
    await viewer.until(() => viewer.frames.some((bytes) => indexOf(bytes) === 1234))
    // Old car firmware drops the socket now; the picture goes on.
    page.close()
    await page.until(() => page.closed !== undefined)
    bus.publish(frame(1235))
    await viewer.until(() => viewer.frames.some((bytes) => indexOf(bytes) === 1235))
  } finally {
    page.close()
    viewer.close()
    await door.close()
    await audience.close()
  }
})
