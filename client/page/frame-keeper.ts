// Takes the frame on the screen along: selected characters, the whole frame as text, a PNG, coloured text for a terminal.

import type { GridSize, Look, Picture } from '../../vendor/asciline/index.ts'
import { pictureAnsi, pictureText } from '../playback/index.ts'
import { element } from './element.ts'
import type { Screen } from './screen/screen.ts'

export type FrameKeeperOptions = {
  screen: Screen
  look: () => Look
  /** Tells the viewer how it went. */
  onDone: (words: string) => void
}

/**
 * Lays placeholders over the picture that can be selected like text and cost nothing while it plays; a copy puts the
 * characters of the moment in their place.
 */
export class FrameKeeper {
  readonly #options: FrameKeeperOptions
  readonly #placeholders = element('placeholders', HTMLPreElement)
  #grid: GridSize = { cols: 0, rows: 0 }
  #copied: Picture | undefined

  constructor(options: FrameKeeperOptions) {
    this.#options = options
    // A copy event cannot wait for a worker's answer: the frame is fetched when a copy announces itself.
    document.addEventListener('selectionchange', () => this.#selection() && void this.#fetch())
    document.addEventListener(
      'keydown',
      ({ key }) => {
        if (key === 'Control' || key === 'Meta') void this.#fetch()
      },
      { capture: true },
    )
    document.addEventListener('copy', (event) => this.#copy(event))
  }

  /** Covers the picture's box; called when grid or layout may have changed. */
  cover(grid: GridSize): void {
    const pre = this.#placeholders
    const canvas = document.getElementById('picture')
    if (canvas === null || canvas.hidden) return
    if (grid.cols !== this.#grid.cols || grid.rows !== this.#grid.rows) {
      this.#grid = { ...grid }
      const line = ' '.repeat(grid.cols)
      pre.textContent = Array.from({ length: grid.rows }, () => line).join('\n')
      // Whoever is quicker with C than a worker with its answer gets a frame all the same.
      void this.#fetch()
    }
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = canvas
    pre.style.left = `${offsetLeft}px`
    pre.style.top = `${offsetTop}px`
    pre.style.transform = `scale(${offsetWidth / pre.offsetWidth}, ${offsetHeight / pre.offsetHeight})`
  }

  async save(kind: 'png' | 'ansi' | 'copy'): Promise<void> {
    const { screen, look, onDone } = this.#options
    await this.#fetch()
    if (this.#copied === undefined) return onDone('There is no picture yet.')
    if (kind === 'png') screen.snapshot().toBlob((blob) => blob && download(blob, 'png'))
    else if (kind === 'ansi')
      download(new Blob([pictureAnsi(this.#copied, look())], { type: 'text/plain' }), 'ans')
    else onDone(document.execCommand('copy') ? 'Copied' : 'This browser copies nothing.')
  }

  async #fetch(): Promise<void> {
    this.#copied = (await this.#options.screen.picture()) ?? this.#copied
  }

  #selection(): { from: number; to: number } | undefined {
    const selection = document.getSelection()
    if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return undefined
    const range = selection.getRangeAt(0)
    const text = this.#placeholders.firstChild
    if (text === null || !range.intersectsNode(text)) return undefined
    return {
      from: range.startContainer === text ? range.startOffset : 0,
      to: range.endContainer === text ? range.endOffset : (text.textContent?.length ?? 0),
    }
  }

  #copy(event: ClipboardEvent): void {
    const picture = this.#copied
    const { activeElement } = document
    if (picture === undefined || event.clipboardData === null) return
    // What somebody has marked in the search field is what they want.
    if (
      activeElement instanceof HTMLInputElement &&
      activeElement.selectionStart !== activeElement.selectionEnd
    )
      return
    const selection = this.#selection()
    const text = pictureText(picture, this.#options.look())
    event.clipboardData.setData('text/plain', selection ? text.slice(selection.from, selection.to) : text)
    event.preventDefault()
  }
}

function download(blob: Blob, extension: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = `asciline-${new Date().toISOString().slice(0, 19).replace(/:/g, '-')}.${extension}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
