// One picture as planes: luma per cell, chroma per pair of cells, padded to whole macroblocks.
//
//   y   stride       = macroblockCols * 16      cb, cr   chromaStride = macroblockCols * 8
//   +-----------------+----+                    +--------+--+
//   | cols x rows     | p  |                    | ceil(cols/2) x rows
//   |                 | a  |                    |        |  |
//   +-----------------+ d  |                    +--------+  |
//   | padding: copies of the edge                           |
//   +----------------------+                    +-----------+
//
// Chroma is halved horizontally only, because a cell is about twice as tall as wide.

import { checkGrid, type GridSize, MACROBLOCK_COLS, MACROBLOCK_ROWS } from './grid.ts'

/** Planes of a grid: BT.601 full range, chroma centred on 128. Starts black. Throws RangeError for a bad grid. */
export class Picture {
  readonly cols: number
  readonly rows: number
  readonly macroblockCols: number
  readonly macroblockRows: number
  readonly stride: number
  readonly chromaStride: number
  readonly y: Uint8Array
  readonly cb: Uint8Array
  readonly cr: Uint8Array

  constructor(size: GridSize) {
    checkGrid(size)
    this.cols = size.cols
    this.rows = size.rows
    this.macroblockCols = Math.ceil(size.cols / MACROBLOCK_COLS)
    this.macroblockRows = Math.ceil(size.rows / MACROBLOCK_ROWS)
    this.stride = this.macroblockCols * MACROBLOCK_COLS
    this.chromaStride = this.stride / 2
    const paddedRows = this.macroblockRows * MACROBLOCK_ROWS
    this.y = new Uint8Array(this.stride * paddedRows)
    this.cb = new Uint8Array(this.chromaStride * paddedRows).fill(128)
    this.cr = new Uint8Array(this.chromaStride * paddedRows).fill(128)
  }

  get macroblocks(): number {
    return this.macroblockCols * this.macroblockRows
  }
}

/** Converts one rgb24 frame of cols * rows * 3 bytes. Throws RangeError when the length is another. */
export function fillPicture(picture: Picture, rgb: Uint8Array): void {
  const { cols, rows, stride, chromaStride, y, cb, cr } = picture
  if (rgb.length !== cols * rows * 3) {
    throw new RangeError(`a frame of ${rgb.length} bytes for a grid of ${cols}x${rows} cells`)
  }
  const pairs = cols >> 1
  let at = 0
  for (let row = 0; row < rows; row += 1) {
    let to = row * stride
    let chromaTo = row * chromaStride
    for (let pair = 0; pair < pairs; pair += 1, at += 6) {
      const r1 = rgb[at]
      const b1 = rgb[at + 2]
      const r2 = rgb[at + 3]
      const b2 = rgb[at + 5]
      const y1 = (9798 * r1 + 19235 * rgb[at + 1] + 3735 * b1 + 16384) >> 15
      const y2 = (9798 * r2 + 19235 * rgb[at + 4] + 3735 * b2 + 16384) >> 15
      y[to] = y1
      y[to + 1] = y2
      to += 2
      cb[chromaTo] = chromaBlue(b1 + b2 - y1 - y2)
      cr[chromaTo] = chromaRed(r1 + r2 - y1 - y2)
      chromaTo += 1
    }
    if (cols & 1) {
      const red = rgb[at]
      const blue = rgb[at + 2]
      const gray = (9798 * red + 19235 * rgb[at + 1] + 3735 * blue + 16384) >> 15
      y[to] = gray
      cb[chromaTo] = chromaBlue(2 * (blue - gray))
      cr[chromaTo] = chromaRed(2 * (red - gray))
      at += 3
    }
  }
  padPlane(y, stride, cols, rows)
  padPlane(cb, chromaStride, (cols + 1) >> 1, rows)
  padPlane(cr, chromaStride, (cols + 1) >> 1, rows)
}

/** 32-bit digest of the visible cells of all three planes; equal pictures of equal size have equal digests. */
export function digestPicture(picture: Picture): number {
  const { cols, rows, stride, chromaStride, y, cb, cr } = picture
  let hash = digestPlane(0x811c9dc5, y, stride, cols, rows)
  hash = digestPlane(hash, cb, chromaStride, (cols + 1) >> 1, rows)
  return digestPlane(hash, cr, chromaStride, (cols + 1) >> 1, rows) >>> 0
}

// 1 / 1.772 and 1 / 1.402, halved because two cells are summed. Full blue and red round to 256, hence the limit.
function chromaBlue(differenceOfTwo: number): number {
  const value = 128 + ((differenceOfTwo * 9246 + 16384) >> 15)
  return value > 255 ? 255 : value
}

function chromaRed(differenceOfTwo: number): number {
  const value = 128 + ((differenceOfTwo * 11686 + 16384) >> 15)
  return value > 255 ? 255 : value
}

// Padding repeats the edge, so a block that hangs over it has no step to spend bytes on.
function padPlane(plane: Uint8Array, stride: number, width: number, rows: number): void {
  if (width < stride) {
    for (let row = 0, end = width; row < rows; row += 1, end += stride) {
      plane.fill(plane[end - 1], end, end + stride - width)
    }
  }
  const lastRow = (rows - 1) * stride
  for (let to = lastRow + stride; to < plane.length; to += stride) {
    plane.copyWithin(to, lastRow, lastRow + stride)
  }
}

function digestPlane(seed: number, plane: Uint8Array, stride: number, width: number, rows: number): number {
  let hash = seed
  for (let row = 0, from = 0; row < rows; row += 1, from += stride) {
    for (let at = from; at < from + width; at += 1) hash = Math.imul(hash ^ plane[at], 0x01000193)
  }
  return hash
}
