// The terminal viewer's command line.

import { parseArgs } from 'node:util'
import { z } from 'zod'
import { pin } from '../../signaling/messages.ts'

const schema = z.object({
  url: z.url({ protocol: /^https?$/ }).default('http://localhost:8000'),
  pin,
  style: z.enum(['halves', 'glyphs']).default('halves'),
  sound: z.enum(['on', 'off']).default('on'),
})

export type ViewOptions = z.infer<typeof schema>

export const VIEW_HELP = `npm run view -- [flags]: watches a session in a terminal with 24-bit colours

  --url URL       the server (http://localhost:8000)
  --pin PIN       its PIN; or ASCILINE_PIN, which other users of this machine cannot see
  --style STYLE   halves (default): two pixels a character; glyphs: the characters of the page
  --sound on|off  through ffplay or mpv, whichever is found (on)

Keys: space pause  ← → 10 s  n next  p previous  m sound  g style  c subtitles  [ ] picture earlier, later  q quit
`

/** Throws an Error with a message for the person who typed. */
export function readViewOptions(
  argv: readonly string[],
  environment: { ASCILINE_PIN?: string | undefined } = {},
): ViewOptions | 'help' {
  const string = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...argv],
    options: { url: string, pin: string, style: string, sound: string, help: { type: 'boolean' } },
  })
  if (values.help) return 'help'
  const given = { ...values, pin: values.pin ?? environment.ASCILINE_PIN }
  if (given.pin === undefined) throw new Error('--pin is missing: the server prints it when it starts')
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]
  throw new Error(`--${path.join('.')}: ${message}`)
}
