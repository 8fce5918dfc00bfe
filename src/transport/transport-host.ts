// The server's side of its viewers. Peers live in a process of their own (transport-worker.ts), so that neither a join's key
// exchange nor a fault in werift touches the thread that paces; viewers whose frames go over their signaling socket live here,
// where the socket is, and watch on while that process is started again.

import type { ErrorCode } from '../../signaling/error-codes.ts'
import type { ControlFromServer, Offer } from '../../signaling/messages.ts'
import {
  type CarriedPeer,
  type MediaSocket,
  type PeerHost,
  PeerRefusal,
} from '../../signaling/negotiation.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { EncodedFrame, FrameBus } from '../encode/frame-bus.ts'
import type { Log } from '../log.ts'
import type { Load } from '../metrics.ts'
import type { Diagnostics } from './audience.ts'
import { FrameWindow, type NumberedFrame } from './frame-window.ts'
import { describeReachability, type Reachability } from './reachability.ts'
import type { Join } from './viewer.ts'
import { addTallies, MAX_VIEWERS, NOBODY, type Tally, tooManyViewers, Viewers } from './viewers.ts'
import type { Call, FromWorker } from './worker-messages.ts'
import { WorkerProcess, type WorkerState } from './worker-process.ts'

/** Questions to the worker that wait for an answer; joins are rationed long before. */
const MAX_CALLS = 128

/** What a page is told to wait when the process its connection was made in has ended. */
const RETRY_MS = 300

export type TransportHostOptions = Reachability & {
  bus: FrameBus
  /** Where the programme stands and its whole latest picture, for a viewer that has just come. */
  join(): Join
  playoutDelayMs: number
  maxViewers?: number
  /** Told what the viewers of both kinds together want, whenever it may have changed. */
  onTally?: (tally: Tally) => void
  now(): LocalTime
  log: Pick<Log, 'info' | 'warn' | 'error'>
  /** Flags of Node's for the worker, e.g. to profile it. */
  execArgv?: readonly string[]
}

export type HostDiagnostics = Diagnostics & {
  worker: WorkerState & {
    /** As last told; null before the first word. */
    load: Load | null
    /** Frames that gave way to newer ones because it did not take them fast enough. */
    framesReplaced: number
  }
}

type Waiting = { resolve(value: unknown): void; reject(error: PeerRefusal): void }

export class TransportHost implements PeerHost {
  readonly #options: TransportHostOptions
  readonly #maxViewers: number
  readonly #carried: Viewers
  readonly #worker: WorkerProcess
  readonly #window = new FrameWindow()
  readonly #calls = new Map<number, Waiting>()
  readonly #leaveBus: () => void
  #nextCall = 0
  #readiness = Promise.withResolvers<void>()
  /** Nobody there, nothing goes there. */
  #watched = false
  #tally: Tally = NOBODY
  #load: Load | undefined
  #closed = false

