// Offers and answers over plain HTTP from many addresses of this machine, so that a limit per address stops nobody here.

import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { BODY_LIMIT } from '../../src/server.ts'

/** Of 127.0.0.0/24, without the first few. */
const ADDRESSES = 250
const RETRY_MS = 100
const MOST_TRIES = 300

export type BackDoor = {
  open(): Promise<{ peer: string; sdp: string }>
  answer(peer: string, sdp: string): Promise<void>
}

/** A door of the server, entered from the `from`th address of many. `answer` does not mind being refused. */
export function backDoor({ url, cookie }: { url: string; cookie: string }, from: number): BackDoor {
  const post = (path: string, body: string, tries = 0) =>
    postFrom(new URL(path, url), cookie, 2 + ((from + 7 * tries) % ADDRESSES), body)
  return {
    open: async () => {
      for (let tries = 0; ; tries += 1) {
        const { status, text } = await post('/api/offer', '{}', tries)
        if (status === 200) return JSON.parse(text) as { peer: string; sdp: string }
        // Who has not connected within ten seconds makes room, and the next address is not known yet.
        const full = status === 503 || status === 429
        if (!full || tries === MOST_TRIES) throw new Error(`/api/offer answered ${status}: ${text}`)
        await sleep(RETRY_MS)
      }
    },
    answer: async (peer, sdp) => {
      await post('/api/answer', JSON.stringify({ peer, sdp }))
    },
  }
}

/** A body over the limit is refused without being read: who still writes it may find the line cut before the answer. */
const CUT_OFF = ['EPIPE', 'ECONNRESET']

/** Resolves with the answer, whatever it is. */
export function postFrom(
  url: URL,
  cookie: string,
  from: number,
  body: string,
): Promise<{ status: number; text: string }> {
  const length = Buffer.byteLength(body)
  return new Promise((resolve, reject) => {
    const asking = request(
      url,
      {
        method: 'POST',
        localAddress: `127.0.0.${from}`,
        headers: { cookie, 'content-type': 'application/json', 'content-length': length },
      },
      (response) => {
        let text = ''
        response.on('data', (part: Buffer) => (text += part.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      },
    )
    asking.on('error', (error: NodeJS.ErrnoException) => {
      if (length > BODY_LIMIT && CUT_OFF.includes(error.code ?? '')) resolve({ status: 413, text: '' })
      else reject(error)
    })
    asking.end(body)
  })
}
