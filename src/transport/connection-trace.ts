// Remembers what was offered to one viewer, what it named in return and what came of it, for whoever has to find out why a
// viewer sees nothing.

/** More than any machine gathers; a viewer may name candidates without end. */
const MAX_CANDIDATES = 32

/** A pair of addresses ICE has tried; `remote` is where the viewer was seen or said to be. */
export type TriedPair = { local: string; remote: string; state: string; chosen: boolean }

export type TraceReport = {
  /** `udp 192.0.2.1:40000 host` and the like, likeliest first. */
  offered: string[]
  /** What the viewer named; `used` is false where the server will not knock. */
  named: { candidate: string; used: boolean }[]
  tried: TriedPair[]
}

export class ConnectionTrace {
  readonly #offered: string[] = []
  readonly #named: TraceReport['named'] = []

  /** The offer as the viewer gets it. */
  offer(sdp: string): void {
    for (const line of candidatesOf(sdp)) {
      if (this.#offered.length < MAX_CANDIDATES) this.#offered.push(describeCandidate(line))
    }
  }

  /** The viewer's answer as it came; `isUsed` says which of its candidates are. */
  answer(sdp: string, isUsed: (line: string) => boolean): void {
    for (const line of candidatesOf(sdp)) this.candidate(line, isUsed(line))
  }

  candidate(line: string, used: boolean): void {
    if (this.#named.length < MAX_CANDIDATES) this.#named.push({ candidate: describeCandidate(line), used })
  }

  report(tried: readonly TriedPair[]): TraceReport {
    return { offered: [...this.#offered], named: [...this.#named], tried: [...tried] }
  }
}

const candidatesOf = (sdp: string) => sdp.split(/\r\n|\n/).filter((line) => line.startsWith('a=candidate:'))

/** The part of a candidate line that tells where and how; names and rubbish are shortened, never trusted. */
function describeCandidate(line: string): string {
  const match = /^(?:a=)?candidate:\S+ \d+ (\S+) \d+ (\S+) (\d+) typ (\S+)(?:.* tcptype (\S+))?/i.exec(line)
  if (match === null) return 'unreadable'
  const [, transport, host, port, type, tcpType] = match
  const address = host!.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return [transport!.toLowerCase(), address, type, tcpType].filter(Boolean).join(' ').slice(0, 120)
}
