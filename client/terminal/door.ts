// The server's HTTP door, as a program without a browser goes through it.

import { z } from 'zod'

const TIMEOUT_MS = 10_000
const refusal = z.object({ code: z.string(), message: z.string() })
const tracks = z.object({
  tracks: z.array(z.object({ id: z.string(), language: z.string(), automatic: z.boolean() })).max(200),
})
const cues = z.object({
  cues: z.array(z.object({ start: z.number(), end: z.number(), text: z.string() })).max(20_000),
})

export type Track = z.infer<typeof tracks>['tracks'][number]
export type Cue = z.infer<typeof cues>['cues'][number]

/** What the server said no with; `message` is for the person at the keyboard. */
export class DoorError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Every method rejects with {@link DoorError}, `network` when there was no answer. */
export class Door {
  readonly url: string
  readonly #pin: string
  /** The `cookie` header that opens everything; empty before `signIn`. */
  cookie = ''

  constructor({ url, pin }: { url: string; pin: string }) {
    this.url = url
    this.#pin = pin
  }

  /** Enters the PIN. */
  async signIn(): Promise<void> {
    const response = await this.#ask('POST', '/api/auth', { pin: this.#pin })
    this.cookie = (response.headers.get('set-cookie') ?? '').split(';')[0]
  }

  /** Gives one of the commands of docs/api.md. */
  async command(name: string, body: object = {}): Promise<void> {
    await this.#ask('POST', `/api/${name}`, { ...body, who: 'terminal' })
  }

  async tracks(): Promise<Track[]> {
    const response = await this.#ask('GET', '/api/subtitles')
    return known(tracks.safeParse(await response.json()).data).tracks
  }

  /** By start time, in programme seconds. */
  async cues(track: string): Promise<Cue[]> {
    const response = await this.#ask('GET', `/api/subtitles/cues?track=${encodeURIComponent(track)}`)
    return known(cues.safeParse(await response.json()).data).cues
  }

  /** The sound from one ADTS frame on, for as long as it lasts. */
  async sound(epoch: number, from: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const address = new URL(`/audio?epoch=${epoch}&from=${from}`, this.url)
    const response = await fetch(address, { headers: { cookie: this.cookie }, signal })
    if (!response.ok || response.body === null)
      throw new DoorError('internal', `no sound: ${response.status}`)
    return response.body
  }

  async #ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Response> {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: { cookie: this.cookie, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => {
      throw new DoorError('network', `nobody answers at ${this.url}`)
    })
    if (response.ok) return response
    const answer = refusal.safeParse(await response.json().catch(() => undefined))
    if (answer.success) throw new DoorError(answer.data.code, answer.data.message)
    throw new DoorError('internal', `the server answered ${response.status}`)
  }
}

function known<T>(data: T | undefined): T {
  if (data === undefined)
    throw new DoorError('internal', 'the server answered something this viewer does not know')
  return data
}
