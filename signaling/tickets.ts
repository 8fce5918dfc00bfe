// One-time tickets: whoever entered by the PIN over the signaling socket swaps one for the cookie, which a socket cannot
// set.

import { randomBytes } from 'node:crypto'

export type TicketOfficeOptions = {
  lifetimeMs?: number
  /** Tickets outstanding at once; the oldest is void beyond that. */
  maxTickets?: number
}

/** Pure but for its random numbers: time comes as an argument, in ms. */
export class TicketOffice {
  readonly #lifetimeMs: number
  readonly #maxTickets: number
  /** Ticket -> when it runs out, oldest first. */
  readonly #tickets = new Map<string, number>()

  constructor(options: TicketOfficeOptions = {}) {
    this.#lifetimeMs = options.lifetimeMs ?? 60_000
    this.#maxTickets = options.maxTickets ?? 1000
  }

  issue(now: number): string {
    for (const [ticket, until] of this.#tickets) {
      if (until > now && this.#tickets.size < this.#maxTickets) break
      this.#tickets.delete(ticket)
    }
    const ticket = randomBytes(32).toString('base64url')
    this.#tickets.set(ticket, now + this.#lifetimeMs)
    return ticket
  }

  /** True once per ticket, and only in time. */
  redeem(ticket: string, now: number): boolean {
    const until = this.#tickets.get(ticket)
    this.#tickets.delete(ticket)
    return until !== undefined && now < until
  }
}
