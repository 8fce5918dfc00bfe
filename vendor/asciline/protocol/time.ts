// Two clocks that must never be added: the programme's own time and a machine's own time.

declare const brand: unique symbol

/** Seconds of the programme from its own zero. Video frame n of an epoch is at start + n / fps. */
export type MediaTime = number & { readonly [brand]: 'media-seconds' }

/** Milliseconds of one machine's monotonic clock; comparable only with times of the same machine. */
export type LocalTime = number & { readonly [brand]: 'local-milliseconds' }

/** Marks a number of seconds as programme time. */
export const mediaTime = (seconds: number): MediaTime => seconds as MediaTime

/** Marks a number of milliseconds as this machine's monotonic time. */
export const localTime = (milliseconds: number): LocalTime => milliseconds as LocalTime
