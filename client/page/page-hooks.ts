// What tests, and people with a console, may ask the page.

import { pictureText } from '../playback/index.ts'
import type { Screen } from './screen/screen.ts'
import type { ViewerStats } from './stats-overlay.ts'

declare global {
  interface Window {
    /** The figures of the overlay. */
    ascilineStats: () => ViewerStats
    /** The picture on the screen as text. */
    ascilineText: () => Promise<string>
  }
}

/** Puts the questions where a console finds them. */
export function hangHooks({ stats, screen }: { stats: () => ViewerStats; screen: Screen }): void {
  window.ascilineStats = stats
  window.ascilineText = async () => {
    const picture = await screen.picture()
    return picture === undefined ? '' : pictureText(picture)
  }
}
