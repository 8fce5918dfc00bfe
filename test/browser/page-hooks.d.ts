import type { ViewerStats } from '../../client/page/stats-overlay.ts'

declare global {
  interface Window {
    ascilineStats: () => ViewerStats
    ascilineText: () => Promise<string>
  }
}
