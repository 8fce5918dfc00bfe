// The command line and the environment, read once, checked by zod, explained by --help.

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type PresetName, presetName } from '../signaling/messages.ts'

const port = z.coerce.number().int().min(0).max(65535)
const hostname = z
  .string()
  .max(253)
  .regex(/^[a-zA-Z0-9._:[\]-]+$/, 'is not a host name or address')

const udpPorts = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'must look like 40000-40100')
  .transform((text) => text.split('-').map(Number) as [number, number])
  .refine(([low, high]) => low >= 1024 && low < high && high <= 65535, 'must rise within 1024-65535')

const tcpPort = z
  .string()
  .regex(/^(off|\d{1,5})$/, 'must be a port or off')
  .transform((text) => (text === 'off' ? undefined : Number(text)))
  .refine((port) => port === undefined || (port > 0 && port < 65_536), 'must be a port or off')

const stunServer = z
  .string()
  .max(300)
  .regex(/^(stun:)?[a-zA-Z0-9.-]+(:\d{1,5})?$/, 'must look like stun.example.org:3478')
  .transform((text) => `stun:${text.replace(/^stun:/, '')}${/:\d+$/.test(text) ? '' : ':3478'}`)

const turnUrl = z
  .string()
  .max(300)
  .regex(
    /^turns?:[a-zA-Z0-9.-]+(:\d{1,5})?(\?transport=(udp|tcp))?$/,
    'must look like turn:turn.example.org:3478?transport=udp',
  )

type Flag = { schema: z.ZodType; value?: string; multiple?: true; help: string }

/** Every flag once: its rule, its place in --help, and, upper-cased behind ASCILINE_, its environment variable. */
const FLAGS = {
  pin: {
    schema: z.string().regex(/^\d{4,8}$/, 'must be 4 to 8 digits'),
    value: 'DIGITS',
    help: '4 to 8 digits that open the door (a random 6-digit one when absent)',
  },
  port: { schema: port, value: 'N', help: 'TCP port (8000)' },
  host: {
    schema: hostname,
    value: 'ADDRESS',
    help: 'address to listen on (0.0.0.0: every network of this machine)',
  },
  media: {
    schema: z.string().min(1).max(4096),
    value: 'DIR',
    help: 'folder of local videos that may be played',
  },
  play: {
    schema: z.string().min(1).max(2000),
    value: 'QUERY',
    help: 'play this at once: address, ID, search, file or demo:',
  },
  preset: {
    schema: presetName,
    value: 'NAME',
    help: 'low 120x50@24, med 160x68@30 (default), high 200x84@30, ultra 240x100@60',
  },
  'playout-delay': {
    // Above that a viewer's buffer of 256 frames is no longer safe at 60 a second; below, no network is even.
    schema: z.coerce.number().int().min(20).max(2000),
    value: 'MS',
    help: 'how long a frame waits before all viewers show it: more evens out worse networks (120)',
  },
  'max-source-height': {
    schema: z.coerce.number().int().min(144).max(4320),
    value: 'LINES',
    help: 'largest picture asked of a site (720)',
  },
  'allow-host': {
    schema: z.array(hostname).max(64),
    value: 'HOST',
    multiple: true,
    help: 'a host besides YouTube whose addresses may be played (repeat, or separate by commas)',
  },
  'trust-proxy': {
    schema: z.coerce.number().int().min(0).max(8),
    value: 'N',
    help: 'how many reverse proxies of yours stand in front (0)',
  },
  announce: {
    schema: hostname,
    value: 'ADDRESS',
    help: 'address viewers reach the UDP ports at, when it is not this machine’s own',
  },
  'udp-ports': {
    schema: udpPorts,
    value: 'A-B',
    help: 'UDP ports for media, one per viewer (any free ones)',
  },
  'ice-tcp': {
    schema: tcpPort,
    value: 'PORT',
    help: 'TCP port for viewers whose network lets no UDP through, one for all, or off (off)',
  },
  data: {
    schema: z.string().min(1).max(4096),
    value: 'DIR',
    help: 'folder of the queue, the history and the favourites (.cache/data)',
  },
  cookies: {
    schema: z.string().min(1).max(4096),
    value: 'FILE',
    help: 'cookies (Netscape format) of an account that yt-dlp asks YouTube as',
  },
  'cookies-from-browser': {
    schema: z.string().regex(/^[a-z]{2,20}(?:[+:][^\r\n\0]{1,200})?$/, 'must name a browser, e.g. firefox'),
    value: 'BROWSER',
    help: 'take them from a browser of this machine instead',
  },
  lan: {
    schema: z.enum(['auto', 'on', 'off']),
    value: 'MODE',
    help: 'knock at private addresses that viewers name: auto (default: those on private networks), on, off',
  },
  stun: {
    schema: stunServer,
    value: 'HOST[:PORT]',
    help: 'STUN server that tells this server and its viewers their public addresses (none)',
  },
  turn: {
    schema: z.array(turnUrl).max(4),
    value: 'URL',
    multiple: true,
    help: 'TURN server for viewers, turn:HOST:PORT or turns:… (repeat, or separate by commas)',
  },
  'turn-user': { schema: z.string().min(1).max(256), value: 'NAME', help: 'name for the TURN server' },
  'turn-password': {
    schema: z.string().min(1).max(256),
    value: 'WORD',
    help: 'password for the TURN server; viewers get to know it',
  },
  'turn-secret': {
    schema: z.string().min(1).max(256),
    value: 'WORD',
    help: 'secret shared with the TURN server instead; viewers get credentials that run out',
  },
  'yt-dlp': {
    schema: z.string().min(1).max(4096),
    value: 'PATH',
    help: 'the yt-dlp to use (the one set-up has got, else the first on PATH)',
  },
  ffmpeg: {
    schema: z.string().min(1).max(4096),
    value: 'PATH',
    help: 'the ffmpeg to use (the first on PATH); ffprobe beside it',
  },
  'log-level': {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']),
    value: 'LEVEL',
    help: 'fatal, error, warn, info (default), debug or trace',
  },
} satisfies Record<string, Flag>

