// Runs a film through one rung at its own rate, as the player would, and keeps what the page's own thread spent on it.

import type { Rung, RungFigures } from '../../../client/page/screen/rung.ts'

/** Frames as the encoder made them: slices in base64. */
export type Film = string[][]

export type FilmRun = {
  /** Pictures whose time came. */
  due: number
  /** The page's own milliseconds in each display frame that had pictures due. */
  scriptMs: number[]
  figures: RungFigures
  /** `performance.now()` when the first picture was handed over and when the last was. */
  from: number
  to: number
}

/** Aims between two display refreshes, as the player's phase lock does: 24, 30 and 60 on 60 Hz stay clear of the edge. */
const PHASE = 0.3

/** Of the browser that runs it; headless Chromium has a display of 60 Hz. */
const REFRESH_MS = 1000 / 60

const refresh = () => new Promise<number>(requestAnimationFrame)

/**
 * Draws the film's first frame and lets the browser settle; the function it resolves with runs the next seconds of it. Nothing
 * runs twice: slices go to a worker with their memory, and no decoder goes back.
 */
export async function loadFilm(
  rung: Rung,
  film: Film,
  fps: number,
): Promise<(seconds: number) => Promise<FilmRun>> {
  const frames = film.map((frame) =>
    frame.map((slice) => Uint8Array.from(atob(slice), (letter) => letter.charCodeAt(0))),
  )
  const paint = (frame: number) => {
    for (const slice of frames[frame] ?? []) rung.paint(slice)
  }
  paint(0)
  rung.show()
  for (let i = 0; i < 30; i++) await refresh()
  let due = 0
  return async (seconds) => {
    await rung.figures()
    const scriptMs: number[] = []
    const start = due
    const last = Math.min(frames.length - 1, start + Math.round(seconds * fps))
    const first = await refresh()
    const from = performance.now()
    while (due < last) {
      const at = await refresh()
      const wanted = Math.min(last, start + Math.floor(((at - first) * fps) / 1000 + PHASE))
      if (wanted <= due) continue
      const began = performance.now()
      // Frames overtaken are still decoded: the changes of the next ones build on them.
      while (due < wanted) paint(++due)
      rung.show(at, REFRESH_MS)
      scriptMs.push(performance.now() - began)
    }
    const to = performance.now()
    // What was handed over last is on the display a few refreshes later.
    for (let i = 0; i < 6; i++) await refresh()
    const figures = await rung.figures()
    return { due: due - start, scriptMs, figures, from, to }
  }
}
