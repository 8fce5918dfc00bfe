// Connections that nobody asked for: real ones, with nobody else, and ended when somebody comes.

import { Socket } from 'node:dgram'
import { afterEach, expect, test, vi } from 'vitest'
import { warmUp } from '../../../src/transport/warm-up.ts'
import { now } from './studio.ts'

afterEach(() => void vi.restoreAllMocks())

test('connects two ends of its own, bound to loopback alone, and leaves no socket behind', async () => {
  const bind = vi.spyOn(Socket.prototype, 'bind')
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length
  const before = sockets()
  let looks = 0
  const made = await warmUp({ now, idle: () => looks++ < 2 })
  expect(made).toBe(2)
  expect(bind.mock.calls.map(([options]) => options)).toEqual(
    Array.from({ length: 4 }, () => expect.objectContaining({ address: '127.0.0.1' })),
  )
  await expect.poll(sockets).toBe(before)
})

test('does nothing while somebody is there', async () => {
  const bind = vi.spyOn(Socket.prototype, 'bind')
  expect(await warmUp({ now, idle: () => false })).toBe(0)
  expect(bind).not.toHaveBeenCalled()
})
