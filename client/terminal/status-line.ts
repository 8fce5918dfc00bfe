// The line below the picture: what plays, where it stands, and what is wrong.

import type { SessionStatus } from '../../signaling/messages.ts'
import { columnsOf, cutTo, printable } from './display-text.ts'

export type StatusLine = {
  status: SessionStatus | undefined
  /** Second of the programme on the screen. */
  position: number | undefined
  way: 'webrtc' | 'websocket' | undefined
  /** What matters more than all else at the moment. */
  notice: string | undefined
}

/** One line of at most `columns` characters, without control characters: titles come from strangers. */
export function statusLine({ status, position, way, notice }: StatusLine, columns: number): string {
  const right = [place(status, position), way === 'websocket' ? 'over TCP' : undefined]
    .filter((part) => part !== undefined && part !== '')
    .join('  ')
  const room = Math.max(0, columns - right.length - (right === '' ? 0 : 2))
  const left = cutTo(printable(notice ?? headline(status)), room)
  if (right === '') return left
  return `${left}${' '.repeat(Math.max(0, room - columnsOf(left)))}  ${right}`.slice(0, columns)
}

function headline(status: SessionStatus | undefined): string {
  if (status === undefined) return 'connecting'
  if (status.upcoming !== undefined) return `next: ${status.upcoming.title}`
  switch (status.state) {
    case 'idle':
      return 'nothing is on'
    case 'resolving':
      return `finding ${status.title}`
    case 'error':
      return status.error?.message ?? 'it cannot be played'
    case 'paused':
      return `paused: ${status.title}`
    case 'playing':
      return status.trouble === undefined ? status.title : `${status.title}: ${status.trouble.message}`
  }
}

function place(status: SessionStatus | undefined, position: number | undefined): string | undefined {
  if (status === undefined || (status.state !== 'playing' && status.state !== 'paused')) return undefined
  if (status.is_live) {
    const behind = Math.round(status.behind_live ?? 0)
    return behind > 2 ? `LIVE -${clock(behind)}` : 'LIVE'
  }
  if (position === undefined) return undefined
  return status.duration === null ? clock(position) : `${clock(position)} / ${clock(status.duration)}`
}

/** Seconds as 4:07 or 1:04:07. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
