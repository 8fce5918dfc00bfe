import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { addressKind } from '../../../src/transport/address-kind.ts'
import { filterAnswer, isCandidateAllowed } from '../../../src/transport/candidate-filter.ts'
import { gatherOnce, hostAddresses, offerAddresses } from '../../../src/transport/host-candidates.ts'
import { insidesOf, werift } from '../../../src/transport/werift.ts'

test.each([
  ['8.8.8.8', 'public'],
  ['2606:4700::1111', 'public'],
  ['::ffff:8.8.8.8', 'public'],
  ['127.0.0.1', 'loopback'],
  ['127.8.9.10', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['10.0.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.20', 'private'],
  ['100.99.9.9', 'private'],
  ['fd00::2', 'private'],
  ['172.32.0.1', 'public'],
  ['0.0.0.0', 'other'],
  ['169.254.169.254', 'other'],
  ['224.0.0.1', 'other'],
  ['255.255.255.255', 'other'],
  ['::', 'other'],
  ['fe80::1%eth0', 'other'],
  ['ff02::1', 'other'],
  ['evil.example', 'other'],
  ['', 'other'],
] as const)('%s is %s', (address, kind) => {
  expect(addressKind(address)).toBe(kind)
})

const candidate = (host: string, port = 5000, rest = 'typ host') =>
  `candidate:1 1 udp 2113937151 ${host} ${port} ${rest}`
const FAR = '203.0.113.9'

test('the server knocks at public addresses a viewer names', () => {
  expect(isCandidateAllowed(candidate('198.51.100.7'), FAR)).toBe(true)
  expect(isCandidateAllowed(candidate('198.51.100.7', 5000, 'typ srflx raddr 10.0.0.1 rport 9'), FAR)).toBe(
    true,
  )
  expect(isCandidateAllowed(`a=${candidate('2606:4700::1111')}`, FAR)).toBe(true)
})

test('a viewer from outside cannot make the server knock inside its house', () => {
  for (const host of [
    '10.0.0.1',
    '192.168.0.1',
    '127.0.0.1',
    '::1',
    '169.254.169.254',
    '224.0.0.251',
    '0.0.0.0',
    'fd00::1',
  ]) {
    expect(isCandidateAllowed(candidate(host), FAR)).toBe(false)
  }
})

test('a viewer on the same network may name its address there, and one on this machine loopback', () => {
  expect(isCandidateAllowed(candidate('192.168.0.7'), '192.168.0.9')).toBe(true)
  expect(isCandidateAllowed(candidate('127.0.0.1'), '192.168.0.9')).toBe(false)
  expect(isCandidateAllowed(candidate('127.0.0.1'), '127.0.0.1')).toBe(true)
  expect(isCandidateAllowed(candidate('169.254.1.1'), '127.0.0.1')).toBe(false)
})

test.each([
  ['a .local name', candidate('1b3a2f.local')],
  ['a host name', candidate('intranet.example')],
  ['TCP', 'candidate:1 1 tcp 2113937151 198.51.100.7 9 typ host tcptype active'],
  ['port 0', candidate('198.51.100.7', 0)],
  ['port 70000', candidate('198.51.100.7', 70_000)],
  ['an unknown type', candidate('198.51.100.7', 5000, 'typ prflx')],
  ['a line cut short', 'candidate:1 1 udp'],
  ['nothing', ''],
])('%s is not knocked at', (_name, line) => {
  expect(isCandidateAllowed(line, '127.0.0.1')).toBe(false)
})

test('an answer keeps what is allowed, at most sixteen candidates, and never ends the list of them', () => {
  const many = Array.from({ length: 40 }, (_, n) => `a=${candidate('198.51.100.7', 1000 + n)}`)
  const answer = [
    'v=0',
    'a=setup:active',
    `a=${candidate('x.local')}`,
    ...many,
    'a=end-of-candidates',
    '',
  ].join('\r\n')
  const lines = filterAnswer(answer, FAR).split('\r\n')
  expect(lines.filter((line) => line.startsWith('a=candidate:'))).toHaveLength(16)
  expect(lines).toContain('a=setup:active')
  expect(lines).not.toContain('a=end-of-candidates')
  expect(lines.some((line) => line.includes('.local'))).toBe(false)
})

const info = (address: string): NetworkInterfaceInfo => ({
  address,
  netmask: '',
  family: 'IPv4',
  mac: '',
  internal: false,
  cidr: null,
})
const INTERFACES = {
  lo: [info('127.0.0.1'), info('::1')],
  eth0: [info('192.168.0.2'), info('fe80::1'), info('2001:db8::2')],
  tun0: [info('100.64.0.5')],
}

test('a viewer is offered the announced address first, then this machine’s own; loopback only when it is here', () => {
  expect(hostAddresses({ interfaces: INTERFACES, viewer: FAR, announced: ['198.51.100.1'] })).toEqual([
    '198.51.100.1',
    '192.168.0.2',
    '2001:db8::2',
    '100.64.0.5',
  ])
  expect(hostAddresses({ interfaces: INTERFACES, viewer: '127.0.0.1', announced: [] }).slice(0, 2)).toEqual([
    '127.0.0.1',
    '::1',
  ])
})

const OFFER = [
  'v=0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=candidate:abc 1 udp 2116026367 0.0.0.0 40001 typ host generation 0 ufrag 940d',
  'a=candidate:def 1 udp 2116026367 :: 40002 typ host generation 0 ufrag 940d',
  'a=candidate:ghi 1 udp 1685987071 198.51.100.1 55555 typ srflx raddr 0.0.0.0 rport 40001',
  'a=end-of-candidates',
  'a=mid:0',
  '',
].join('\r\n')

test('one socket per family is offered under every address, best first', () => {
  const lines = offerAddresses(OFFER, ['192.168.0.2', '2001:db8::2', '100.64.0.5']).split('\r\n')
  const parts = lines.filter((line) => line.startsWith('a=candidate:')).map((line) => line.split(' '))
  expect(parts.map((part) => [part[4], part[5], part[7]])).toEqual([
    ['192.168.0.2', '40001', 'host'],
    ['100.64.0.5', '40001', 'host'],
    ['2001:db8::2', '40002', 'host'],
    ['198.51.100.1', '55555', 'srflx'],
  ])
  const priorities = parts.map((part) => Number(part[3]))
  expect(priorities.toSorted((a, b) => b - a)).toEqual(priorities)
  expect(priorities[0]).toBeLessThan(2 ** 31)
  expect(lines).not.toContain('a=end-of-candidates')
  expect(lines).toContain('a=mid:0')
})

test('trap 16: an offer without a candidate is an error a person can read', () => {
  const bare = OFFER.replaceAll(/^a=candidate.*\r\n/gm, '')
  expect(() => offerAddresses(bare, ['192.168.0.2'])).toThrow(
    expect.objectContaining({ code: 'no-candidates', message: expect.stringContaining('no UDP port') }),
  )
  expect(() => offerAddresses(bare, ['192.168.0.2'], { udpPorts: [40_000, 40_009] })).toThrow('40000-40009')
  expect(() => offerAddresses(OFFER.replaceAll(/^a=candidate:ghi.*\r\n/gm, ''), [])).toThrow(
    expect.objectContaining({ code: 'no-candidates' }),
  )
})

test('a peer opens one socket per family and asks no STUN server that nobody named', async () => {
  for (const [ipv6, sockets] of [
    [false, 1],
    [true, 2],
  ] as const) {
    const connection = new werift.RTCPeerConnection({ iceServers: [], iceUseIpv6: ipv6 })
    connection.createDataChannel('x', { negotiated: true, id: 0 })
    const { ice } = insidesOf(connection)
    // As delivered: a server on the internet nobody chose.
    expect(ice.stunServer).toBeDefined()
    gatherOnce(ice, { stun: false, ipv6 })
    expect(ice.stunServer).toBeUndefined()
    await connection.setLocalDescription(await connection.createOffer())
    expect(ice.protocols).toHaveLength(sockets)
    await connection.close()
  }
})
