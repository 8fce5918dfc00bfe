// Loaded into a server before its program (`node --import`): prints when each step of a start happens, on the wall's clock. What
// is watched is what Node itself does, so that nothing of the program has to know of it.

import childProcess, { type ChildProcess } from 'node:child_process'
import { Server } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import type { Readable } from 'node:stream'

/** What a line begins with; a name and milliseconds since 1970 follow. */
const STAGE = '@stage'

const clock = () => performance.timeOrigin + performance.now()
const say = (name: string, at = clock()) => process.stdout.write(`${STAGE} ${name} ${at}\n`)

/** Of all frames only the first behind a timeline is told of. */
let frameDue = false

function watchRequests(): void {
  const { emit } = Server.prototype
  Server.prototype.emit = function (this: Server, ...event: Parameters<typeof emit>) {
    const url = (event[0] as string) === 'request' ? (event[1] as { url?: string }).url : undefined
    if (url === '/api/play') say('command')
    if (url?.startsWith('/audio')) say('sound asked for')
    return emit.apply(this, event)
  } as typeof emit
}

function watchChildren(): void {
  const { spawn, fork } = childProcess
  const plainSpawn = spawn as (...args: unknown[]) => ChildProcess
  const plainFork = fork as (...args: unknown[]) => ChildProcess
  const watched = {
    spawn(...args: unknown[]): ChildProcess {
      const at = clock()
      const child = plainSpawn(...args)
      // The decoder is the one with two pipes of its own.
      if (child.stdio.length < 5) return child
      say('ffmpeg started', at)
      ;(child.stdio[3] as unknown as Readable).once('data', () => say('first pixels'))
      ;(child.stdio[4] as unknown as Readable).once('data', () => say('first sound'))
      return child
    },
    fork(...args: unknown[]): ChildProcess {
      const child = plainFork(...args)
      const send = child.send.bind(child) as (message: Message, ...further: unknown[]) => boolean
      child.send = ((message: Message, ...further: unknown[]) => {
        const announced = message.type === 'announce' && message.message?.type === 'timeline'
        if (announced) say('announced')
        if (frameDue && message.type === 'frame') say('first frame encoded')
        frameDue = announced || (frameDue && message.type !== 'frame')
        return send(message, ...further)
      }) as typeof child.send
      return child
    },
  }
  Object.assign(childProcess, watched)
  syncBuiltinESMExports()
}

type Message = { type: string; message?: { type: string } }

// The transport process is started with the same flags and has nothing to tell.
if (process.argv[1]?.endsWith('main.ts')) {
  watchRequests()
  watchChildren()
}
