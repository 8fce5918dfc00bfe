// The simulator's command line.

import { parseArgs } from 'node:util'
import { z } from 'zod'
import { pin, presetName } from '../../signaling/messages.ts'

const schema = z.object({
  viewers: z.coerce.number().int().min(1).max(1000).default(10),
  seconds: z.coerce.number().min(1).max(86_400).default(15),
  url: z.url({ protocol: /^https?$/ }).optional(),
  pin: pin.optional(),
  preset: presetName.default('low'),
  query: z.string().min(1).max(2000).default('demo:'),
  json: z.string().min(1).optional(),
})

export type SimOptions = z.infer<typeof schema>

export const SIM_HELP = `npm run sim -- [flags]: headless viewers on the page's own playback code

  --viewers N     how many (10)
  --seconds S     how long to measure, after every viewer has joined and settled (15)
  --url URL       a running server; without it one is started here, playing --query at --preset
  --pin PIN       that server's PIN
  --preset NAME   low (default), med, high, ultra; only without --url
  --query QUERY   what the own server plays (demo:)
  --json FILE     writes { total, viewers, server }
`

/** Throws an Error with a message for the person who typed. */
export function readSimOptions(argv: readonly string[]): SimOptions | 'help' {
  const string = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...argv],
    options: {
      viewers: string,
      seconds: string,
      url: string,
      pin: string,
      preset: string,
      query: string,
      json: string,
      help: { type: 'boolean' },
    },
  })
  if (values.help) return 'help'
  const parsed = schema.safeParse(values)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]
    throw new Error(`--${path.join('.')}: ${message}`)
  }
  if ((parsed.data.url === undefined) !== (parsed.data.pin === undefined))
    throw new Error('--url and --pin go together')
  return parsed.data
}
