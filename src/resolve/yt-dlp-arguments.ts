// The command line given to yt-dlp. It is an argv array, there is no shell, the user's part stands behind `--`, and
// what stands there was built by us: a canonical watch address, a search of fixed form, or an address whose host is allowed.

import { type Query, watchAddress } from './query.ts'

export type YtDlpTarget = Exclude<Query, { kind: 'demo' | 'list' }>

/** A search for `count` videos, or the entries `from` to `from + count - 1` (from 1) of a canonical list address. */
export type YtDlpListing =
  | { kind: 'search'; text: string; count: number }
  | { kind: 'list'; url: string; from: number; count: number }

/** Whose YouTube account to ask as, when at all. */
export type YtDlpAccount = { cookies?: string | undefined; cookiesFromBrowser?: string | undefined }

/** Newest flags used here are of 2023.01, so that Debian 12's yt-dlp understands them all. */
export function ytDlpArguments({
  target,
  maxSourceHeight,
  runtime,
  account = {},
  proxy,
}: {
  target: YtDlpTarget
  maxSourceHeight: number
  /** Of `ytDlpHealth`: how this version is told about a JavaScript runtime. */
  runtime: readonly string[]
  account?: YtDlpAccount
  /** Pages of other sites may lead anywhere; YouTube's do not. */
  proxy?: string
}): string[] {
  const generic = target.kind === 'url'
  return [
    ...QUIETLY,
    // One programme, described and not downloaded; `-j` prints it as one line.
    ...['--no-playlist', '--playlist-items', '1', '--skip-download', '-j'],
    // YouTube queries reach YouTube's extractors only, so that nothing typed can wake another of the 1800.
    ...['--use-extractors', generic ? 'default' : 'youtube,youtube:search'],
    ...['-f', formatChoice(maxSourceHeight), '-S', `vcodec:h264,res:${maxSourceHeight},acodec:aac`],
    ...(generic && proxy !== undefined ? ['--proxy', proxy] : []),
    ...runtime,
    ...accountArguments(account),
    '--',
    targetAddress(target),
  ]
}

/** Flat: names, lengths and pictures of many videos without opening any of them; one line of JSON each. */
export function listingArguments(listing: YtDlpListing, account: YtDlpAccount = {}): string[] {
  const range =
    listing.kind === 'search'
      ? []
      : ['--playlist-items', `${listing.from}:${listing.from + listing.count - 1}`]
  return [
    ...QUIETLY,
    ...['--flat-playlist', '--skip-download', '-j', ...range],
    ...['--use-extractors', 'youtube:search,youtube:tab,youtube:playlist'],
    ...accountArguments(account),
    '--',
    listing.kind === 'search' ? `ytsearch${listing.count}:${listing.text}` : listing.url,
  ]
}

const QUIETLY = [
  ...['--ignore-config', '--no-update', '--no-colors', '--no-progress'],
  ...['--socket-timeout', '15', '--retries', '2', '--extractor-retries', '1'],
]

function accountArguments({ cookies, cookiesFromBrowser }: YtDlpAccount): string[] {
  return [
    ...(cookies === undefined ? [] : ['--cookies', cookies]),
    ...(cookiesFromBrowser === undefined ? [] : ['--cookies-from-browser', cookiesFromBrowser]),
  ]
}

/** The argument yt-dlp acts on. */
export function targetAddress(target: YtDlpTarget): string {
  if (target.kind === 'youtube') return watchAddress(target.id)
  return target.kind === 'url' ? target.url : `ytsearch1:${target.text}`
}

/**
 * Best picture and best sound up to the height, apart or together, else the smallest there is; -S prefers H.264 and
 * AAC, which decode at a fraction of the cost and are cut alike. DASH in fragments is left out: ffmpeg needs addresses.
 */
function formatChoice(height: number): string {
  const plain = '[protocol!*=dash]'
  const capped = `[height<=?${height}]${plain}`
  return `bv*${capped}+ba${plain}/b${capped}/wv*${plain}+ba${plain}/w${plain}/ba${plain}`
}
