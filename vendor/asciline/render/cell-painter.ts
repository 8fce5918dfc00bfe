// Paints one glyph in one colour into a block of pixels. Written out for the widths that small screens end up with: a loop
// over a cell's few pixels costs as much again as the pixels.

/** Pixels of a picture, as many to a row as `stride` says, and coverage << 24 of all glyphs, cell after cell. */
export type CellPainter = (
  pixels: Int32Array | Uint32Array,
  stride: number,
  alpha: Int32Array,
  cell: CellPlace,
) => void

/** Where to paint what; one object, filled anew for each cell. */
export type CellPlace = {
  /** First pixel, and first value of the glyph's coverage. */
  to: number
  from: number
  /** 0xBBGGRR: what a little-endian RGBA pixel holds below its alpha. */
  bgr: number
  width: number
  height: number
}

/** The painter for cells of this width. */
export function cellPainter(width: number): CellPainter {
  return { 3: paint3, 4: paint4, 5: paint5, 6: paint6 }[width] ?? paintAny
}

const paint3: CellPainter = (pixels, stride, alpha, { to, from, bgr, height }) => {
  for (let line = 0, p = to, a = from; line < height; line += 1, p += stride, a += 3) {
    pixels[p] = bgr | alpha[a]
    pixels[p + 1] = bgr | alpha[a + 1]
    pixels[p + 2] = bgr | alpha[a + 2]
  }
}

const paint4: CellPainter = (pixels, stride, alpha, { to, from, bgr, height }) => {
  for (let line = 0, p = to, a = from; line < height; line += 1, p += stride, a += 4) {
    pixels[p] = bgr | alpha[a]
    pixels[p + 1] = bgr | alpha[a + 1]
    pixels[p + 2] = bgr | alpha[a + 2]
    pixels[p + 3] = bgr | alpha[a + 3]
  }
}

const paint5: CellPainter = (pixels, stride, alpha, { to, from, bgr, height }) => {
  for (let line = 0, p = to, a = from; line < height; line += 1, p += stride, a += 5) {
    pixels[p] = bgr | alpha[a]
    pixels[p + 1] = bgr | alpha[a + 1]
    pixels[p + 2] = bgr | alpha[a + 2]
    pixels[p + 3] = bgr | alpha[a + 3]
    pixels[p + 4] = bgr | alpha[a + 4]
  }
}

const paint6: CellPainter = (pixels, stride, alpha, { to, from, bgr, height }) => {
  for (let line = 0, p = to, a = from; line < height; line += 1, p += stride, a += 6) {
    pixels[p] = bgr | alpha[a]
    pixels[p + 1] = bgr | alpha[a + 1]
    pixels[p + 2] = bgr | alpha[a + 2]
    pixels[p + 3] = bgr | alpha[a + 3]
    pixels[p + 4] = bgr | alpha[a + 4]
    pixels[p + 5] = bgr | alpha[a + 5]
  }
}

const paintAny: CellPainter = (pixels, stride, alpha, { to, from, bgr, width, height }) => {
  const skip = stride - width
  for (let line = 0, p = to, a = from; line < height; line += 1, p += skip)
    for (const end = p + width; p < end; p += 1, a += 1) pixels[p] = bgr | alpha[a]
}
