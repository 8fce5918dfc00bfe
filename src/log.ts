// One line a person can read per event, on stderr, through pino; JSON lines when stderr is not a terminal, for collectors.

import { type Logger, pino } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'trace' | 'fatal'>

const LABELS: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}
const DIM = '\u001b[2m'
const PLAIN = '\u001b[0m'
const OWN = new Set(['level', 'time', 'msg', 'pid', 'hostname'])

/** Writes `17:05:01 info  session 7f3a resolving -> playing (412 ms)`, and what else the event carries as dim JSON behind it. */
const forPeople = {
  write(line: string): void {
    const event = JSON.parse(line) as { level: number; time: number; msg?: string } & Record<string, unknown>
    const rest = Object.fromEntries(Object.entries(event).filter(([key]) => !OWN.has(key)))
    const extra = Object.keys(rest).length === 0 ? '' : ` ${DIM}${JSON.stringify(rest)}${PLAIN}`
    const clock = new Date(event.time).toTimeString().slice(0, 8)
    process.stderr.write(
      `${DIM}${clock}${PLAIN} ${(LABELS[event.level] ?? '').padEnd(5)} ${event.msg ?? ''}${extra}\n`,
    )
  },
}

/** The program's one logger; `level` is a pino level name. */
export function openLog(level: string): Logger {
  return pino(
    { level, base: null },
    process.stderr.isTTY ? forPeople : pino.destination({ fd: 2, sync: true }),
  )
}
