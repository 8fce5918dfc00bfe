// One clock for the two processes of the server. `performance.now()` counts from each process's own start, and
// `performance.timeOrigin` is wall-clock time, which is set and slewed; the monotonic clock under both is the same.

import { type LocalTime, localTime } from '../../vendor/asciline/index.ts'

/** Both clocks are read so often, and the readings believed that were least far apart: a process that is held up between two puts them apart. */
const READINGS = 5

/** Where this process's `performance.now()` has its zero on the machine's monotonic clock; milliseconds. */
export function clockOrigin(): number {
  let origin = 0
  let least = Number.POSITIVE_INFINITY
  for (let reading = 0; reading < READINGS; reading += 1) {
    const before = monotonic()
    const now = performance.now()
    const apart = monotonic() - before
    if (apart >= least) continue
    least = apart
    origin = before + apart / 2 - now
  }
  return origin
}

const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6

/** The LocalTime of the process whose `clockOrigin()` is given. */
export function sharedClock(origin: number): () => LocalTime {
  const ahead = clockOrigin() - origin
  return () => localTime(performance.now() + ahead)
}
