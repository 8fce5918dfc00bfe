// Loaded into both processes of a server under test (`node --import`): stands between its UDP sockets and the network, because no
// browser flag is a firewall. UDP_FAULT says what SIGUSR2 does to the process it is sent to:
//   blocked   every datagram is lost, both ways, until SIGUSR2
//   closing   SIGUSR2 closes the sockets there are, as when the address they were bound to goes away; new ones work

import dgram from 'node:dgram'

const fault = process.env.UDP_FAULT
const sockets = new Set<dgram.Socket>()
let blocked = fault === 'blocked'

const createSocket = dgram.createSocket.bind(dgram) as (options: dgram.SocketOptions) => dgram.Socket

/** A socket whose datagrams can be lost. */
function faultySocket(options: dgram.SocketOptions): dgram.Socket {
  const socket = createSocket(options)
  const send = socket.send as (...args: unknown[]) => void
  const emit = socket.emit as (...args: unknown[]) => boolean
  Object.assign(socket, {
    send: (...args: unknown[]) => {
      const told = args.at(-1)
      if (!blocked) send.apply(socket, args)
      else if (typeof told === 'function') told(null, 0)
    },
    emit: (...args: unknown[]) => (blocked && args[0] === 'message') || emit.apply(socket, args),
  })
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  return socket
}

dgram.createSocket = faultySocket as typeof dgram.createSocket

process.on('SIGUSR2', () => {
  blocked = false
  if (fault === 'closing') for (const socket of [...sockets]) socket.close()
})
