// Which hosts the resolver may be sent to, and which the media it finds may lie on.

const YOUTUBE_PAGES = ['youtube.com', 'youtube-nocookie.com', 'youtu.be']
const YOUTUBE_MEDIA = ['googlevideo.com', 'youtube.com', 'ytimg.com']

/** Whether pages of this host name YouTube videos. */
export const isYouTubeHost = (host: string): boolean => isWithin(host, YOUTUBE_PAGES)

/** Whether YouTube keeps media on this host. */
export const isYouTubeMediaHost = (host: string): boolean => isWithin(host, YOUTUBE_MEDIA)

/**
 * Whether `--allow-host` names the host of `url`: `example.org` means that host alone on any port, `example.org:8080`
 * that port alone, `*.example.org` every host below it.
 */
export function hostAllowed(url: URL, allowHosts: readonly string[]): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return allowHosts.some((entry) => {
    const allowed = entry.trim().toLowerCase()
    if (allowed.startsWith('*.')) return url.hostname.endsWith(allowed.slice(1))
    return [url.hostname, `${url.hostname}:${port}`].includes(allowed) || url.hostname === `[${allowed}]`
  })
}

function isWithin(host: string, domains: readonly string[]): boolean {
  const name = host.toLowerCase()
  return domains.some((domain) => name === domain || name.endsWith(`.${domain}`))
}
