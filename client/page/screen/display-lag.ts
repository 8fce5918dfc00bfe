// Learns how long after an animation frame what it drew is really on the display: a millisecond or two without a display, a
// refresh on a desktop, two or three behind a phone's or a car's compositor. The browser tells it of images (Element Timing).

const PROBES = 9
const FIRST_EVERY_MS = 700
const LATER_EVERY_MS = 20_000
/** A longer one was held up by something else: a hidden tab, a page that was just loading. */
const LONGEST_MS = 120
/** One pixel that can be painted and not be seen. */
const PIXEL =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" width="1" height="1"%3E%3Crect width="1" height="1" fill="%23000" fill-opacity="0.01"/%3E%3C/svg%3E'

type ElementTiming = PerformanceEntry & { identifier: string; renderTime: number }

/** Median of recent probes; costs one pixel painted now and then. */
export class DisplayLag {
  readonly #stage: HTMLElement
  readonly #framesAt = new Map<string, number>()
  readonly #lagsMs: number[] = []
  #probes = 0
  #ms: number | undefined

  /** Probes lie in the corner of `stage`. */
  constructor(stage: HTMLElement) {
    this.#stage = stage
    if (!PerformanceObserver.supportedEntryTypes?.includes('element')) return
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#painted(entry as ElementTiming)
    })
    observer.observe({ type: 'element', buffered: false })
    this.#plan()
  }

  /** Milliseconds; undefined until known, or where the browser does not tell. */
  get ms(): number | undefined {
    return this.#ms
  }

  #plan(): void {
    setTimeout(() => void this.#probe(), this.#probes < PROBES ? FIRST_EVERY_MS : LATER_EVERY_MS)
  }

  async #probe(): Promise<void> {
    this.#plan()
    if (document.hidden) return
    const image = document.createElement('img')
    const name = `display-lag-${this.#probes++}`
    image.setAttribute('elementtiming', name)
    image.alt = ''
    Object.assign(image.style, { position: 'absolute', left: '0', top: '0', pointerEvents: 'none' })
    image.src = PIXEL
    try {
      await image.decode()
    } catch {
      return
    }
    requestAnimationFrame((at) => {
      this.#framesAt.clear()
      this.#framesAt.set(name, at)
      this.#stage.append(image)
      setTimeout(() => image.remove(), FIRST_EVERY_MS / 2)
    })
  }

  #painted({ identifier, renderTime }: ElementTiming): void {
    const at = this.#framesAt.get(identifier)
    if (at === undefined) return
    const lagMs = renderTime - at
    if (!(lagMs >= 0 && lagMs <= LONGEST_MS)) return
    this.#lagsMs.push(lagMs)
    if (this.#lagsMs.length > PROBES) this.#lagsMs.shift()
    const sorted = [...this.#lagsMs].sort((a, b) => a - b)
    this.#ms = sorted[sorted.length >> 1]
  }
}
