// Loaded into a server under test (`node --import`): every UDP datagram is lost with probability UDP_LOSS, both ways, the same
// ones in every run.

import dgram from 'node:dgram'

const loss = Number(process.env.UDP_LOSS ?? 0)
let state = 1

/** mulberry32 */
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

const createSocket = dgram.createSocket.bind(dgram) as (options: dgram.SocketOptions) => dgram.Socket

dgram.createSocket = ((options: dgram.SocketOptions) => {
  const socket = createSocket(options)
  const send = socket.send as (...args: unknown[]) => void
  const emit = socket.emit as (...args: unknown[]) => boolean
  return Object.assign(socket, {
    send: (...args: unknown[]) => {
      const told = args.at(-1)
      if (random() >= loss) send.apply(socket, args)
      else if (typeof told === 'function') told(null, 0)
    },
    emit: (...args: unknown[]) => (args[0] === 'message' && random() < loss) || emit.apply(socket, args),
  })
}) as typeof dgram.createSocket
