// Compares what the adapter relies on with the werift that is installed, before the first viewer does. An upgrade then
// ends in one clear sentence at start-up instead of a repair that silently repairs nothing.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { insidesOf, WERIFT_VERSION, werift, weriftEntry } from './werift.ts'

const METHODS = {
  association: [
    'handleData',
    'receiveSackChunk',
    'send',
    'transmit',
    'sendSack',
    'markReceived',
    'receiveDataChunk',
    'receive',
    'receiveForwardTsnChunk',
    'setState',
  ],
  ice: ['getCandidatePromises', 'ensureProtocol', 'canSendApplicationData'],
} as const

const FIELDS = {
  association: [
    'associationState',
    'rto',
    'localPort',
    'remoteVerificationTag',
    'localVerificationTag',
    'localTsn',
    'advertisedRwnd',
    'peerAdvertisedRwnd',
    'sackNeeded',
    'sackImmediate',
    'sackPacketCount',
    'sackDuplicates',
    'inboundStreams',
    'stateChanged',
    'transport',
  ],
  ice: ['stunServer', 'localUsername', 'localPassword', 'protocols', 'checkList'],
} as const

let checked = false

/** Throws with everything that differs. Runs once per process. */
export function checkWerift(): void {
  if (checked) return
  const differences = weriftDifferences()
  if (differences.length > 0) {
    throw new Error(
      `src/transport was written for werift ${WERIFT_VERSION} and does not fit the installed one: ${differences.join('; ')}`,
    )
  }
  checked = true
}

/** What differs, in words; empty when all is well. */
export function weriftDifferences(): string[] {
  const differences: string[] = []
  const version = installedVersion()
  if (version !== WERIFT_VERSION) differences.push(`version is ${version}`)
  const connection = new werift.RTCPeerConnection({ iceServers: [] })
  connection.createDataChannel('check', { negotiated: true, id: 0 })
  const insides = insidesOf(connection)
  for (const owner of ['association', 'ice'] as const) {
    const object = insides[owner] as unknown as Record<string, unknown>
    for (const name of METHODS[owner]) {
      if (typeof object[name] !== 'function') differences.push(`${owner}.${name} is no function`)
    }
    for (const name of FIELDS[owner]) if (!(name in object)) differences.push(`${owner}.${name} is missing`)
  }
  connection.close().catch(() => {})
  if (typeof werift.parseMessage !== 'function') differences.push('parseMessage is missing')
  if (typeof werift.crc32c !== 'function') differences.push('crc32c is missing')
  const udp = werift.UdpTransport.prototype as unknown as { init?: unknown }
  if (typeof udp.init !== 'function') differences.push('UdpTransport.init is missing')
  const tcp = werift.TcpPassiveProtocol?.prototype as unknown as Record<string, unknown> | undefined
  for (const name of ['handleFrame', 'rememberSocket', 'forgetSocket'])
    if (typeof tcp?.[name] !== 'function') differences.push(`TcpPassiveProtocol.${name} is missing`)
  return differences
}

function installedVersion(): string {
  for (let folder = dirname(weriftEntry); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        string
      >
      if (name === 'werift' && version !== undefined) return version
    } catch {
      // Not this folder.
    }
  }
  return 'unknown'
}
