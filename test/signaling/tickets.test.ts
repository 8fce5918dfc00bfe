import { expect, test } from 'vitest'
import { TicketOffice } from '../../signaling/tickets.ts'

test('a ticket is good once', () => {
  const office = new TicketOffice()
  const ticket = office.issue(0)
  expect(ticket).toMatch(/^[\w-]{43}$/)
  expect(office.redeem(ticket, 1)).toBe(true)
  expect(office.redeem(ticket, 2)).toBe(false)
})

test('a ticket is good for sixty seconds', () => {
  const office = new TicketOffice()
  const [young, old] = [office.issue(0), office.issue(0)]
  expect(office.redeem(young, 59_999)).toBe(true)
  expect(office.redeem(old, 60_000)).toBe(false)
})

test('a made-up ticket is not good', () => {
  const office = new TicketOffice()
  office.issue(0)
  for (const ticket of ['', 'x', 'A'.repeat(43), 'constructor']) expect(office.redeem(ticket, 1)).toBe(false)
})

test('unused tickets do not pile up: beyond the limit the oldest is void', () => {
  const office = new TicketOffice({ maxTickets: 3 })
  const tickets = [0, 1, 2, 3, 4].map((now) => office.issue(now))
  expect(tickets.map((ticket) => office.redeem(ticket, 5))).toEqual([false, false, true, true, true])
})