export type Config = {
  pin: string
  /** False when the PIN was made up here and must be shown to be known. */
  pinGiven: boolean
  port: number
  host: string
  media?: string
  play?: string
  preset: PresetName
  /** Between a frame's leaving and its showing: room for the network's jitter, the same for every viewer. */
  playoutDelayMs: number
  maxSourceHeight: number
  allowHosts: string[]
  trustProxy: number
  announce?: string
  udpPorts?: [number, number]
  iceTcp?: number
  lan: 'auto' | 'on' | 'off'
  stun?: string
  turn: string[]
  turnLogin?: { user: string; password: string } | { secret: string }
  data?: string
  cookies?: string
  cookiesFromBrowser?: string
  ytDlp?: string
  ffmpeg: string
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'
}

/** A command line or environment that cannot be followed; the message names the flag and the rule. */
export class UsageError extends Error {
  override name = 'UsageError'
}

const environmentName = (flag: string) => `ASCILINE_${flag.replaceAll('-', '_').toUpperCase()}`

/** The text of --help. */
export function helpText(): string {
  const rows = Object.entries(FLAGS).map(
    ([name, { value, help }]) => `  ${`--${name} ${value}`.padEnd(30)}${help}`,
  )
  return [
    'asciline-rtc: watch any video as live, coloured ASCII.',
    '',
    'npm start -- [flags]',
    '',
    ...rows,
    `  ${'--help'.padEnd(30)}this text`,
    '',
    'Each flag has an environment variable: --max-source-height is ASCILINE_MAX_SOURCE_HEIGHT. The flag wins.',
    '',
  ].join('\n')
}

