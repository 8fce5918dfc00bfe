// The drawing worker: decodes the slices the page hands over and draws them on the canvas it was given, so that the page's own
// thread stays free.

import type { Surface } from '../../../vendor/asciline/index.ts'
import { CoverageSurface } from './coverage-surface.ts'
import { Easel } from './easel.ts'
import { EaselMeter } from './easel-meter.ts'
import { copyOf } from './page-rung.ts'
import { RefreshQueue } from './refresh-queue.ts'
import { WebglSurface } from './webgl-surface.ts'
import type { FromWorker, ToWorker, WorkerSurface } from './worker-messages.ts'

/** What of a worker's global scope is used here; the page's own library knows only windows. */
type WorkerScope = {
  postMessage(message: FromWorker): void
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void
  requestAnimationFrame?: (run: (at: number) => void) => number
}

type Slices = Extract<ToWorker, { kind: 'slices' }>

const scope = self as unknown as WorkerScope
const meter = new EaselMeter()
const queue = new RefreshQueue<Slices>()
let easel: Easel | undefined
let watching = false

function fail(error: unknown): void {
  scope.postMessage({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
}

function openSurface(canvas: OffscreenCanvas, kind: WorkerSurface): Surface {
  if (kind === 'direct' || kind === 'bitmap') return new CoverageSurface({ canvas, handover: kind })
  const onLost = () => fail('the graphics chip has gone away')
  return new WebglSurface({ canvas, software: kind === 'webgl2-software', onLost })
}

/** Follows the display while there is something to draw or to count: it decides when the next picture may come. */
function watch(): void {
  if (watching || scope.requestAnimationFrame === undefined) return
  watching = true
  scope.requestAnimationFrame((at) => {
    watching = false
    meter.refresh()
    draw(() => queue.take(performance.timeOrigin + at, paint))
    if (!queue.empty) watch()
  })
}

function paint({ messages, mends }: Slices): void {
  for (const [number, message] of messages.entries()) {
    if (mends.includes(number)) easel?.mend(new Uint8Array(message))
    else easel?.paint(new Uint8Array(message))
  }
}

function draw(decode: () => void): void {
  const began = performance.now()
  decode()
  if (easel?.show() !== true) return
  meter.drew(performance.now() - began)
  watch()
}

function take(slices: Slices): void {
  if (scope.requestAnimationFrame !== undefined && queue.push(slices, slices.showAt)) watch()
  else draw(() => paint(slices))
}

/** What waits is of the grid and the epoch before. */
function drain(): void {
  draw(() => queue.take(Number.POSITIVE_INFINITY, paint))
}

function hear(message: ToWorker): void {
  switch (message.kind) {
    case 'open':
      easel = new Easel(openSurface(message.canvas, message.surface))
      scope.postMessage({ kind: 'opened' })
      break
    case 'begin':
      drain()
      easel?.begin(message.grid, message.epoch, message.seed && copyOf(message.seed))
      easel?.show()
      break
    case 'arrange':
      easel?.arrange(message.layout)
      break
    case 'slices':
      take(message)
      break
    case 'ask-picture':
      scope.postMessage({ kind: 'picture', planes: easel?.picture })
      break
    case 'ask-figures':
      scope.postMessage({ kind: 'figures', figures: meter.take() })
      break
  }
}

scope.addEventListener('message', ({ data }) => {
  try {
    hear(data)
  } catch (error) {
    fail(error)
  }
})
