import { expect, test } from 'vitest'
import { NEGOTIATION_MS, Negotiation } from '../../signaling/negotiation.ts'

const badRequest = expect.objectContaining({ code: 'bad-request' })

test('offer, answer, connection, end', () => {
  const negotiation = new Negotiation()
  expect(negotiation.state).toBe('new')
  negotiation.offered(0)
  expect(negotiation.state).toBe('offered')
  negotiation.answered()
  expect(negotiation.state).toBe('answered')
  negotiation.connected()
  expect(negotiation.state).toBe('connected')
  negotiation.close()
  expect(negotiation.state).toBe('closed')
})

test('what is not due is a bad request, in every state', () => {
  const negotiation = new Negotiation()
  expect(() => negotiation.answered()).toThrow(badRequest)
  negotiation.offered(0)
  expect(() => negotiation.offered(1)).toThrow(badRequest)
  negotiation.answered()
  expect(() => negotiation.answered()).toThrow(badRequest)
  negotiation.connected()
  expect(() => negotiation.answered()).toThrow(badRequest)
  negotiation.close()
  expect(() => negotiation.answered()).toThrow(badRequest)
  expect(() => negotiation.offered(2)).toThrow(badRequest)
})

test('nothing connects that was not answered, or has been closed', () => {
  const early = new Negotiation()
  early.connected()
  expect(early.state).toBe('new')
  const closed = new Negotiation()
  closed.offered(0)
  closed.answered()
  closed.close()
  closed.connected()
  expect(closed.state).toBe('closed')
})

test('one deadline runs from the offer to the connection', () => {
  const negotiation = new Negotiation()
  expect(negotiation.expired(1e12)).toBe(false)
  negotiation.offered(100)
  negotiation.answered()
  expect(negotiation.expired(100 + NEGOTIATION_MS - 1)).toBe(false)
  expect(negotiation.expired(100 + NEGOTIATION_MS)).toBe(true)
  negotiation.connected()
  expect(negotiation.expired(1e12)).toBe(false)
})
