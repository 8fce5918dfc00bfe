// The face of the button that pauses and goes on, the same on the screen and on the remote control.

import { empty, mark } from '../build.ts'
import { icon } from '../icon.ts'

/** What a press would do, as sign and as words. */
export function showPauseButton(button: HTMLButtonElement, playing: boolean): void {
  const label = playing ? 'Pause' : 'Play'
  empty(button)
  button.append(icon(playing ? 'pause' : 'play'))
  mark(button, 'aria-label', label)
  mark(button, 'title', label)
}
