// Which IP addresses belong to the internet, and which to this machine, its network, or nobody. Pure.

import { BlockList, isIP } from 'node:net'

// IANA's special-purpose registries for IPv4 and IPv6, as far as they are not globally reachable.
const NOT_PUBLIC: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]
// Of IPv6 only 2000::/3 is given out, and in it these lead back to IPv4 or nowhere.
const NOT_PUBLIC_6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
]

const blocked = new BlockList()
for (const [net, prefix] of NOT_PUBLIC) blocked.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of NOT_PUBLIC_6) blocked.addSubnet(net, prefix, 'ipv6')
const givenOut = new BlockList()
givenOut.addSubnet('2000::', 3, 'ipv6')
const benchmarking = new BlockList()
benchmarking.addSubnet('198.18.0.0', 15, 'ipv4')

/** False for what is no address at all. */
export function isPublicAddress(address: string): boolean {
  const kind = isIP(address)
  if (kind === 4) return !blocked.check(address, 'ipv4')
  return kind === 6 && givenOut.check(address, 'ipv6') && !blocked.check(address, 'ipv6')
}

/** 198.18.0.0/15, which some local proxies put in the place of every public address. */
export function isStandIn(address: string): boolean {
  return isIP(address) === 4 && benchmarking.check(address, 'ipv4')
}
