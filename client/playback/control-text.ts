// Texts of the control channel, as they come from the network.

import { type ControlFromServer, controlFromServer, MAX_CONTROL_BYTES } from '../../signaling/messages.ts'

/** The message in a text; undefined when it is none, or too long to be one. Never throws. */
export function parseControlFromServer(text: string): ControlFromServer | undefined {
  if (text.length > MAX_CONTROL_BYTES) return undefined
  try {
    return controlFromServer.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
