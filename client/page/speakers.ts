// Has the browser bring its speakers up while nobody waits for them: its first sound takes 0.3 to 0.6 s more than any other,
// because a process of its own is started for it.

/** By then whoever does not have to enter the PIN is connected. */
const AFTER_MS = 1500

/** Nothing is heard, and no media session begins: it is only asked what speakers there are. */
export function wakeSpeakers(): void {
  if (typeof AudioContext === 'undefined') return
  setTimeout(() => void new AudioContext().close().catch(() => undefined), AFTER_MS)
}
