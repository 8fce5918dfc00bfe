// Whether a process is still there.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

/** A zombie that nobody has reaped yet counts as gone. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    // No /proc on this system: what can be signalled is there.
    return true
  }
}

/** Resolves when the process has gone. */
export async function gone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(0)
  await expect.poll(() => alive(pid), { interval: 20 }).toBe(false)
}
