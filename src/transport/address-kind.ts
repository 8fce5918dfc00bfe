// What kind of place an IP address is, as far as sending packets to it is concerned.

import { BlockList, isIP } from 'node:net'

/** `other` is never a place to send to: unspecified, link-local, multicast, broadcast, documentation-only, no address. */
export type AddressKind = 'public' | 'private' | 'loopback' | 'other'

const list = (...subnets: string[]): BlockList => {
  const blocks = new BlockList()
  for (const subnet of subnets) {
    const [network, bits] = subnet.split('/')
    blocks.addSubnet(network!, Number(bits), network!.includes(':') ? 'ipv6' : 'ipv4')
  }
  return blocks
}

const LOOPBACK = list('127.0.0.0/8', '::1/128')
// 100.64/10 and 198.18/15 are what cars and their hotspots use (FACTS A4); fc00::/7 is the IPv6 counterpart.
const PRIVATE = list(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '198.18.0.0/15',
  'fc00::/7',
)
const OTHER = list(
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/128',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
)

/** Sorts a literal address; a name is `other`. IPv4 in IPv6 clothing counts as IPv4. */
export function addressKind(address: string): AddressKind {
  const bare = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '')
  const version = isIP(bare)
  if (version === 0) return 'other'
  const family = version === 6 ? 'ipv6' : 'ipv4'
  if (LOOPBACK.check(bare, family)) return 'loopback'
  if (OTHER.check(bare, family)) return 'other'
  return PRIVATE.check(bare, family) ? 'private' : 'public'
}
