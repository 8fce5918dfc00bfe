// Tells the car, the phone's lock screen and the keyboard's media keys what is playing, and listens to their buttons.

export type MediaSessionHandlers = {
  play: () => void
  pause: () => void
  stop: () => void
}

/** Offers the handlers to whatever has media keys. Browsers without a media session are left alone. */
export function handleMediaKeys({ play, pause, stop }: MediaSessionHandlers): void {
  if (!('mediaSession' in navigator)) return
  for (const [action, handler] of [
    ['play', play],
    ['pause', pause],
    ['stop', stop],
  ] as const) {
    try {
      navigator.mediaSession.setActionHandler(action, handler)
    } catch {
      // Old browsers throw for an action they do not know; the others still work.
    }
  }
}

/** Shows the title, or nothing when it is empty. */
export function announceTitle(title: string, sounding: boolean): void {
  if (!('mediaSession' in navigator)) return
  navigator.mediaSession.metadata = title === '' ? null : new MediaMetadata({ title, artist: 'asciline' })
  navigator.mediaSession.playbackState = title === '' ? 'none' : sounding ? 'playing' : 'paused'
}
