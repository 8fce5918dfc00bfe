// The first minute of many connections: npm run bench -- soak [--connections 50] [--seconds 60] [--loss 0] [--json FILE]
//
// Every datagram passes a relay that reads its DTLS records. No record number and no nonce may be used twice, no number left
// out, and no slice missing that the relay did not lose.

import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { LossyRelay } from '../src/transport/lossy-relay.ts'
import { RecordBook } from '../src/transport/record-book.ts'
import { frame, indexOf, openAudience, TestViewer } from '../src/transport/studio.ts'

const FPS = 24
/** Two packets' worth of a frame of the LOW preset. */
const SLICES = 2
const FIRST_INDEX = 1_000_000
/** How long what is on its way may take, at the most. */
const SETTLE_MS = 10_000

export type SoakOptions = { connections: number; seconds: number; loss?: number }

export type SoakReport = SoakOptions & {
  records: number
  repeatedNumbers: number
  repeatedNonces: number
  /** Record numbers left out, of both directions. */
  missingNumbers: number
  /** What the relays lost. */
  injected: number
  /** What the server's SCTP took for lost, by its timers: on a busy machine acknowledgements come late. */
  takenForLost: number
  slicesSent: number
  slicesMissing: number
  /** Frames the gate kept back: not lost, never sent. */
  framesDropped: number
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      connections: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '60' },
      loss: { type: 'string', default: '0' },
      json: { type: 'string' },
    },
  })
  const report = await soak({
    connections: Number(values.connections),
    seconds: Number(values.seconds),
    loss: Number(values.loss),
  })
  for (const [name, value] of Object.entries(report)) process.stdout.write(`${name.padEnd(16)}${value}\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
}

/** One audience, and viewers that join one after the other, each behind a relay of its own. */
export async function soak({ connections, seconds, loss = 0 }: SoakOptions): Promise<SoakReport> {
  const { bus, audience } = openAudience({ maxViewers: connections })
  const viewers: { viewer: TestViewer; relay: LossyRelay; books: RecordBook[] }[] = []
  let index = FIRST_INDEX
  const beats = setInterval(() => bus.publish(frame(index++, SLICES, 900)), 1000 / FPS)
  try {
    for (let n = 0; n < connections; n += 1) {
      const relay = new LossyRelay({ seed: n + 1, loss })
      const books = { 'to-viewer': new RecordBook(), 'to-server': new RecordBook() }
      relay.onPacket = (packet, direction) => books[direction].read(packet)
      const viewer = new TestViewer()
      viewers.push({ viewer, relay, books: Object.values(books) })
      await viewer.join(audience, relay)
    }
    await sleep(seconds * 1000)
    clearInterval(beats)
    const isSettled = () => audience.stats().every((each) => each.unackedBytes === 0)
    const deadline = performance.now() + SETTLE_MS
    while (!isSettled() && performance.now() < deadline) await sleep(20)
    const stats = audience.stats()
    const books = viewers.flatMap((each) => each.books)
    const sum = <T>(list: readonly T[], pick: (each: T) => number) =>
      list.reduce((total, each) => total + pick(each), 0)
    const slicesSent = sum(stats, (each) => each.framesSent * SLICES)
    return {
      connections,
      seconds,
      loss,
      records: sum(books, (book) => book.records),
      repeatedNumbers: sum(books, (book) => book.repeatedNumbers),
      repeatedNonces: sum(books, (book) => book.repeatedNonces),
      missingNumbers: sum(books, (book) => book.missing),
      injected: sum(viewers, ({ relay }) => relay.counters.lost),
      takenForLost: sum(stats, (each) => each.packetsLost),
      slicesSent,
      slicesMissing: slicesSent - sum(viewers, ({ viewer }) => slicesOf(viewer)),
      framesDropped: sum(stats, ({ dropped }) => dropped.late + dropped.replaced + dropped.stalled),
    }
  } finally {
    clearInterval(beats)
    for (const { viewer, relay } of viewers) {
      viewer.close()
      relay.close()
    }
    await audience.close()
  }
}

/** Without the slices of the join, which every viewer is sent twice. */
const slicesOf = ({ frames }: TestViewer): number =>
  frames.filter((bytes) => indexOf(bytes) >= FIRST_INDEX).length
