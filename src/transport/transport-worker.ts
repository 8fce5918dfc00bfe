// The transport process: an audience, and the channel to the server that feeds it. Nothing here decides anything. Whatever
// werift does when a stranger's bytes reach it, it does here, where nobody paces.

import { PeerRefusal } from '../../signaling/negotiation.ts'
import { FrameBus } from '../encode/frame-bus.ts'
import { LoadMeter } from '../metrics.ts'
import type { Audience } from './audience.ts'
import { sharedClock } from './shared-clock.ts'
import type { Join } from './viewer.ts'
import type { Call, FromWorker, ToWorker } from './worker-messages.ts'

const BEAT_MS = 250
/** Whoever comes at once, as after a restart, is not kept waiting by a warm-up. */
const WARM_UP_AFTER_MS = 1000

const bus = new FrameBus()
const load = new LoadMeter()
let audience: Audience | undefined
/** All who wait share one question: the answer to it holds the latest picture for each of them. */
let joining: PromiseWithResolvers<Join> | undefined

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}

async function start({ clockOrigin, options }: Extract<ToWorker, { type: 'start' }>): Promise<void> {
  try {
    // Imported here, so that a werift that is missing or another one is a message and not only a stack.
    const [{ Audience }, { warmUp }] = await Promise.all([import('./audience.ts'), import('./warm-up.ts')])
    const now = sharedClock(clockOrigin)
    const own = new Audience({
      ...options,
      bus,
      join: () => {
        if (joining === undefined) {
          joining = Promise.withResolvers<Join>()
          say({ type: 'join' })
        }
        return joining.promise
      },
      onTally: (tally) => say({ type: 'tally', tally }),
      now,
      log: { info: (text: string) => say({ type: 'log', text }) },
    })
    audience = own
    say({ type: 'ready' })
    setTimeout(() => void warmUp({ now, idle: () => own.places === 0 }), WARM_UP_AFTER_MS)
  } catch (error) {
    say({ type: 'refused', message: error instanceof Error ? error.message : String(error) })
  }
}

async function perform(call: Call): Promise<unknown> {
  if (audience === undefined) throw new Error('called before it was started')
  switch (call.method) {
    case 'open':
      return audience.open(call.viewer)
    case 'answer':
      return audience.answer(call.peer, call.sdp)
    case 'diagnose':
      return audience.diagnose()
  }
}

async function onCall(id: number, call: Call): Promise<void> {
  try {
    say({ type: 'result', id, value: await perform(call) })
  } catch (error) {
    const { message } = error as Error
    if (!(error instanceof PeerRefusal)) say({ type: 'log', text: `${call.method} failed: ${message}` })
    const { code, retryAfterMs } =
      error instanceof PeerRefusal ? error : ({ code: 'internal', retryAfterMs: undefined } as const)
    say({ type: 'failed', id, code, message, retryAfterMs })
  }
}

function onMessage(message: ToWorker): void {
  switch (message.type) {
    case 'start':
      void start(message)
      break
    case 'frame':
      bus.publish(message.frame)
      say({ type: 'taken', number: message.number })
      break
    case 'announce':
      audience?.announce(message.message)
      break
    case 'joined':
      joining?.resolve(message)
      joining = undefined
      break
    case 'call':
      void onCall(message.id, message.call)
      break
    case 'candidate':
      audience?.candidate(message.peer, message.candidate)
      break
    case 'leave':
      audience?.close(message.peer)
      break
    case 'close':
      audience?.close()
      // What the peers say in parting leaves first.
      setTimeout(() => process.disconnect(), 50)
      break
  }
}

process.on('message', onMessage)
// Without the server nobody would ever end this process.
process.on('disconnect', () => process.exit(0))
// Ctrl+C in a terminal reaches the whole group; the server says goodbye in its own time.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
setInterval(() => say({ type: 'beat', load: load.read() }), BEAT_MS)