function given(argv: readonly string[]): Record<string, string | string[] | boolean | undefined> {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean }> = {
    help: { type: 'boolean' },
  }
  for (const [name, flag] of Object.entries(FLAGS))
    options[name] = { type: 'string', ...('multiple' in flag ? { multiple: true } : {}) }
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values as Record<
      string,
      string | string[] | boolean | undefined
    >
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}. See --help.`)
  }
}

/**
 * Reads the flags, then the environment, then the defaults. Returns 'help' when that was asked for.
 * Throws {@link UsageError} for an unknown flag or a value that breaks its rule.
 */
export function readConfig(
  argv: readonly string[],
  environment: Record<string, string | undefined>,
): Config | 'help' {
  const flags = given(argv)
  if (flags.help === true) return 'help'
  const values: Record<string, unknown> = {}
  for (const [name, flag] of Object.entries(FLAGS)) {
    const fromEnvironment = environment[environmentName(name)]
    let raw: unknown = flags[name] ?? (fromEnvironment === '' ? undefined : fromEnvironment)
    if (raw === undefined) continue
    if ('multiple' in flag) raw = [raw].flat().flatMap((text) => String(text).split(',').filter(Boolean))
    const parsed = flag.schema.safeParse(raw)
    if (!parsed.success) {
      const source = flags[name] === undefined ? environmentName(name) : `--${name}`
      throw new UsageError(
        `${source} ${JSON.stringify(raw)}: ${parsed.error.issues[0]?.message}. See --help.`,
      )
    }
    values[name] = parsed.data
  }
  const value = <T>(name: keyof typeof FLAGS, otherwise: T): T => (values[name] as T | undefined) ?? otherwise
  const optional = (key: string, name: keyof typeof FLAGS) =>
    values[name] === undefined ? {} : { [key]: values[name] }
  return {
    pin: value('pin', String(randomInt(1_000_000)).padStart(6, '0')),
    pinGiven: values.pin !== undefined,
    port: value('port', 8000),
    host: value('host', '0.0.0.0'),
    preset: value<PresetName>('preset', 'med'),
    playoutDelayMs: value('playout-delay', 120),
    maxSourceHeight: value('max-source-height', 720),
    allowHosts: value<string[]>('allow-host', []).map((host) => host.toLowerCase()),
    trustProxy: value('trust-proxy', 0),
    ffmpeg: value('ffmpeg', 'ffmpeg'),
    logLevel: value<Config['logLevel']>('log-level', 'info'),
    ...optional('media', 'media'),
    ...optional('play', 'play'),
    ...optional('announce', 'announce'),
    ...optional('udpPorts', 'udp-ports'),
    ...optional('iceTcp', 'ice-tcp'),
    ...optional('data', 'data'),
    ...optional('cookies', 'cookies'),
    ...optional('cookiesFromBrowser', 'cookies-from-browser'),
    lan: value<Config['lan']>('lan', 'auto'),
    turn: value<string[]>('turn', []),
    ...optional('stun', 'stun'),
    ...turnLogin(values),
    ...optional('ytDlp', 'yt-dlp'),
  }
}

/** TURN without credentials, or credentials of both kinds, is a slip that would only show in a car far away. */
function turnLogin(values: Record<string, unknown>): Pick<Config, 'turnLogin'> {
  const user = values['turn-user'] as string | undefined
  const password = values['turn-password'] as string | undefined
  const secret = values['turn-secret'] as string | undefined
  const fixed = user !== undefined && password !== undefined
  const half = (user === undefined) !== (password === undefined)
  if (
    half ||
    (fixed && secret !== undefined) ||
    (values.turn !== undefined) !== (fixed || secret !== undefined)
  )
    throw new UsageError(
      '--turn needs either --turn-user and --turn-password or --turn-secret, and these need --turn. See --help.',
    )
  if (secret !== undefined) return { turnLogin: { secret } }
  return fixed ? { turnLogin: { user, password } } : {}
}
