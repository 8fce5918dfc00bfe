// The steps of a start, from the press on Play to picture and sound, each with its time: those of the server as
// `stage-marks.ts` prints them, those of the page as hooks around what the browser calls.

import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

declare global {
  interface Window {
    /** First time of each step since the list was emptied, in milliseconds of the page's own clock. */
    stages: Map<string, number>
  }
}

/** Set before a server is started whose steps are to be told. */
export const MARKING = `--import ${fileURLToPath(new URL('./stage-marks.ts', import.meta.url))}`

/** Call before the page is opened. */
export async function watchStages(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.stages = new Map()
    const mark = (name: string, at = performance.now()) => {
      if (!window.stages.has(name)) window.stages.set(name, at)
    }
    const { fetch } = window
    window.fetch = async (...args) => {
      const path = String(args[0])
      if (path.startsWith('/audio')) mark('page: asks for sound')
      const answer = await fetch(...args)
      if (path.startsWith('/audio')) mark('page: answer with sound')
      if (path.startsWith('/api/play')) mark('page: answer to Play')
      return answer
    }
    let epoch: number | undefined
    const hear = ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== 'string') {
        if (window.stages.has('page: timeline')) mark('page: first slice')
        return
      }
      const message = JSON.parse(data)
      if (message.type !== 'timeline' || message.epoch === epoch) return
      epoch = message.epoch
      mark('page: timeline')
    }
    const createDataChannel = RTCPeerConnection.prototype.createDataChannel
    RTCPeerConnection.prototype.createDataChannel = function (...args) {
      const channel = createDataChannel.apply(this, args)
      channel.addEventListener('message', hear)
      return channel
    }
    const { appendBuffer } = SourceBuffer.prototype
    SourceBuffer.prototype.appendBuffer = function (bytes) {
      mark('page: first append')
      this.addEventListener('updateend', () => mark('page: first appended'), { once: true })
      appendBuffer.call(this, bytes)
    }
    const { addSourceBuffer } = MediaSource.prototype
    MediaSource.prototype.addSourceBuffer = function (type) {
      mark('page: sourceopen')
      return addSourceBuffer.call(this, type)
    }
    const { play } = HTMLMediaElement.prototype
    HTMLMediaElement.prototype.play = function () {
      mark('page: element.play()')
      return play.call(this)
    }
    addEventListener('canplay', () => mark('page: canplay'), true)
    addEventListener('playing', () => mark('page: playing'), true)
  })
}

/** The server's steps after `since` (milliseconds since 1970), first of each name, as milliseconds after it. */
export function serverStages(output: string, since: number): Map<string, number> {
  const stages = new Map<string, number>()
  for (const [, name, at] of output.matchAll(/^@stage (.+) ([\d.]+)$/gm))
    if (Number(at) >= since - 1 && !stages.has(name)) stages.set(name, Number(at) - since)
  return stages
}
