// Has the browser bring its speakers up while nobody waits for them: its first sound takes 0.3 to 0.6 s more than any other,
// because a process of its own is started for it. The page stands still for up to a tenth of a second meanwhile.

/** By then the picture of whoever joins is there. */
const AFTER_MS = 1500

let asked = false

/** Call when connected; once is enough. Nothing is heard, and no media session begins: it is only asked what speakers there are. */
export function wakeSpeakers(): void {
  if (asked || typeof AudioContext === 'undefined') return
  asked = true
  setTimeout(() => void new AudioContext().close().catch(() => undefined), AFTER_MS)
}
