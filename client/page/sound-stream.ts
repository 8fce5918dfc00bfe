// One opened /audio: MediaSource where the browser takes bare AAC, which starts after 0.2 s of data; else the element's own
// loading, which wants 32 KiB first. Both end up in the same <audio>, because only that gives a car a media session.

import type { MediaTime } from '../../vendor/asciline/index.ts'
import { mediaTime } from '../../vendor/asciline/index.ts'

const MIME = 'audio/aac'
/** Heard sound that stays in the buffer, so that a jump back needs no new request. */
const KEEP_BEHIND_SECONDS = 10
/** Sound ahead beyond which reading pauses; the server then holds it. */
const KEEP_AHEAD_SECONDS = 30
const TRIM_EVERY_SECONDS = 5

export type SoundStreamOptions = {
  element: HTMLAudioElement
  /** Address of the ADTS stream. */
  url: string
  /** Programme time of the first sample of the stream. */
  start: MediaTime
  /** The stream is of no use any more: refused, cut or not understood. `httpStatus` is 0 without an answer. */
  onBroken: (httpStatus: number) => void
}

/** Feeds an audio element from one request. Positions are programme time on both rungs. */
export class SoundStream {
  readonly kind: 'media-source' | 'plain'
  readonly #options: SoundStreamOptions
  readonly #abort = new AbortController()
  /** Programme time minus the element's time. */
  readonly #shift: number
  #url: string | undefined
  #trimmedTo = 0
  #closed = false

  constructor(options: SoundStreamOptions) {
    this.#options = options
    const { element, url, start } = options
    this.kind =
      typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported(MIME) ? 'media-source' : 'plain'
    this.#shift = this.kind === 'media-source' ? 0 : start
    if (this.kind === 'plain') {
      element.src = url
      element.addEventListener('error', this.#onError)
      return
    }
    const source = new MediaSource()
    this.#url = URL.createObjectURL(source)
    source.addEventListener('sourceopen', () => void this.#feed(source), { once: true })
    element.src = this.#url
  }

  /** Where the element is. */
  get position(): MediaTime {
    return mediaTime(this.#options.element.currentTime + this.#shift)
  }

  /** Jumps; the caller has checked that sound lies ready there. */
  seek(to: MediaTime): void {
    this.#options.element.currentTime = Math.max(0, to - this.#shift)
  }

  /** End of the stretch of sound that holds `time`, and its start; both `time` when there is none. */
  ready(time: MediaTime): { from: MediaTime; to: MediaTime } {
    const { buffered } = this.#options.element
    const at = time - this.#shift
    for (let i = 0; i < buffered.length; i++) {
      // A stretch that only begins later is what a jump forward can aim at.
      if (buffered.end(i) > at) {
        return {
          from: mediaTime(buffered.start(i) + this.#shift),
          to: mediaTime(buffered.end(i) + this.#shift),
        }
      }
    }
    return { from: time, to: time }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#abort.abort()
    const { element } = this.#options
    element.removeEventListener('error', this.#onError)
    element.removeAttribute('src')
    element.load()
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url)
  }

  readonly #onError = (): void => {
    if (!this.#closed) this.#options.onBroken(0)
  }

  async #feed(source: MediaSource): Promise<void> {
    const { url, start, onBroken } = this.#options
    let httpStatus = 0
    try {
      const buffer = source.addSourceBuffer(MIME)
      // Bare AAC carries no timestamps; the browser counts on from here.
      buffer.timestampOffset = start
      const response = await fetch(url, {
        credentials: 'same-origin',
        cache: 'no-store',
        signal: this.#abort.signal,
      })
      httpStatus = response.status
      if (!response.ok || response.body === null) throw new Error(`sound: status ${httpStatus}`)
      const reader = response.body.getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        await this.#append(buffer, value)
        await this.#room(buffer)
      }
      if (source.readyState === 'open') source.endOfStream()
    } catch {
      if (!this.#closed) onBroken(httpStatus)
    }
  }

  async #append(buffer: SourceBuffer, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { currentTime } = this.#options.element
    if (currentTime - this.#trimmedTo > KEEP_BEHIND_SECONDS + TRIM_EVERY_SECONDS) {
      this.#trimmedTo = currentTime - KEEP_BEHIND_SECONDS
      buffer.remove(0, this.#trimmedTo)
      await settled(buffer)
    }
    buffer.appendBuffer(bytes)
    await settled(buffer)
  }

  async #room(buffer: SourceBuffer): Promise<void> {
    const { element } = this.#options
    const ahead = () =>
      buffer.buffered.length === 0 ? 0 : buffer.buffered.end(buffer.buffered.length - 1) - element.currentTime
    while (!this.#closed && element.currentTime > 0 && ahead() > KEEP_AHEAD_SECONDS) {
      await new Promise((resolve) => element.addEventListener('timeupdate', resolve, { once: true }))
    }
  }
}

function settled(buffer: SourceBuffer): Promise<void> {
  if (!buffer.updating) return Promise.resolve()
  return new Promise((resolve, reject) => {
    buffer.addEventListener('updateend', () => resolve(), { once: true })
    buffer.addEventListener('error', () => reject(new Error('sound: not understood')), { once: true })
  })
}
