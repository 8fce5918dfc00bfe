// The drawing worker: decodes the slices the page hands over and draws them on the canvas it was given, so that the page's own
// thread stays free.

import type { Surface } from '../../../vendor/asciline/index.ts'
import { CoverageSurface } from './coverage-surface.ts'
import { Easel } from './easel.ts'
import { EaselMeter } from './easel-meter.ts'
import { copyOf } from './page-rung.ts'
import { WebglSurface } from './webgl-surface.ts'
import type { FromWorker, ToWorker, WorkerSurface } from './worker-messages.ts'

/** What of a worker's global scope is used here; the page's own library knows only windows. */
type WorkerScope = {
  postMessage(message: FromWorker): void
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void
  requestAnimationFrame?: (run: () => void) => number
}

const scope = self as unknown as WorkerScope
const meter = new EaselMeter()
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

/** Counts refreshes while there is something to count: the display decides when the next picture may come. */
function watch(): void {
  if (watching || scope.requestAnimationFrame === undefined) return
  watching = true
  scope.requestAnimationFrame(() => {
    watching = false
    if (meter.refresh()) watch()
  })
}

function paint(messages: ArrayBuffer[], mends: number[]): void {
  const began = performance.now()
  for (const [number, message] of messages.entries()) {
    if (mends.includes(number)) easel?.mend(new Uint8Array(message))
    else easel?.paint(new Uint8Array(message))
  }
  if (easel?.show() !== true) return
  meter.drew(performance.now() - began)
  watch()
}

function hear(message: ToWorker): void {
  switch (message.kind) {
    case 'open':
      easel = new Easel(openSurface(message.canvas, message.surface))
      scope.postMessage({ kind: 'opened' })
      break
    case 'begin':
      easel?.begin(message.grid, message.epoch, message.seed && copyOf(message.seed))
      easel?.show()
      break
    case 'arrange':
      easel?.arrange(message.layout)
      break
    case 'slices':
      paint(message.messages, message.mends)
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
