// The viewers' process of the transport bench: headless viewers on one timer, a crowd that decodes nothing beside them where a case
// has one, and the decoder that loses nothing.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type LocalTime, localTime } from '../../vendor/asciline/index.ts'
import { BenchViewer } from './bench-viewer.ts'
import { CrowdViewer } from './crowd-viewer.ts'
import { EPOCH, type FromViewers, type ToViewers, type ViewerRow } from './stage.ts'
import { UnharmedPictures } from './unharmed-pictures.ts'

const TICK_MS = 4

const now = (): LocalTime => localTime(performance.now())
const say = (message: FromViewers) => process.send?.(message)

const viewers = new Map<number, BenchViewer | CrowdViewer>()
let unharmed: UnharmedPictures | undefined

const delay = monitorEventLoopDelay({ resolution: TICK_MS })
delay.enable()

setInterval(() => {
  const at = now()
  for (const viewer of viewers.values()) viewer.tick(at)
}, TICK_MS)

function change({ viewer, impairment, cut = false }: Extract<ToViewers, { type: 'weather' }>): void {
  const each = viewers.get(viewer)
  if (each instanceof BenchViewer) each.weather(impairment, cut)
}

function rows(at: LocalTime): ViewerRow[] {
  let quickest = Number.POSITIVE_INFINITY
  for (const viewer of viewers.values())
    if (viewer instanceof CrowdViewer) quickest = Math.min(quickest, viewer.quickest)
  return [...viewers.values()].map((viewer) =>
    viewer instanceof CrowdViewer ? viewer.row(quickest) : viewer.row(at),
  )
}

process.on('message', (raw) => {
  const message = raw as ToViewers
  switch (message.type) {
    case 'start':
      unharmed = new UnharmedPictures(message.grid, EPOCH)
      break
    case 'watch': {
      const { type: _, crowd, ...options } = message
      const viewer = crowd
        ? new CrowdViewer({ viewer: message.viewer, stack: message.stack, say })
        : new BenchViewer({ ...options, unharmed: () => unharmed, say })
      viewers.set(message.viewer, viewer)
      break
    }
    case 'offer':
      void viewers.get(message.viewer)?.offered(message.peer, message.sdp, message.socket)
      break
    case 'weather':
      change(message)
      break
    case 'frame':
      unharmed?.push(message.frame, message.slices)
      break
    case 'measure':
      delay.reset()
      for (const viewer of viewers.values()) viewer.measure(now())
      break
    case 'report': {
      const lateMs = { p99: delay.percentile(99) / 1e6 - TICK_MS, max: delay.max / 1e6 - TICK_MS }
      const at = now()
      for (const viewer of viewers.values()) viewer.tick(at)
      say({ type: 'rows', rows: rows(at), lateMs })
      break
    }
  }
})
