// Decides whether a PIN opens the door, and for how long a door that was knocked at in vain stays shut.
// Who is in already (cookie, ticket) never comes by here, so a guesser cannot lock a viewer out.
//
// Two limits: five wrong PINs from one address lock that address for a time that doubles, and all strangers together
// have a budget of wrong PINs, because addresses are cheap. An address that once knew the PIN is not bound by the budget.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { TokenBucket } from './token-bucket.ts'

export type PinGateOptions = {
  pin: string
  /** Wrong PINs from one address before it is locked. */
  freeAttempts?: number
  /** The first lock; each further wrong PIN doubles it. */
  firstLockMs?: number
  maxLockMs?: number
  /** Wrong PINs of all strangers: at once, and per hour after that. A six-digit PIN lasts a year and more. */
  globalBurst?: number
  globalPerHour?: number
  /** Addresses remembered; the longest unlocked one is forgotten first. */
  maxAddresses?: number
}

export type PinAttempt =
  | { ok: true }
  /** `retryAfterMs` is 0 while the next attempt may come at once. */
  | { ok: false; code: 'wrong-pin' | 'locked-out'; retryAfterMs: number }

type Record = { wrong: number; lockedUntil: number }

export class PinGate {
  readonly #key = randomBytes(32)
  readonly #digest: Buffer
  readonly #freeAttempts: number
  readonly #firstLockMs: number
  readonly #maxLockMs: number
  readonly #maxAddresses: number
  readonly #budget: { burst: number; perSecond: number }
  #global: TokenBucket | undefined
  /** In order of use, oldest first. */
  readonly #records = new Map<string, Record>()
  readonly #known = new Set<string>()

  constructor(options: PinGateOptions) {
    this.#digest = this.#hash(options.pin)
    this.#freeAttempts = options.freeAttempts ?? 5
    this.#firstLockMs = options.firstLockMs ?? 30_000
    this.#maxLockMs = options.maxLockMs ?? 24 * 3_600_000
    this.#maxAddresses = options.maxAddresses ?? 10_000
    this.#budget = { burst: options.globalBurst ?? 100, perSecond: (options.globalPerHour ?? 60) / 3600 }
  }

  /** Addresses it remembers something about. */
  get remembered(): number {
    return this.#records.size + this.#known.size
  }

  /** One try from one address (an IP address; IPv6 neighbours of one /64 count as one). `now` in ms. */
  attempt(pin: string, address: string, now: number): PinAttempt {
    const who = household(address)
    const record = this.#records.get(who)
    if (record !== undefined && record.lockedUntil > now) {
      return { ok: false, code: 'locked-out', retryAfterMs: Math.ceil(record.lockedUntil - now) }
    }
    this.#global ??= new TokenBucket(this.#budget, now)
    const budgetWaitMs = this.#known.has(who) ? 0 : this.#global.waitMs(now)
    if (budgetWaitMs > 0) return { ok: false, code: 'locked-out', retryAfterMs: budgetWaitMs }

    // Equal lengths and equal time whatever was typed: what is compared are digests under a key nobody knows.
    if (timingSafeEqual(this.#hash(pin), this.#digest)) {
      this.#records.delete(who)
      this.#remember(who)
      return { ok: true }
    }
    if (!this.#known.has(who)) this.#global.take(now)
    return { ok: false, code: 'wrong-pin', retryAfterMs: this.#punish(who, record, now) }
  }

  #hash(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest()
  }

  #punish(who: string, record: Record | undefined, now: number): number {
    const wrong = (record?.wrong ?? 0) + 1
    const over = wrong - this.#freeAttempts
    const lockMs = over < 0 ? 0 : Math.min(this.#maxLockMs, this.#firstLockMs * 2 ** Math.min(over, 30))
    this.#records.delete(who)
    this.#records.set(who, { wrong, lockedUntil: now + lockMs })
    if (this.#records.size > this.#maxAddresses) this.#forget(now)
    return lockMs
  }

  /** The oldest that is not locked goes; when all are locked, the oldest. */
  #forget(now: number): void {
    let oldest: string | undefined
    for (const [who, { lockedUntil }] of this.#records) {
      oldest ??= who
      if (lockedUntil > now) continue
      oldest = who
      break
    }
    if (oldest !== undefined) this.#records.delete(oldest)
  }

  #remember(who: string): void {
    this.#known.delete(who)
    this.#known.add(who)
    const [first] = this.#known
    if (this.#known.size > this.#maxAddresses && first !== undefined) this.#known.delete(first)
  }
}

/** One subscriber's addresses under one name: an IPv6 household has 2^64 of them. */
function household(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!bare.includes(':')) return bare
  const [head = '', tail] = bare.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const end = tail === '' ? [] : tail.split(':')
    while (groups.length + end.length < 8) groups.push('0')
    groups.push(...end)
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
