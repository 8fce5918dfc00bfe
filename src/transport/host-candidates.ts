// One UDP socket per peer and family, offered under every address a viewer could reach it by.
//
// werift opens a socket of its own for each address of the machine (and one more for an additional address), all bound
// to the wildcard. One wildcard socket receives for all of them, so the addresses are only a matter of what the SDP says.
// Trap 16: when no socket could be bound the offer has no candidate, and nobody is told.
// And a trap in passing: with no STUN server configured werift asks stun.l.google.com.

import type { NetworkInterfaceInfo } from 'node:os'
import { PeerRefusal } from '../../signaling/negotiation.ts'
import { addressKind } from './address-kind.ts'
import type { IceInside } from './werift.ts'

const WILDCARDS = { v4: '0.0.0.0', v6: '::' } as const

/** Makes the agent open one wildcard socket per family, and ask no STUN server unless told to. */
export function gatherOnce(ice: IceInside, { stun, ipv6 }: { stun: boolean; ipv6: boolean }): void {
  if (!stun) ice.stunServer = undefined
  const getCandidatePromises = ice.getCandidatePromises
  ice.getCandidatePromises = (_addresses, timeout) =>
    getCandidatePromises.call(ice, ipv6 ? [WILDCARDS.v4, WILDCARDS.v6] : [WILDCARDS.v4], timeout)
}

/**
 * Addresses to offer to one viewer, likeliest first: the announced ones, this machine's own, and loopback when the
 * viewer itself came over loopback.
 */
export function hostAddresses(options: {
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>
  viewer: string
  announced: readonly string[]
}): string[] {
  const own = Object.values(options.interfaces)
    .flatMap((list) => list ?? [])
    .map((info) => info.address)
  const kinds = new Map(own.map((address) => [address, addressKind(address)]))
  const reachable = own.filter(
    (address) => kinds.get(address) === 'public' || kinds.get(address) === 'private',
  )
  const near =
    addressKind(options.viewer) === 'loopback' ? own.filter((a) => kinds.get(a) === 'loopback') : []
  return [...new Set([...near, ...options.announced, ...reachable])]
}

/** Local preference by kind: IPv4 before IPv6, and TCP behind all of UDP (RFC 6544 4.2: passive is 4 of 7). */
const UDP_V4 = 65_535
const UDP_V6 = UDP_V4 - 1000
const TCP_PASSIVE = 4 << 13

/** RFC 8445 5.1.2.1, with the list's order as local preference. */
const priorityOf = (rank: number, preference: number): number =>
  126 * 2 ** 24 + (preference - rank) * 256 + 255

/**
 * Writes the addresses into an offer in place of the wildcard candidates; UDP candidates learnt from STUN stay, and the TCP
 * port is named under each address.
 * Throws `no-candidates` when there is no socket to offer.
 */
export function offerAddresses(
  sdp: string,
  addresses: readonly string[],
  {
    udpPorts,
    iceTcp,
  }: { udpPorts?: readonly [number, number] | undefined; iceTcp?: number | undefined } = {},
): string {
  const lines = sdp.split('\r\n')
  const out: string[] = []
  let offered = 0
  for (const line of lines) {
    const match = /^a=candidate:(\S+) (\d+) udp (\d+) (\S+) (\d+) typ (\w+)(.*)$/i.exec(line)
    if (match === null) {
      // Without this line a viewer may still be told of candidates; with it werift as answerer stops looking.
      const kept = line !== 'a=end-of-candidates' && !line.startsWith('a=candidate:')
      if (kept) out.push(line)
      continue
    }
    const [, , component, , host, port, type] = match
    if (type !== 'host') {
      out.push(line)
      offered += 1
      continue
    }
    const isV6 = host === WILDCARDS.v6
    const mine = addresses.filter((address) => address.includes(':') === isV6)
    for (const [rank, address] of mine.entries()) {
      const priority = priorityOf(rank, isV6 ? UDP_V6 : UDP_V4)
      out.push(`a=candidate:${isV6 ? 6 : 4}${rank} ${component} udp ${priority} ${address} ${port} typ host`)
      offered += 1
    }
  }
  if (iceTcp !== undefined && offered > 0) {
    const last = out.findLastIndex((line) => line.startsWith('a=candidate:'))
    const tcp = addresses.map(
      (address, rank) =>
        `a=candidate:${address.includes(':') ? 5 : 3}${rank} 1 tcp ${priorityOf(rank, TCP_PASSIVE)} ${address} ${iceTcp} typ host tcptype passive`,
    )
    out.splice(last + 1, 0, ...tcp)
  }
  if (offered === 0) {
    const where = udpPorts === undefined ? 'no UDP port' : `no free UDP port in ${udpPorts[0]}-${udpPorts[1]}`
    throw new PeerRefusal('no-candidates', `The server has ${where} to offer; try again later.`)
  }
  return out.join('\r\n')
}
