// One format of one epoch for all stock clients that asked for it: every frame is packed once, however many of them watch.

import { deflateSync } from 'node:zlib'
import {
  AdaptiveEncoder,
  formatRows,
  GLYPH_CELL_BYTES,
  type GridSize,
  PIXEL_CELL_BYTES,
  packGlyphCells,
  packPixelCells,
  type StockFormat,
} from '../../vendor/asciline/index.ts'

/** Beyond this level deflate takes twice the time for 3 % fewer bytes, and it runs on the thread that paces. */
const DEFLATE_LEVEL = 1

/** What follows the frame index: bytes, or lines of text. */
export type StockBody = Uint8Array | string

export class StockStream {
  readonly #format: StockFormat
  readonly #cols: number
  readonly #cells: Uint8Array
  readonly #adaptive: AdaptiveEncoder | undefined
  #body: StockBody | undefined

  constructor(format: StockFormat, { cols, rows }: GridSize) {
    this.#format = format
    this.#cols = cols
    const cellBytes = format.kind === 'glyphs' ? GLYPH_CELL_BYTES : PIXEL_CELL_BYTES
    this.#cells = new Uint8Array(format.kind === 'text' ? 0 : cols * rows * cellBytes)
    if (format.adaptive)
      this.#adaptive = new AdaptiveEncoder({
        cells: cols * rows,
        cellBytes,
        deflate: (bytes) => deflateSync(bytes, { level: DEFLATE_LEVEL }),
      })
  }

  /** Packs the next picture (rgb24 of the grid); what `next` and `whole` return belongs to it. */
  push(rgb: Uint8Array): void {
    switch (this.#format.kind) {
      case 'text':
        this.#body = formatRows(rgb, this.#cols)
        break
      case 'pixels':
        packPixelCells(rgb, this.#cells)
        this.#body = this.#cells
        break
      case 'glyphs':
        packGlyphCells(rgb, this.#format.bits, this.#cells)
        this.#body = this.#adaptive?.encode(this.#cells) ?? this.#cells
        break
    }
  }

  /** For a client that shows the picture before; undefined until the first push. Valid until the next push. */
  get next(): StockBody | undefined {
    return this.#body
  }

  /** For any client, whatever it shows. */
  get whole(): StockBody | undefined {
    return this.#adaptive === undefined || this.#body === undefined ? this.#body : this.#adaptive.full()
  }
}
