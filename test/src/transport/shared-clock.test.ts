import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { clockOrigin, sharedClock } from '../../../src/transport/shared-clock.ts'

const run = promisify(execFile)

afterEach(() => void vi.restoreAllMocks())

test('another process reads the same clock, although it was started later', async () => {
  const module = new URL('../../../src/transport/shared-clock.ts', import.meta.url).href
  const program = `import { sharedClock } from ${JSON.stringify(module)}
    process.stdout.write(String(sharedClock(${clockOrigin()})()))`
  const before = performance.now()
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program])
  const after = performance.now()
  expect(Number(stdout)).toBeGreaterThan(before)
  expect(Number(stdout)).toBeLessThan(after)
})

test('in the process whose clock it is, it is that clock', () => {
  const now = sharedClock(clockOrigin())
  // Two origins are read at two moments, each between two ticks of a clock of nanoseconds.
  const before = performance.now() - 1
  const read = now()
  expect(read).toBeGreaterThan(before)
  expect(read).toBeLessThan(performance.now() + 1)
})

test('a process that is held up while it reads its clocks has the right one all the same', () => {
  const origin = clockOrigin()
  const read = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementationOnce(() => {
    const goesOn = read() + 5
    while (read() < goesOn);
    return read()
  })
  expect(Math.abs(clockOrigin() - origin)).toBeLessThan(1)
})
