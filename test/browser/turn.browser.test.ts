// A real Chromium whose only way to the server is a real TURN relay, with both kinds of credentials.

import { afterEach, expect, test } from 'vitest'
import { signIn, startOwnServer } from '../sim/own-server.ts'
import { launchChromium } from './chromium.ts'
import { startTurnserver, turnserverPath } from './turnserver.ts'

const path = turnserverPath()
if (path === undefined)
  process.stdout.write('TURN not tested: no turnserver is installed (apt install coturn)\n')

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

declare global {
  interface Window {
    /** Every connection the page has made. */
    relayed: RTCPeerConnection[]
  }
}

const SECRET = 'a secret between the two servers'

test.skipIf(path === undefined).each([
  [
    'a name and a password',
    ['--lt-cred-mech', '--user', 'viewer:tell-everybody'],
    ['--turn-user', 'viewer', '--turn-password', 'tell-everybody'],
  ],
  [
    'credentials that run out',
    ['--use-auth-secret', '--static-auth-secret', SECRET],
    ['--turn-secret', SECRET],
  ],
])('a page that can only be relayed gets its picture with %s', async (name, relayFlags, serverFlags) => {
  const relay = keep(await startTurnserver(path ?? '', relayFlags))
  const turn = `turn:127.0.0.1:${relay.port}?transport=udp`
  const server = keep(
    await startOwnServer(['--play', 'demo:', '--preset', 'low', '--turn', turn, ...serverFlags]),
  )
  const browser = keep(await launchChromium())
  const context = await browser.newContext()
  const [cookie, value] = (await signIn(server.url, server.pin)).split('=') as [string, string]
  await context.addCookies([{ name: cookie, value, url: server.url }])
  await context.addInitScript(() => {
    window.relayed = []
    const Stock = window.RTCPeerConnection
    // As behind a firewall that lets out nothing but what goes to the relay.
    window.RTCPeerConnection = class extends Stock {
      constructor(configuration?: RTCConfiguration) {
        super({ ...configuration, iceTransportPolicy: 'relay' })
        window.relayed.push(this)
      }
    }
  })
  const page = await context.newPage()
  await page.goto(server.url)
  const found = await page.waitForFunction(() => {
    const { transport, frame } = window.ascilineStats()
    return transport === 'webrtc' && frame >= 0 && performance.now()
  })
  process.stdout.write(
    `TURN with ${name}: picture ${Number(await found.jsonValue()).toFixed(0)} ms after the load began\n`,
  )
  const kinds = () =>
    page.evaluate(async () => {
      const kinds = new Set<string>()
      for (const connection of window.relayed) {
        const report = await connection.getStats()
        for (const each of report.values())
          if (each.type === 'candidate-pair' && each.state === 'succeeded')
            kinds.add(String(report.get(each.localCandidateId)?.candidateType))
      }
      return [...kinds]
    })
  await expect.poll(kinds).toEqual(['relay'])
})
