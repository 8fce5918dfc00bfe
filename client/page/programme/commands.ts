// What a person can have done, as calls of the server. What becomes of it comes back as a status, for everybody; here only
// refusals are heard.

import type { PresetName } from '../../../signaling/messages.ts'
import { type Door, DoorError } from '../door.ts'
import { type Entry, readQueue } from './listings.ts'
import type { ProgrammeState } from './programme-state.ts'

const NOTICE_MS = 3500
/** A seek answers when its picture is on the air, however far away the source is. */
const ON_THE_AIR_MS = 60_000

export type CommandsOptions = {
  door: Door
  state: ProgrammeState
  /** Who gives the commands, for the other viewers to see. */
  who: string
  /** The grid this device has chosen. */
  preset: () => PresetName | undefined
  /** The cookie is not valid any more. */
  onLocked: () => void
}

/** Every method returns at once; what was refused stands in the state. */
export class Commands {
  readonly #options: CommandsOptions
  #noticeTimer: ReturnType<typeof setTimeout> | undefined
  #queueAsked = 0

  constructor(options: CommandsOptions) {
    this.#options = options
  }

  /** Plays it where it was left, or from `from` seconds. */
  play(query: string, from?: number): void {
    const { state, preset } = this.#options
    state.change({ asking: query })
    void this.#give('play', { query, preset: preset(), from }).then(() => {
      if (state.facts.asking === query) state.change({ asking: undefined })
    })
  }

  stop(): void {
    void this.#give('stop')
  }

  /** What failed is tried again, at the place where it broke off. */
  tryAgain(): void {
    void this.#give('resume')
  }

  /** Stands still, or goes on. */
  togglePause(): void {
    const state = this.#options.state.facts.status?.state
    if (state === 'paused') void this.#give('resume')
    else if (state === 'playing' || state === 'resolving') void this.#give('pause')
  }

  seekBy(seconds: number): void {
    void this.#give('seek', { by: seconds })
  }

  seekTo(second: number): void {
    void this.#give('seek', { to: Math.max(0, second) })
  }

  goLive(): void {
    void this.#give('seek', { live: true })
  }

  next(): void {
    void this.#give('next')
  }

  /** What would start by itself does not. */
  callOff(): void {
    void this.#give('next/cancel')
  }

  previous(): void {
    void this.#give('previous')
  }

  changePreset(preset: PresetName): void {
    void this.#give('preset', { preset })
  }

  /** Puts it at the end of the queue. */
  async enqueue({ query, title }: Pick<Entry, 'query' | 'title'>): Promise<void> {
    if (await this.#queue('add', { query, title: title.slice(0, 300) }))
      this.notify(`Added to the queue: ${title}`)
  }

  async unqueue(id: number): Promise<void> {
    await this.#queue('remove', { id })
  }

  async move(id: number, index: number): Promise<void> {
    await this.#queue('move', { id, index })
  }

  async clearQueue(): Promise<void> {
    await this.#queue('clear', {})
  }

  /** Leaves what is before it in the queue where it is. */
  async playQueued(id: number): Promise<void> {
    if (await this.#queue('move', { id, index: 0 })) this.next()
  }

  async fetchQueue(): Promise<void> {
    const { door, state } = this.#options
    const asked = ++this.#queueAsked
    const answer = await door.ask('GET', '/api/queue').catch(() => undefined)
    // What was asked for earlier may be answered later.
    if (answer !== undefined && asked === this.#queueAsked) state.change({ queue: readQueue(answer) })
  }

  /** Says something for a few seconds. */
  notify(notice: string): void {
    const { state } = this.#options
    state.change({ notice })
    clearTimeout(this.#noticeTimer)
    this.#noticeTimer = setTimeout(() => state.change({ notice: undefined }), NOTICE_MS)
  }

  /** Runs a call and keeps its refusal; undefined when it was refused. */
  async attempt<T>(run: () => Promise<T>): Promise<T | undefined> {
    const { state, onLocked } = this.#options
    state.change({ refusal: undefined })
    try {
      return await run()
    } catch (error) {
      const refusal = error instanceof DoorError ? error : new DoorError('internal', String(error))
      if (refusal.code === 'unauthorized') onLocked()
      // Somebody was faster: what they wanted is what happens.
      else if (refusal.code !== 'superseded') state.change({ refusal })
      return undefined
    }
  }

  async #give(command: string, body: object = {}): Promise<void> {
    const { door, who } = this.#options
    await this.attempt(() =>
      door.ask('POST', `/api/${command}`, { ...body, who }, { timeoutMs: ON_THE_AIR_MS }),
    )
  }

  async #queue(verb: string, body: object): Promise<boolean> {
    const { door, state } = this.#options
    const asked = ++this.#queueAsked
    const answer = await this.attempt(() => door.ask('POST', `/api/queue/${verb}`, body))
    if (answer === undefined) return false
    if (asked === this.#queueAsked) state.change({ queue: readQueue(answer) })
    return true
  }
}
