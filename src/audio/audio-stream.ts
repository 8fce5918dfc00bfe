// One viewer's GET /audio: everything the ring has from frame K, at once, and then what comes, for as long as it lasts.

import type { ServerResponse } from 'node:http'
import type { Log } from '../log.ts'
import type { AdtsRing } from './adts-ring.ts'

export type AudioStreamOptions = {
  ring: AdtsRing
  /** Index of the first ADTS frame wanted. One that has yet to come is waited for. */
  from: number
  response: ServerResponse
  log: Pick<Log, 'warn'>
}

/**
 * Answers with ADTS from frame `from` on and returns true; the response is then its own to end. Returns false, with
 * nothing written, when that frame has left the ring (the route answers 410).
 */
export function serveAudio({ ring, from, response, log }: AudioStreamOptions): boolean {
  if (ring.read(from) === 'gone') return false
  response.writeHead(200, {
    'content-type': 'audio/aac',
    'cache-control': 'no-store',
    'accept-ranges': 'none',
    // nginx would hold back the very bytes that make the element start.
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  response.socket?.setNoDelay(true)
  let at = from
  let blocked = false

  const advance = () => {
    if (response.destroyed || response.writableEnded) return
    const frames = ring.read(at)
    if (frames === 'gone') {
      // The viewer reads slower than the sound plays, or not at all: what it has yet to take is too old to be worth
      // the wait. The page reopens at its present time.
      log.warn(`audio: a viewer fell ${ring.first - at} frames behind the ring, its stream is cut`)
      response.destroy()
      return
    }
    if (blocked) return
    if (frames.length > 0) {
      at += frames.length
      // What the socket does not take now stays in the ring, not in this process's memory: one write is out at a time.
      blocked = !response.write(frames.length === 1 ? frames[0] : Buffer.concat(frames))
    }
    if (ring.ended && at >= ring.next) response.end()
  }
  const leave = ring.subscribe(advance)
  response.on('drain', () => {
    blocked = false
    advance()
  })
  response.on('error', leave)
  response.on('close', leave)
  advance()
  return true
}
