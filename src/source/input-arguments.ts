// The options that stand before `-i`: what ffmpeg may open for this programme, with which headers, how patiently.

import type { Media, MediaInput } from '../resolve/media.ts'
import { MediaError } from '../resolve/media-error.ts'

const MAX_HEADERS = 32
const MAX_HEADER_CHARS = 4096
// ffmpeg makes these itself, or they belong to another connection than the one it opens.
const OWN_HEADERS = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'range',
  'accept-encoding',
])

const READ_TIMEOUT_SECONDS = 15

/** Options and `-i` for one input. Shared by ffprobe and ffmpeg, so that both may open exactly the same things. */
export function inputArguments({ media, input }: { media: Media; input: MediaInput }): string[] {
  const format = input.format === undefined ? [] : ['-f', input.format]
  if (media.kind === 'demo') return ['-protocol_whitelist', 'pipe', ...format, '-i', input.url]
  if (media.kind === 'file') {
    // `file:` keeps a name like `concat:a|b` a name. A playlist among the files can reach files, nothing else.
    return ['-protocol_whitelist', 'file,pipe,crypto', ...format, '-i', `file:${input.url}`]
  }
  if (!/^https?:\/\//i.test(input.url)) {
    throw new MediaError('host-refused', 'Only http and https addresses can be played.')
  }
  return [
    ...['-protocol_whitelist', 'http,https,tls,tcp,crypto,httpproxy,data'],
    ...['-rw_timeout', String(READ_TIMEOUT_SECONDS * 1_000_000)],
    ...['-reconnect', '1', '-reconnect_streamed', '1', '-reconnect_on_network_error', '1'],
    ...['-reconnect_on_http_error', '5xx', '-reconnect_delay_max', '4'],
    ...headerArguments(input.headers),
    ...(media.proxy === undefined ? [] : ['-http_proxy', media.proxy]),
    ...format,
    ...['-i', input.url],
  ]
}

/** The environment for ffmpeg: whatever its owner's says, nothing goes past the proxy of the programme. */
export function inputEnvironment({ proxy }: Media): NodeJS.ProcessEnv {
  if (proxy === undefined) return process.env
  const { no_proxy, NO_PROXY, ...rest } = process.env
  return rest
}

function headerArguments(headers: Record<string, string> | undefined): string[] {
  const lines: string[] = []
  for (const [name, value] of Object.entries(headers ?? {}).slice(0, MAX_HEADERS)) {
    if (OWN_HEADERS.has(name.toLowerCase())) continue
    // A line break would let whoever wrote the value write further headers, or a second request.
    if (
      !/^[\w!#$%&'*+.^`|~-]{1,128}$/.test(name) ||
      /[\r\n\0]/.test(value) ||
      value.length > MAX_HEADER_CHARS
    ) {
      throw new MediaError(
        'source-failed',
        `The media asks for an HTTP header that cannot be sent: ${JSON.stringify(name)}`,
      )
    }
    lines.push(`${name}: ${value}\r\n`)
  }
  return lines.length === 0 ? [] : ['-headers', lines.join('')]
}
