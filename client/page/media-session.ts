// Tells the car, the phone's lock screen and the keyboard's media keys what is playing, and listens to their buttons.

/** Seconds that a key jumps when the device does not say. */
const STEP_SECONDS = 10
/** Where in the programme the still is from that stands beside the title. */
const ARTWORK_AT_SECONDS = 30

/** Play and pause are of this viewer's sound, which is what those keys are for in a car; the rest is the session's. */
export type MediaSessionHandlers = {
  play: () => void
  pause: () => void
  stop: () => void
  next: () => void
  seekBy: (seconds: number) => void
  seekTo: (second: number) => void
}

/** What there is to tell; `title` is empty while nothing plays. */
export type Announcement = {
  title: string
  sounding: boolean
  /** Address of stills that takes `&at=SECONDS`. */
  still: string | undefined
  /** Seconds, where the programme has an end and the place is known. */
  duration: number | undefined
  position: number | undefined
}

/** Offers the handlers to whatever has media keys. Browsers without a media session are left alone. */
export function handleMediaKeys({ play, pause, stop, next, seekBy, seekTo }: MediaSessionHandlers): void {
  if (!('mediaSession' in navigator)) return
  const handlers: [MediaSessionAction, (details: MediaSessionActionDetails) => void][] = [
    ['play', play],
    ['pause', pause],
    ['stop', stop],
    ['nexttrack', next],
    ['seekbackward', ({ seekOffset }) => seekBy(-(seekOffset ?? STEP_SECONDS))],
    ['seekforward', ({ seekOffset }) => seekBy(seekOffset ?? STEP_SECONDS)],
    ['seekto', ({ seekTime }) => seekTime !== undefined && seekTo(seekTime)],
  ]
  for (const [action, handler] of handlers) {
    try {
      navigator.mediaSession.setActionHandler(action, handler)
    } catch {
      // Old browsers throw for an action they do not know; the others still work.
    }
  }
}

/** Shows it; cheap enough for every change of the page's state. */
export function announce({ title, sounding, still, duration, position }: Announcement): void {
  if (!('mediaSession' in navigator)) return
  const session = navigator.mediaSession
  const shown = session.metadata
  // Not before the sound is there: the server has to open the file once more for it, and would in the very moment of a start.
  const wanted = still !== undefined && (sounding || (shown?.title === title && shown.artwork.length > 0))
  const src = wanted ? new URL(`${still}&at=${ARTWORK_AT_SECONDS}`, location.href).href : ''
  // The same again would make a lock screen fetch and draw it again.
  if (title === '') session.metadata = null
  else if (shown?.title !== title || (shown.artwork[0]?.src ?? '') !== src) {
    const artwork = src === '' ? [] : [{ src }]
    session.metadata = new MediaMetadata({ title, artist: 'asciline', artwork })
  }
  session.playbackState = title === '' ? 'none' : sounding ? 'playing' : 'paused'
  if (duration === undefined || position === undefined || !(duration > 0)) session.setPositionState?.()
  else session.setPositionState?.({ duration, position: Math.min(duration, Math.max(0, position)) })
}
