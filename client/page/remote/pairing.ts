// How a phone becomes a remote control: a link with a ticket that lets it in once, without the PIN.

const TICKET = /^#ticket=([\w-]{16,128})$/

/** The address that opens the remote control on another device. */
export function remoteLink(origin: string, ticket: string): string {
  return `${origin}/?remote#ticket=${ticket}`
}

/** The ticket in an address' fragment, which no server and no log gets to see; undefined when there is none. */
export function ticketIn(hash: string): string | undefined {
  return TICKET.exec(hash)?.[1]
}

/** True for an address that only this very machine can reach. */
export function onlyHere(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
}
