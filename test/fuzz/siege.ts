// A real server under attack from all sides at once, and one healthy viewer who watches meanwhile.

import { setTimeout as sleep } from 'node:timers/promises'
import { IceTcpPort } from '../../src/transport/ice-tcp-port.ts'
import { localTime } from '../../vendor/asciline/index.ts'
import { type OwnServer, signIn, startOwnServer } from '../sim/own-server.ts'
import { SimViewer } from '../sim/viewer.ts'
import {
  badAnswers,
  badBodies,
  badHandshakes,
  hostileViewers,
  madPages,
  strangers,
  streams,
  type Target,
} from './attackers.ts'
import { backDoor } from './back-door.ts'
import { SeededHand } from './seeded-hand.ts'

/** What there is to attack without a cookie: ports, and the ICE user names of some who are expected. */
type Ports = { udp: readonly number[]; tcp: number; users: readonly string[] }

/** Who sends which part of it. */
const SHARES: readonly (readonly [
  attack: (hand: SeededHand, target: Target, count: number, ports: Ports) => Promise<number>,
  share: number,
])[] = [
  [(hand, _target, count, { udp }) => strangers(hand, udp, count), 0.47],
  [(hand, _target, count, { tcp, users }) => streams(hand, tcp, users, count), 0.03],
  [hostileViewers, 0.16],
  [madPages, 0.16],
  [badBodies, 0.16],
  [badAnswers, 0.015],
  [badHandshakes, 0.005],
]

/** A small heap for each process of the server: what piles up ends it. */
const SMALL_HEAP = '--max-old-space-size=80 --max-semi-space-size=4'
const TICK_MS = 8
/** How long the server may take to let go of the last of them: an offer nobody answers is kept for 10 s. */
const CALM_MS = 25_000
/** Frames the healthy viewer is to show, bit for bit, when all is over. */
const PROOF_FRAMES = 48
const PROOF_MS = 30_000

export type SiegeReport = {
  seed: number
  messages: number
  seconds: number
  /** Frames the healthy viewer showed as they were meant, and those that were due, while it went on. */
  framesCorrect: number
  framesDue: number
  /** Of the server, before and ten seconds after. */
  rssBeforeBytes: number
  rssAfterBytes: number
  /** What went wrong; empty when nothing did. */
  faults: string[]
}

const now = () => localTime(performance.now())

export type SiegeOptions = {
  seed: number
  messages: number
  /** From the end of the attack to the look at what is left of it in memory. */
  restMs?: number
}

/** Plays the demo, joins, attacks with about `messages`, and looks what is left. */
export async function besiege({ seed, messages, restMs = 10_000 }: SiegeOptions): Promise<SiegeReport> {
  const tcp = await freePort()
  const server = await startSmallServer(tcp)
  const faults: string[] = []
  try {
    const target = { url: server.url, cookie: await signIn(server.url, server.pin) }
    const ask = async (path: string) =>
      (await fetch(new URL(path, server.url), {
        headers: { cookie: target.cookie },
        signal: AbortSignal.timeout(10_000),
      }).then((response) => response.json())) as Record<string, unknown>
    const healthy = new SimViewer(target)
    const ticking = setInterval(() => healthy.tick(now()), TICK_MS)
    await healthy.join()
    // What a server needs for its first few viewers is no leak.
    await hostileViewers(new SeededHand(seed + 100), target, 60)
    await sleep(1500)
    const udp = portsOf(JSON.stringify(await ask('/api/diagnostics')))
    if (udp.length === 0) faults.push('no port to attack is known')
    const ports = { udp, tcp, users: ['nobody', await expectedUser(target)] }
    const rssBeforeBytes = Number((await ask('/healthz')).rssBytes)
    healthy.startCounting(now())
    const began = performance.now()
    const sent = await Promise.all(
      SHARES.map(([attack, share], index) =>
        attack(new SeededHand(seed + index), target, Math.ceil(messages * share), ports),
      ),
    )
    const seconds = (performance.now() - began) / 1000
    const framesCorrect = healthy.player.stats.framesCorrect
    const framesDue = healthy.framesDue(now()) ?? 0
    const calmBy = performance.now() + CALM_MS
    while (Number((await ask('/healthz')).viewers) !== 1 && performance.now() < calmBy) await sleep(250)
    const left = Number((await ask('/healthz')).viewers)
    if (left !== 1) faults.push(`${left} viewers are left, not one`)
    await sleep(Math.max(0, restMs - (performance.now() - began - seconds * 1000)))
    const rssAfterBytes = Number((await ask('/healthz')).rssBytes)
    healthy.startCounting(now())
    const provenBy = performance.now() + PROOF_MS
    while (healthy.player.stats.framesCorrect < PROOF_FRAMES && performance.now() < provenBy) await sleep(50)
    if (healthy.player.stats.framesCorrect < PROOF_FRAMES)
      faults.push('the healthy viewer shows no correct frames')
    if (healthy.failure !== undefined) faults.push(`the healthy viewer: ${healthy.failure}`)
    clearInterval(ticking)
    healthy.close()
    if (/\b(unhandled|uncaught|fatal|ERR_|TypeError|RangeError|restart)/i.test(server.output()))
      faults.push(`the server said:\n${server.output()}`)
    const total = sent.reduce((sum, each) => sum + each, 0)
    return {
      seed,
      messages: total,
      seconds,
      framesCorrect,
      framesDue,
      rssBeforeBytes,
      rssAfterBytes,
      faults,
    }
  } finally {
    const end = await server.close()
    if (end !== 0) faults.push(`the server ended with ${end}`)
  }
}

function startSmallServer(tcp: number): Promise<OwnServer> {
  const before = process.env.NODE_OPTIONS
  process.env.NODE_OPTIONS = SMALL_HEAP
  const starting = startOwnServer(['--play', 'demo:', '--preset', 'low', '--ice-tcp', String(tcp)])
  if (before === undefined) delete process.env.NODE_OPTIONS
  else process.env.NODE_OPTIONS = before
  return starting
}

async function freePort(): Promise<number> {
  const found = await IceTcpPort.open(0)
  const { port } = found
  found.close()
  return port
}

/** The ICE user name in an offer that is not answered. */
async function expectedUser(target: Target): Promise<string> {
  const { sdp } = await backDoor(target, 0).open()
  return /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? ''
}

/** The server's UDP ports in what /api/diagnostics says. */
function portsOf(diagnostics: string): number[] {
  return [...new Set([...diagnostics.matchAll(/"local":"[^"]*:(\d+)"/g)].map(([, port]) => Number(port)))]
}
