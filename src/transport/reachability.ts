// How viewers reach this server: what was configured, and the account of it for the diagnostics.

import type { LanMode } from './candidate-filter.ts'
import type { IceServerOptions } from './ice-servers.ts'

/** Plain data. */
export type Reachability = IceServerOptions & {
  /** Address or name under which the outside reaches this server; offered besides its own addresses. */
  announce?: string | undefined
  /** UDP ports to use, both ends included; one per viewer. */
  udpPorts?: readonly [number, number] | undefined
  /** A TCP port for viewers whose network lets no UDP through; one for all of them. */
  iceTcp?: number | undefined
  /** Whether private addresses that a viewer names are knocked at; `auto` when absent. */
  lan?: LanMode | undefined
}

/** What whoever runs the server may know of it: no credentials. */
export type ReachabilityReport = {
  announce: string | null
  udpPorts: string | null
  iceTcp: number | null
  /** As last offered, likeliest first. */
  addresses: string[]
  stun: string | null
  turn: string[]
  lan: LanMode
}

export function describeReachability(
  { announce, udpPorts, iceTcp, stun, turn, lan }: Reachability,
  offered: readonly string[],
): ReachabilityReport {
  return {
    announce: announce ?? null,
    udpPorts: udpPorts === undefined ? null : `${udpPorts[0]}-${udpPorts[1]}`,
    iceTcp: iceTcp ?? null,
    addresses: [...offered],
    stun: stun ?? null,
    turn: [...(turn ?? [])],
    lan: lan ?? 'auto',
  }
}
