// One clock for the two processes of the server. `performance.now()` counts from each process's own start, and
// `performance.timeOrigin` is wall-clock time, which is set and slewed; the monotonic clock under both is the same.

import { type LocalTime, localTime } from '../../vendor/asciline/index.ts'

/** Where this process's `performance.now()` has its zero on the machine's monotonic clock; milliseconds. */
export function clockOrigin(): number {
  return Number(process.hrtime.bigint()) / 1e6 - performance.now()
}

/** The LocalTime of the process whose `clockOrigin()` is given. */
export function sharedClock(origin: number): () => LocalTime {
  const ahead = clockOrigin() - origin
  return () => localTime(performance.now() + ahead)
}
