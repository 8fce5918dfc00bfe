// Every rung of the screen on a bare page: the same slices in, pixels out.

import { CoverageSurface } from '../../../client/page/screen/coverage-surface.ts'
import { fontReady } from '../../../client/page/screen/glyph-font.ts'
import { PageRung } from '../../../client/page/screen/page-rung.ts'
import type { Rung, RungName } from '../../../client/page/screen/rung.ts'
import { layoutOf } from '../../../client/page/screen/screen.ts'
import { TextSurface } from '../../../client/page/screen/text-surface.ts'
import { WorkerRung } from '../../../client/page/screen/worker-rung.ts'
import type { GridSize, Look } from '../../../vendor/asciline/index.ts'
import { type Film, type FilmRun, loadFilm } from './film-run.ts'

export type RenderTask = {
  rung: RungName
  grid: GridSize
  cell: { width: number; height: number }
  look: Look
  /** Slices of the picture, as plain numbers. */
  slices: number[][]
  /** Slices of the frame after, from which it is mended. */
  mends?: number[][]
}

/** `rgba` are the pixels over black, in base64. */
export type Rendered = { width: number; height: number; rgba: string; canvasWidth: number }

export type RenderHarness = {
  render: (task: RenderTask) => Promise<Rendered>
  /** Puts a film before a rung of its own. */
  load: (task: Omit<RenderTask, 'slices'>, film: Film, fps: number) => Promise<void>
  /** Runs the next seconds of the film that was loaded. */
  run: (seconds: number) => Promise<FilmRun>
  /** Follows the display as `run` does, and paints nothing. */
  idle: (seconds: number) => Promise<void>
}

declare global {
  interface Window {
    renderHarness: RenderHarness
  }
}

function open(name: RungName, canvas: HTMLCanvasElement): Rung {
  if (name === 'page')
    return new PageRung({ name, surface: new CoverageSurface({ canvas, handover: 'direct' }) })
  if (name === 'text') return new PageRung({ name, surface: new TextSurface(canvas) })
  const surface = ({ webgl2: 'webgl2-software', worker: 'direct', 'worker-bitmap': 'bitmap' } as const)[name]
  const onFailed = (reason: string) => {
    throw new Error(`${name}: ${reason}`)
  }
  return new WorkerRung({ name, canvas, surface, onFailed })
}

const refresh = () => new Promise<number>(requestAnimationFrame)

async function prepare({ rung: name, grid, cell, look }: Omit<RenderTask, 'slices'>) {
  await fontReady()
  document.querySelector('canvas')?.remove()
  const canvas = document.createElement('canvas')
  document.body.append(canvas)
  const rung = open(name, canvas)
  rung.begin(grid, 0)
  rung.arrange(layoutOf(grid, cell, look))
  return { canvas, rung }
}

async function render(task: RenderTask): Promise<Rendered> {
  const { canvas, rung } = await prepare(task)
  for (const slice of task.slices) rung.paint(Uint8Array.from(slice))
  for (const slice of task.mends ?? []) rung.mend(Uint8Array.from(slice))
  rung.show()
  // The answer comes after the drawing; the drawing, of which there is one, is seen with one of the next refreshes.
  await rung.picture()
  const copy = document.createElement('canvas')
  copy.width = task.grid.cols * task.cell.width
  copy.height = task.grid.rows * task.cell.height
  const context = copy.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D
  let data = new Uint8ClampedArray()
  for (let i = 0, seen = false; i < 120 && !seen; i++) {
    await refresh()
    context.fillStyle = '#000'
    context.fillRect(0, 0, copy.width, copy.height)
    context.drawImage(canvas, 0, 0)
    data = context.getImageData(0, 0, copy.width, copy.height).data
    // Opaque black is 255 in every fourth byte alone.
    seen = canvas.width === copy.width && data.some((value, at) => value > 0 && at % 4 < 3)
  }
  const canvasWidth = canvas.width
  rung.close()
  return {
    width: copy.width,
    height: copy.height,
    rgba: base64Of(data),
    canvasWidth,
  }
}

function base64Of(bytes: Uint8ClampedArray): string {
  let letters = ''
  for (let at = 0; at < bytes.length; at += 4096)
    letters += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return btoa(letters)
}

let runFilm: Awaited<ReturnType<typeof loadFilm>> | undefined

async function load(task: Omit<RenderTask, 'slices'>, film: Film, fps: number): Promise<void> {
  const { rung } = await prepare(task)
  runFilm = await loadFilm(rung, film, fps)
}

function run(seconds: number): Promise<FilmRun> {
  if (runFilm === undefined) throw new Error('load a film first')
  return runFilm(seconds)
}

async function idle(seconds: number): Promise<void> {
  for (let at = await refresh(), until = at + 1000 * seconds; at < until; ) at = await refresh()
}

window.renderHarness = { render, load, run, idle }
