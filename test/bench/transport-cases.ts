// The weather the transport bench sends its viewers through, and what each case must show (issue 3).

import type { PresetName } from '../../signaling/messages.ts'
import type { Impairment } from './impaired-path.ts'
import type { Row } from './transport.ts'

export type TransportCase = {
  id: string
  preset: PresetName
  playoutDelayMs: number
  viewers: number
  /** The path of every viewer, each way; absent: no relay at all. */
  path?: Impairment
  /** Viewers beyond so many take and acknowledge everything and decode nothing. */
  players?: number
  /** One more viewer with a path of its own, who is not counted. */
  sick?: Impairment
  /** The path goes dead for so many ms in the middle. */
  outageMs?: number
  /** One second into what is measured, the path becomes this one. */
  later?: Impairment
  /** Played over the other stacks too. */
  compared?: true
  /** Time before it counts, where that is more than joining takes. */
  settleMs?: number
  /** What the case is to show, and whether a row does. */
  goal: string
  reached(row: Row): boolean
}

const correct = (row: Row) => (100 * row.framesCorrect) / row.framesExpected
const rtt = (ms: number) => ({ delayMs: ms / 2, jitterMs: 1 })

export const TRANSPORT_CASES: readonly TransportCase[] = [
  {
    id: 'clean',
    ...{ preset: 'high', playoutDelayMs: 80, viewers: 2, path: rtt(30) },
    goal: '100 % correct',
    reached: (row) => correct(row) >= 99.9,
  },
  {
    id: 'loss2',
    compared: true,
    // What a path loses is known after some seconds; before that a lost frame of one packet is a silence of 67 ms.
    ...{ preset: 'high', playoutDelayMs: 80, viewers: 4, settleMs: 6000, path: { ...rtt(30), loss: 0.02 } },
    goal: '99 % correct, no silence > 60 ms',
    reached: (row) => correct(row) >= 99 && row.longestSilenceMs <= 60,
  },
  {
    id: 'loss5',
    ...{ preset: 'high', playoutDelayMs: 80, viewers: 4, path: { ...rtt(30), loss: 0.05 } },
    goal: '97 % correct',
    reached: (row) => correct(row) >= 97,
  },
  {
    id: 'burst5',
    compared: true,
    ...{ preset: 'high', playoutDelayMs: 80, viewers: 4, path: { ...rtt(30), loss: 0.05, burst: 4 } },
    goal: '95 % correct',
    reached: (row) => correct(row) >= 95,
  },
  {
    id: 'loss10',
    ...{ preset: 'high', playoutDelayMs: 120, viewers: 4, path: { ...rtt(50), loss: 0.1 } },
    goal: 'never frozen > 150 ms, 90 % of blocks fresher than 100 ms',
    // A page cannot tell how fresh its blocks are.
    reached: (row) => row.longestFreezeMs <= 150 && !(row.blocksFreshPercent < 90),
  },
  {
    id: 'rtt200',
    compared: true,
    ...{ preset: 'high', playoutDelayMs: 120, viewers: 2, path: rtt(200) },
    goal: '100 % correct',
    reached: (row) => correct(row) >= 99.9,
  },
  {
    id: 'rough',
    ...{ preset: 'high', playoutDelayMs: 120, viewers: 4 },
    path: { delayMs: 20, jitterMs: 8, loss: 0.01, reorder: 0.05, duplicate: 0.02 },
    goal: '99 % correct',
    reached: (row) => correct(row) >= 99,
  },
  {
    id: 'narrow',
    compared: true,
    ...{ preset: 'med', playoutDelayMs: 120, viewers: 2 },
    path: { ...rtt(30), bitsPerSecond: 300_000, queueMs: 100 },
    goal: 'moving, p95 lateness < 200 ms',
    reached: (row) => row.latenessMs.p95 < 200 && row.longestFreezeMs < 500 && row.bytes > 0,
  },
  {
    // A quarter of a megabit for HIGH: the viewers get the coarser picture, and of that everything.
    id: 'slow',
    ...{ preset: 'high', playoutDelayMs: 120, viewers: 2, settleMs: 6000 },
    path: { ...rtt(30), bitsPerSecond: 250_000, queueMs: 100 },
    goal: 'moving, p95 lateness < 200 ms, never frozen > 300 ms',
    reached: (row) => row.latenessMs.p95 < 200 && row.longestFreezeMs <= 300,
  },
  {
    id: 'outage',
    ...{ preset: 'high', playoutDelayMs: 120, viewers: 2, path: rtt(30), outageMs: 10_000 },
    goal: 'picture within 1 s of its return, nothing old',
    reached: (row) => (row.backAfterMs ?? Number.POSITIVE_INFINITY) <= 1000 && row.framesStale === 0,
  },
  {
    // From the house's network to a mobile one: a longer way is not a queue.
    id: 'handover',
    ...{ preset: 'high', playoutDelayMs: 120, viewers: 2, path: rtt(30), later: rtt(180) },
    goal: 'everything is sent, 85 % correct, never frozen > 300 ms',
    reached: (row) => row.pace === 'full' && correct(row) >= 85 && row.longestFreezeMs <= 300,
  },
  {
    id: 'neighbour',
    ...{ preset: 'low', playoutDelayMs: 120, viewers: 30, sick: { delayMs: 100, loss: 0.2 } },
    goal: 'p99 lateness < 3 ms above `alone`',
    reached: () => true,
  },
  {
    id: 'alone',
    ...{ preset: 'low', playoutDelayMs: 120, viewers: 30 },
    goal: 'what `neighbour` is compared with',
    reached: () => true,
  },
  {
    id: 'capacity',
    compared: true,
    ...{ preset: 'low', playoutDelayMs: 120, viewers: 60, players: 4 },
    goal: 'p99 lateness < 1 frame; --viewers sets how many',
    reached: (row) => row.latenessMs.p99 < 1000 / 24,
  },
]
