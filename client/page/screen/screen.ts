// The picture's place on the page: lays the grid out on the stage, keeps the look, and puts the rung there that can draw it.

import type { CellRect } from '../../../signaling/messages.ts'
import {
  buildCoverageAtlas,
  type GridSize,
  glyphsOf,
  type Look,
  type Picture,
  type SurfaceLayout,
} from '../../../vendor/asciline/index.ts'
import type { SlicePainter } from '../../playback/index.ts'
import { fitCells, SOFTWARE_PIXELS } from './cell-size.ts'
import { CoverageSurface } from './coverage-surface.ts'
import { DisplayLag } from './display-lag.ts'
import { fontReady } from './glyph-font.ts'
import { glyphPainter } from './glyph-painter.ts'
import { PageRung } from './page-rung.ts'
import { QUICK_MS } from './refresh-queue.ts'
import { RUNGS, type Rung, type RungFigures, type RungName } from './rung.ts'
import { RungLadder } from './rung-ladder.ts'
import { TextSurface } from './text-surface.ts'
import { hasGraphicsChip, WebglSurface } from './webgl-surface.ts'
import { hasWorkerCanvas, WorkerRung } from './worker-rung.ts'

/** A graphics chip fills a whole large display. */
const CHIP_PIXELS = 9_000_000
/** A rung that does not hand its picture over in this time is left without. */
const HAND_OVER_MS = 300
/** Pictures a new rung has been given before its canvas takes the old one's place. */
const WARM_PICTURES = 3

export type ScreenOptions = {
  stage: HTMLElement
  look: Look
  /** CSS colour of what no glyph covers. */
  background: string
  wanted: RungName | 'auto'
  /** The rung has changed; `why` is there when nobody asked for it. */
  onRung: (name: RungName, why: string | undefined) => void
}

export type ScreenFigures = RungFigures & { rung: RungName }

/** Owns the canvas in the stage. */
export class Screen implements SlicePainter {
  readonly #options: ScreenOptions
  readonly #stage: HTMLElement
  readonly #lag: DisplayLag
  #ladder: RungLadder
  #byHand: boolean
  #look: Look
  #canvas: HTMLCanvasElement
  #outgoing: HTMLCanvasElement | undefined
  #shown = 0
  #rung: Rung
  #grid: GridSize | undefined
  #picture: CellRect | undefined
  #epoch = 0
  #layoutKey = ''
  #style: { width: string; height: string } | undefined
  /** Slices that wait for the next rung to take over. */
  #held: Uint8Array[] | undefined
  #figures: ScreenFigures

