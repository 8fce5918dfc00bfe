// What a run has shown: per viewer, in total, and for the server; as JSON and as a table.

import type { Percentiles } from '../../client/playback/index.ts'
import type { Load } from '../../src/metrics.ts'

export type ViewerReport = {
  framesExpected: number
  framesCorrect: number
  framesLate: number
  slicesLost: number
  bytes: number
  latenessMs: Percentiles
  jitterMs: Percentiles
  audioBytes: number
  connectMs: number
  firstFrameMs: number
  failure?: string
}

export type SimReport = {
  total: ViewerReport & { viewers: number; failed: number; seconds: number }
  viewers: ViewerReport[]
  /** CPU of both processes together, without ffmpeg; the delay is the pacing one's. */
  server: Pick<Load, 'cpuPercent' | 'eventLoopDelayMs'> & {
    /** The process that holds the peers, alone. */
    transport?: Pick<Load, 'cpuPercent' | 'eventLoopDelayMs'>
  }
}

/** Sums what adds up; of the times it takes the worst viewer's, because the mean would hide the one who suffers. */
export function sumUp(viewers: readonly ViewerReport[], seconds: number): SimReport['total'] {
  const sum = (pick: (viewer: ViewerReport) => number) =>
    viewers.reduce((total, viewer) => total + pick(viewer), 0)
  const worst = (pick: (viewer: ViewerReport) => number) => Math.max(0, ...viewers.map(pick))
  const worstOf = (key: 'latenessMs' | 'jitterMs'): Percentiles => ({
    p50: worst((viewer) => viewer[key].p50),
    p95: worst((viewer) => viewer[key].p95),
    p99: worst((viewer) => viewer[key].p99),
    max: worst((viewer) => viewer[key].max),
  })
  return {
    viewers: viewers.length,
    failed: viewers.filter(({ failure }) => failure !== undefined).length,
    seconds,
    framesExpected: sum((viewer) => viewer.framesExpected),
    framesCorrect: sum((viewer) => viewer.framesCorrect),
    framesLate: sum((viewer) => viewer.framesLate),
    slicesLost: sum((viewer) => viewer.slicesLost),
    bytes: sum((viewer) => viewer.bytes),
    latenessMs: worstOf('latenessMs'),
    jitterMs: worstOf('jitterMs'),
    audioBytes: sum((viewer) => viewer.audioBytes),
    connectMs: worst((viewer) => viewer.connectMs),
    firstFrameMs: worst((viewer) => viewer.firstFrameMs),
  }
}

const ms = (value: number) => value.toFixed(1)

/** The report as lines for a terminal. */
export function renderReport({ total, viewers, server }: SimReport): string {
  const head = [
    'viewer',
    'frames',
    'correct',
    'late',
    'lost',
    'kB/s',
    'late p50/p99/max ms',
    'jitter p99 ms',
    'join ms',
    'first ms',
  ]
  const row = (name: string, viewer: ViewerReport) => [
    name,
    String(viewer.framesExpected),
    viewer.framesExpected === 0
      ? '-'
      : `${((100 * viewer.framesCorrect) / viewer.framesExpected).toFixed(2)} %`,
    String(viewer.framesLate),
    String(viewer.slicesLost),
    (viewer.bytes / 1000 / total.seconds).toFixed(1),
    `${ms(viewer.latenessMs.p50)} / ${ms(viewer.latenessMs.p99)} / ${ms(viewer.latenessMs.max)}`,
    ms(viewer.jitterMs.p99),
    ms(viewer.connectMs),
    ms(viewer.firstFrameMs),
    viewer.failure ?? '',
  ]
  const rows = [
    head,
    ...viewers.map((viewer, index) => row(String(index + 1), viewer)),
    row('all/worst', total),
  ]
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column].length)))
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const loop = ({ eventLoopDelayMs: { p99, max } }: Pick<Load, 'eventLoopDelayMs'>) =>
    `event loop late by p99 ${p99} ms, max ${max} ms`
  const { transport } = server
  const tail = [`server: ${server.cpuPercent} % of a core, ${loop(server)}`]
  if (transport !== undefined)
    tail.push(`of it the transport process: ${transport.cpuPercent} %, ${loop(transport)}`)
  return `${lines.join('\n')}\n${tail.join('\n')}\n`
}
