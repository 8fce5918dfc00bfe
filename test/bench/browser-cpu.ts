// Processor time of a browser: all its processes, from /proc.

import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** User and system milliseconds of every process that descends from this one, ended threads included. Linux only. */
export function descendantsCpuMs(): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readProcess)
    .filter((each) => each !== undefined)
  const family = new Set([process.pid])
  for (let before = 0; before !== family.size; ) {
    before = family.size
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid)
  }
  family.delete(process.pid)
  const ticks = processes.reduce((sum, each) => sum + (family.has(each.pid) ? each.ticks : 0), 0)
  return (ticks * 1000) / TICKS_PER_SECOND
}

function readProcess(name: string): { pid: number; parent: number; ticks: number } | undefined {
  try {
    // pid (name, which may hold blanks) state ppid ... utime stime: fields 4, 14 and 15 of proc(5).
    const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ')
    return { pid: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    // It ended while we were looking.
    return undefined
  }
}