  constructor(options: ScreenOptions) {
    this.#options = options
    this.#stage = options.stage
    this.#lag = new DisplayLag(options.stage)
    this.#look = options.look
    this.#byHand = options.wanted !== 'auto'
    this.#ladder = new RungLadder(options.wanted === 'auto' ? available() : [options.wanted])
    this.#canvas = this.#newCanvas()
    this.#rung = this.#open(this.#ladder.rung)
    this.#figures = { rung: this.#rung.name, drawn: 0, presented: 0, busyMs: 0 }
    this.setBackground(options.background)
    void fontReady().then(() => this.#arrange(true))
  }

  get rung(): RungName {
    return this.#rung.name
  }

  /** Milliseconds from a display frame to when what was shown in it is seen, with pictures `fps` times a second. */
  lagMs(refreshMs: number, fps: number): number {
    const lagMs = this.#lag.ms ?? refreshMs
    // What comes with every refresh waits in the worker for the next but one: see RefreshQueue.
    return this.#rung.waits && 1000 / fps < QUICK_MS ? lagMs + 2 * refreshMs : lagMs
  }

  /** What the rung did in the second before the last {@link watch}. */
  get figures(): ScreenFigures {
    return this.#figures
  }

  begin(grid: GridSize, epoch: number): void {
    this.#grid = grid
    this.#epoch = epoch
    if (this.#held !== undefined) return
    this.#rung.begin(grid, epoch)
    this.#arrange(false)
  }

  paint(message: Uint8Array): boolean {
    if (this.#held === undefined) return this.#rung.paint(message)
    this.#held.push(message)
    return true
  }

  /** While a rung takes over, what is lost stays lost for a few frames more. */
  mend(message: Uint8Array): void {
    if (this.#held === undefined) this.#rung.mend(message)
  }

  /** End of a display frame in which something was painted. */
  show(at?: number, ms?: number): void {
    if (this.#held !== undefined) return
    this.#rung.show(at, ms)
    this.#shown += 1
    if (this.#style !== undefined && (this.#outgoing === undefined || this.#shown > WARM_PICTURES)) {
      this.#canvas.style.width = this.#style.width
      this.#canvas.style.height = this.#style.height
      this.#style = undefined
      this.#outgoing?.remove()
      this.#outgoing = undefined
      this.#canvas.hidden = false
    }
  }

  /** Bars around these cells may lie beyond the stage; without any, the whole grid is the picture. */
  crop(picture: CellRect | undefined): void {
    this.#picture = picture
    this.#arrange(false)
  }

  /** The stage or the display may have changed. */
  fit(): void {
    this.#arrange(false)
  }

  setLook(look: Look): void {
    this.#look = look
    this.#arrange(true)
  }

  setBackground(colour: string): void {
    this.#stage.style.background = colour
  }

  /** Takes a rung by hand, or lets the ladder choose afresh. */
  choose(wanted: RungName | 'auto'): void {
    this.#byHand = wanted !== 'auto'
    this.#ladder = new RungLadder(wanted === 'auto' ? available() : [wanted])
    void this.#change(undefined)
  }

  /** Once a second while the page is seen: `due` is how many pictures there were to show. */
  async watch(due: number): Promise<void> {
    const rung = this.#rung
    const figures = await rung.figures()
    if (rung !== this.#rung || this.#held !== undefined) return
    this.#figures = { rung: rung.name, ...figures }
    if (this.#byHand) return
    // Rungs without a display clock of their own are judged by what they drew.
    const presented = figures.presented === 0 ? figures.drawn : figures.presented
    if (this.#ladder.push({ due, presented }) !== undefined)
      await this.#change('the picture could not be shown often enough')
  }

  /** A copy of what is on the screen; undefined while there is nothing. */
  picture(): Promise<Picture | undefined> {
    return this.#rung.picture()
  }

  /** The canvas as it is now, over the background, at its own size. */
  snapshot(): HTMLCanvasElement {
    const copy = document.createElement('canvas')
    copy.width = this.#canvas.width
    copy.height = this.#canvas.height
    const context = copy.getContext('2d')
    if (context === null) throw new Error('this browser has no 2D canvas')
    context.fillStyle = this.#stage.style.background
    context.fillRect(0, 0, copy.width, copy.height)
    context.drawImage(this.#canvas, 0, 0)
    return copy
  }

  #newCanvas(): HTMLCanvasElement {
    const canvas = document.createElement('canvas')
    canvas.id = 'picture'
    // A canvas nobody has drawn on yet would be a box on the page's ground.
    canvas.hidden = true
    this.#stage.append(canvas)
    return canvas
  }

  #open(name: RungName): Rung {
    const canvas = this.#canvas
    const software = this.#byHand
    try {
      if (name === 'page')
        return new PageRung({ name, surface: new CoverageSurface({ canvas, handover: 'direct' }) })
      if (name === 'text') return new PageRung({ name, surface: new TextSurface(canvas) })
      if (hasWorkerCanvas()) return this.#openWorker(name, software)
      return new PageRung({ name, surface: new WebglSurface({ canvas, software }) })
    } catch {
      // The canvas may be spoilt by a context of another kind; nothing has been shown on it.
      canvas.remove()
      this.#canvas = this.#newCanvas()
      return this.#open('page')
    }
  }

  #openWorker(name: 'webgl2' | 'worker' | 'worker-bitmap', software: boolean): Rung {
    const rung: Rung = new WorkerRung({
      name,
      canvas: this.#canvas,
      surface: name === 'worker' ? 'direct' : name === 'worker-bitmap' ? 'bitmap' : chip(software),
      onFailed: (reason) => {
        if (rung !== this.#rung) return
        if (this.#byHand || this.#ladder.failed() === undefined) this.#ladder = new RungLadder(['page'])
        void this.#change(reason)
      },
    })
    return rung
  }

  /** Puts the ladder's rung in the present one's place, with the picture the present one has. */
  async #change(why: string | undefined): Promise<void> {
    const before = this.#rung
    if (this.#held !== undefined || before.name === this.#ladder.rung) return
    this.#held = []
    const timeout = new Promise<undefined>((resolve) => setTimeout(resolve, HAND_OVER_MS))
    const seed = await Promise.race([before.picture(), timeout])
    before.close()
    this.#outgoing?.remove()
    this.#outgoing = this.#canvas
    this.#canvas = this.#newCanvas()
    this.#shown = 0
    this.#rung = this.#open(this.#ladder.rung)
    const held = this.#held
    this.#held = undefined
    if (this.#grid !== undefined) this.#rung.begin(this.#grid, this.#epoch, seed)
    this.#arrange(true)
    for (const message of held) this.#rung.paint(message)
    this.show()
    this.#options.onRung(this.#rung.name, why)
  }

  #arrange(anew: boolean): void {
    const grid = this.#grid
    const ratio = window.devicePixelRatio || 1
    const { clientWidth, clientHeight } = this.#stage
    if (grid === undefined || clientWidth === 0 || this.#held !== undefined) return
    // Bars are of the same thickness on both sides, so that the grid's middle is the picture's.
    const cols = Math.min(this.#picture?.width ?? grid.cols, grid.cols)
    const rows = Math.min(this.#picture?.height ?? grid.rows, grid.rows)
    const key = [grid.cols, grid.rows, ratio, clientWidth, clientHeight, cols, rows].join()
    if (key === this.#layoutKey && !anew) return
    const resized = key.split(',').slice(0, 2).join() === this.#layoutKey.split(',').slice(0, 2).join()
    this.#layoutKey = key
    const box = { width: clientWidth * ratio, height: clientHeight * ratio }
    const cell = fitCells({ cols, rows }, box, this.#rung.name === 'webgl2' ? CHIP_PIXELS : SOFTWARE_PIXELS)
    this.#rung.arrange(layoutOf(grid, cell, this.#look))
    this.#style = {
      width: `${(grid.cols * cell.width * cell.scale) / ratio}px`,
      height: `${(grid.rows * cell.height * cell.scale) / ratio}px`,
    }
    // Of the same grid: what is there was drawn again at once, so its box changes with it.
    if (resized && !this.#canvas.hidden) Object.assign(this.#canvas.style, this.#style)
  }
}

/** The layout with its glyphs painted. Costs some milliseconds. */
export function layoutOf(
  { cols, rows }: GridSize,
  cell: { width: number; height: number },
  look: Look,
): SurfaceLayout {
  const { width, height } = cell
  const coverage = buildCoverageAtlas(glyphsOf(look), width, height, glyphPainter(width, height))
  return { cols, rows, cellWidth: width, cellHeight: height, look, coverage }
}

/** The rungs this browser has, without the reference. */
function available(): RungName[] {
  const worker = hasWorkerCanvas()
  const has = {
    webgl2: worker && hasGraphicsChip(),
    worker,
    'worker-bitmap': worker,
    page: true,
    text: false,
  }
  return RUNGS.filter((name) => has[name])
}

function chip(software: boolean): 'webgl2' | 'webgl2-software' {
  return software ? 'webgl2-software' : 'webgl2'
}
