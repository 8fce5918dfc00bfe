// The STUN and TURN servers a page is told of, with credentials that run out where the TURN server allows it.

import { createHmac } from 'node:crypto'
import type { IceServer } from '../../signaling/messages.ts'

/** How long credentials made from a shared secret hold: a connection keeps its own beyond that. */
const CREDENTIALS_S = 6 * 3600

export type IceServerOptions = {
  /** `stun:host:port`; asked by the server and by its viewers. */
  stun?: string | undefined
  /** `turn:host:port?transport=udp` and the like, for viewers. */
  turn?: readonly string[] | undefined
  /** How viewers prove themselves to it: a name and a password, or the secret that we share with it. */
  turnLogin?: { user: string; password: string } | { secret: string } | undefined
}

/** What to hand to one viewer; `wallNow` is in ms since 1970. Empty when none is set. */
export function iceServersFor(
  { stun, turn = [], turnLogin }: IceServerOptions,
  viewer: string,
  wallNow: number,
): IceServer[] {
  const servers: IceServer[] = stun === undefined ? [] : [{ urls: stun }]
  if (turnLogin === undefined) return servers
  const login = 'secret' in turnLogin ? timeLimited(turnLogin.secret, viewer, wallNow) : fixed(turnLogin)
  for (const urls of turn) servers.push({ urls, ...login })
  return servers
}

const fixed = ({ user, password }: { user: string; password: string }) => ({
  username: user,
  credential: password,
})

/** The TURN REST convention (draft-uberti-behave-turn-rest-00), as coturn's `use-auth-secret` checks it. */
function timeLimited(secret: string, viewer: string, wallNow: number) {
  const username = `${Math.floor(wallNow / 1000) + CREDENTIALS_S}:${viewer}`
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}
