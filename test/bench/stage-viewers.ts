// The viewers' process of the transport bench: headless viewers on one timer, and the decoder that loses nothing.

import { type LocalTime, localTime } from '../../vendor/asciline/index.ts'
import { BenchViewer } from './bench-viewer.ts'
import { EPOCH, type FromViewers, type ToViewers } from './stage.ts'
import { UnharmedPictures } from './unharmed-pictures.ts'

const TICK_MS = 4

const now = (): LocalTime => localTime(performance.now())
const say = (message: FromViewers) => process.send?.(message)

const viewers = new Map<number, BenchViewer>()
let unharmed: UnharmedPictures | undefined

setInterval(() => {
  const at = now()
  for (const viewer of viewers.values()) viewer.tick(at)
}, TICK_MS)

process.on('message', (raw) => {
  const message = raw as ToViewers
  switch (message.type) {
    case 'start':
      unharmed = new UnharmedPictures(message.grid, EPOCH)
      break
    case 'watch': {
      const { type: _, ...options } = message
      viewers.set(message.viewer, new BenchViewer({ ...options, unharmed: () => unharmed, say }))
      break
    }
    case 'offer':
      void viewers.get(message.viewer)?.offered(message.peer, message.sdp, message.socket)
      break
    case 'weather':
      viewers.get(message.viewer)?.weather(message.impairment, message.cut ?? false)
      break
    case 'frame':
      unharmed?.push(message.frame, message.slices)
      break
    case 'measure':
      for (const viewer of viewers.values()) viewer.measure(now())
      break
    case 'report': {
      const at = now()
      for (const viewer of viewers.values()) viewer.tick(at)
      say({ type: 'rows', rows: [...viewers.values()].map((viewer) => viewer.row(at)) })
      break
    }
  }
})
