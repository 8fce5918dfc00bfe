// Five clients that press everything at once, and when each of them sees what was pressed.

import { WebSocket } from 'ws'
import { fromServer } from '../../signaling/messages.ts'

const CLIENTS = 5
const GAP_MS = 120
const SEEN_MS = 5000

/**
 * Milliseconds from the POST of a command to the pushed status that names it, for each client and each command that had
 * something to act on. Throws when one is never named.
 */
export async function watchClients({
  url,
  cookie,
  commands,
}: {
  url: string
  cookie: string
  commands: number
}): Promise<number[]> {
  const seen = Array.from({ length: CLIENTS }, () => new Map<string, number>())
  const sockets = await Promise.all(seen.map((heard) => listen({ url, cookie, heard })))
  const sent = new Map<string, number>()
  const random = seeded(20_261_122)
  const answers: Promise<void>[] = []
  for (let count = 0; count < commands; count++) {
    const who = `${count}`
    const [path, body] = choose(random)
    const post = async () => {
      const at = performance.now()
      const response = await fetch(new URL(`/api/${path}`, url), {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, who }),
      })
      const { code } = (await response.json()) as { code?: string }
      // One that found nothing to act on changes nothing; one that was overtaken was seen first.
      if (response.ok || code === 'superseded') sent.set(who, at)
    }
    answers.push(post())
    await new Promise((resolve) => setTimeout(resolve, random() * GAP_MS))
  }
  await Promise.all(answers)
  const all = () => seen.every((heard) => [...sent.keys()].every((who) => heard.has(who)))
  const deadline = performance.now() + SEEN_MS
  while (!all()) {
    if (performance.now() > deadline) throw new Error('a command was never named to every client')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  for (const socket of sockets) socket.close()
  return seen.flatMap((heard) => [...sent].map(([who, at]) => (heard.get(who) as number) - at))
}

function choose(random: () => number): [string, object] {
  const commands: [string, object][] = [
    ['play', { query: random() < 0.5 ? 'film.mp4' : 'demo:', from: 0 }],
    ['seek', { to: Math.floor(random() * 100) }],
    ['seek', { by: Math.floor(random() * 40) - 20 }],
    ['pause', {}],
    ['resume', {}],
    ['preset', { preset: ['low', 'med', 'high'][Math.floor(random() * 3)] }],
    ['stop', {}],
  ]
  return commands[Math.floor(random() * commands.length)] as [string, object]
}

async function listen(options: {
  url: string
  cookie: string
  heard: Map<string, number>
}): Promise<WebSocket> {
  const { url, cookie, heard } = options
  const socket = new WebSocket(new URL('/signal', url.replace(/^http/, 'ws')), { headers: { cookie } })
  socket.on('message', (data) => {
    const message = fromServer.parse(JSON.parse(data.toString()))
    const who = message.type === 'status' ? message.status.command?.who : undefined
    if (who !== undefined && !heard.has(who)) heard.set(who, performance.now())
  })
  await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject))
  return socket
}

/** The same numbers every time. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