  constructor(options: TransportHostOptions) {
    this.#options = options
    this.#maxViewers = options.maxViewers ?? MAX_VIEWERS
    this.#carried = new Viewers({
      ...options,
      maxViewers: this.#maxViewers,
      onTally: () => this.#tellTally(),
    })
    this.#readiness.promise.catch(() => {})
    const { announce, udpPorts, iceTcp, lan, stun, turn, turnLogin, playoutDelayMs, log } = options
    this.#worker = new WorkerProcess({
      options: {
        ...{ announce, udpPorts, iceTcp, lan, stun, turn, turnLogin, playoutDelayMs },
        maxViewers: this.#maxViewers,
      },
      onReady: () => this.#readiness.resolve(),
      onMessage: (message) => this.#onMessage(message),
      onLost: (reason, againMs) => this.#onLost(reason, againMs),
      log,
      execArgv: options.execArgv,
    })
    this.#leaveBus = options.bus.subscribe((frame) => {
      if (this.#watched) this.#send(this.#window.push(frame))
    })
  }

  /** Resolves when peers can be made; rejects with what the installed werift lacks. */
  get started(): Promise<void> {
    return this.#worker.started
  }

  /** Viewers that watch now, over either way. */
  get size(): number {
    return this.#carried.size + this.#tally.open
  }

  /** How hard the worker works; undefined before its first word. */
  get load(): Load | undefined {
    return this.#load
  }

  /** Throws `too-many-viewers`, `no-candidates`, and `transport-restarting` while there is no worker. */
  async open(viewer: { id: string; address: string }): Promise<Offer> {
    if (this.#carried.places + this.#tally.places >= this.#maxViewers) throw tooManyViewers(this.#maxViewers)
    return (await this.#call({ method: 'open', viewer })) as Offer
  }

  async answer(peer: string, sdp: string): Promise<void> {
    await this.#call({ method: 'answer', peer, sdp })
  }

  candidate(peer: string, candidate: string): void {
    this.#worker.send({ type: 'candidate', peer, candidate })
  }

  /** Throws `too-many-viewers`. */
  carry({ address }: { id: string; address: string }, socket: MediaSocket): CarriedPeer {
    if (this.#carried.places + this.#tally.places >= this.#maxViewers) throw tooManyViewers(this.#maxViewers)
    return this.#carried.carry(address, socket)
  }

  /** Ends one viewer, wherever it lives; without a name all of them, and the worker. May be called twice. */
  async close(peer?: string): Promise<void> {
    if (peer === undefined) {
      await this.#end()
      return
    }
    const carried = this.#carried.get(peer)
    if (carried === undefined) this.#worker.send({ type: 'leave', peer })
    else carried.close('replaced')
  }

  /** Says something to every viewer on control; digests only to those that asked for them. */
  announce(message: ControlFromServer): void {
    this.#carried.announce(message)
    if (message.type === 'digest' ? this.#tally.verify > 0 : this.#worker.ready)
      this.#worker.send({ type: 'announce', message })
  }

  /** Everything about the viewers and about the worker; what only a worker knows is missing while there is none. */
  async diagnose(): Promise<HostDiagnostics> {
    const there = this.#worker.ready
      ? await this.#call({ method: 'diagnose' }).then(
          (value) => value as Diagnostics,
          () => undefined,
        )
      : undefined
    const here = this.#carried.diagnose()
    return {
      worker: {
        ...this.#worker.describe(),
        load: this.#load ?? null,
        framesReplaced: this.#window.replaced,
      },
      server: there?.server ?? describeReachability(this.#options, []),
      viewers: [...(there?.viewers ?? []), ...here.viewers],
      past: [...(there?.past ?? []), ...here.past],
    }
  }

  async #end(): Promise<void> {
    this.#closed = true
    this.#leaveBus()
    this.#carried.close()
    this.#readiness.resolve()
    this.#failCalls('peer-failed', 'The server is stopping.')
    await this.#worker.close()
  }

  #onMessage(message: FromWorker): void {
    switch (message.type) {
      case 'beat':
        this.#load = message.load
        break
      case 'taken':
        this.#send(this.#window.taken(message.number))
        break
      case 'join':
        // From here on it gets every frame, and each of those is newer than this picture.
        this.#watched = true
        this.#worker.send({ type: 'joined', ...this.#options.join() })
        break
      case 'tally':
        this.#tally = message.tally
        this.#watched = message.tally.open > 0
        this.#tellTally()
        break
      case 'result':
        this.#settle(message.id)?.resolve(message.value)
        break
      case 'failed': {
        const { retryAfterMs } = message
        const further = retryAfterMs === undefined ? {} : { retryAfterMs }
        this.#settle(message.id)?.reject(new PeerRefusal(message.code, message.message, further))
        break
      }
      case 'log':
        this.#options.log.info(message.text)
        break
    }
  }

  /** The pages notice by themselves: they miss the frames, and ask for another peer within a second or two. */
  #onLost(reason: string, againMs: number): void {
    const { open } = this.#tally
    this.#options.log.error(
      `transport-restarting: the transport process has ended (${reason}); ${open} viewers have to come back; ` +
        `it starts again ${againMs === 0 ? 'at once' : `in ${againMs} ms`}`,
    )
    this.#readiness.resolve()
    this.#readiness = Promise.withResolvers()
    this.#watched = false
    this.#window.clear()
    this.#load = undefined
    this.#tally = NOBODY
    this.#failCalls('transport-restarting', 'The server’s transport is being started again; join again.')
    this.#tellTally()
  }

  #send(numbered: NumberedFrame | undefined): void {
    if (numbered === undefined) return
    const { number, frame } = numbered
    this.#worker.send({ type: 'frame', number, frame: withoutPicture(frame) })
  }

  /** Waits for a worker that is starting, because that takes less than a page's patience; not for one that keeps failing. */
  async #call(call: Call): Promise<unknown> {
    if (this.#calls.size >= MAX_CALLS) throw restarting('The server has too many joins under way.')
    const { againInMs } = this.#worker
    if (againInMs > 0) throw restarting('The server’s transport is being started again.', againInMs)
    const id = this.#nextCall
    this.#nextCall += 1
    const result = new Promise<unknown>((resolve, reject) => this.#calls.set(id, { resolve, reject }))
    await this.#readiness.promise
    if (this.#closed) this.#settle(id)?.reject(new PeerRefusal('peer-failed', 'The server is stopping.'))
    else if (this.#calls.has(id)) this.#worker.send({ type: 'call', id, call })
    return result
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#calls.get(id)
    this.#calls.delete(id)
    return waiting
  }

  #failCalls(code: ErrorCode, message: string): void {
    for (const { reject } of this.#calls.values())
      reject(new PeerRefusal(code, message, { retryAfterMs: RETRY_MS }))
    this.#calls.clear()
  }

  #tellTally(): void {
    this.#options.onTally?.(addTallies(this.#carried.tally, this.#tally))
  }
}

/** The picture itself is for the process that encodes, and valid only while it does. */
function withoutPicture({ rgb: _, ...frame }: EncodedFrame): EncodedFrame {
  return frame
}

function restarting(message: string, waitMs = 0): PeerRefusal {
  return new PeerRefusal('transport-restarting', message, { retryAfterMs: Math.max(RETRY_MS, waitMs) })
}
