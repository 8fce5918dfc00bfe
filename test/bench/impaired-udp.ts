// Loaded into a server under test (`node --import`): each of its UDP sockets stands behind a path of its own, both ways, as
// UDP_WEATHER has it (impaired-path.ts): { down, up, seed }. As for headless viewers it is only long at first; the rest of the weather
// begins with the first SIGUSR2, and each further one cuts every path, or joins it again.

import dgram from 'node:dgram'
import { Flight } from '../src/transport/lossy-relay.ts'
import { ImpairedPath, type Impairment } from './impaired-path.ts'

export type Weather = { down: Impairment; up: Impairment; seed: number }

const { down, up, seed } = JSON.parse(process.env.UDP_WEATHER ?? '{}') as Weather
const paths: { model: ImpairedPath; weather: Impairment }[] = []
let begun = false
let cut = false
let made = 0

const createSocket = dgram.createSocket.bind(dgram) as (options: dgram.SocketOptions) => dgram.Socket

function path(weather: Impairment) {
  const { delayMs = 0 } = weather
  const model = new ImpairedPath(begun ? weather : { delayMs }, seed + made++)
  model.cut = cut
  const flight = new Flight()
  paths.push({ model, weather })
  return (bytes: number, deliver: () => void) => {
    const at = performance.now()
    for (const out of model.push(bytes, at)) {
      if (out - at < 0.5) deliver()
      else flight.push(out - at, deliver)
    }
  }
}

dgram.createSocket = ((options: dgram.SocketOptions) => {
  const socket = createSocket(options)
  const send = socket.send as (...args: unknown[]) => void
  const emit = socket.emit as (...args: unknown[]) => boolean
  const goes = path(down)
  const comes = path(up)
  let open = true
  socket.once('close', () => (open = false))
  return Object.assign(socket, {
    send: (...args: unknown[]) => {
      // Whoever waits for it hears at once: what becomes of it is the network's.
      const told = args.at(-1)
      const given = typeof told === 'function' ? args.slice(0, -1) : args
      goes((args[0] as Uint8Array).length, () => open && send.apply(socket, given))
      if (typeof told === 'function') told(null, 0)
    },
    emit: (...args: unknown[]) => {
      if (args[0] !== 'message') return emit.apply(socket, args)
      comes((args[1] as Uint8Array).length, () => open && emit.apply(socket, args))
      return true
    },
  })
}) as typeof dgram.createSocket

process.on('SIGUSR2', () => {
  if (begun) cut = !cut
  begun = true
  for (const { model, weather } of paths) {
    model.change(weather)
    model.cut = cut
  }
})
