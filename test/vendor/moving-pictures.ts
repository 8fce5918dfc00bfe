// Pictures that move, made by arithmetic: the same on every machine, no file, no clock.

/** Repeatable numbers 0 <= x < 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** rgb24 frame `index` of a programme. */
export type Programme = (index: number) => Uint8Array

/** Cells and frames per second of the smaller presets, as the encoder takes them. */
export const LOW = { cols: 120, rows: 50, fps: 24, bytesPerSecond: 40_000 }
export const HIGH = { cols: 200, rows: 84, fps: 30, bytesPerSecond: 100_000 }

type Size = { cols: number; rows: number }

function paint(
  { cols, rows }: Size,
  cell: (col: number, row: number) => [number, number, number],
): Uint8Array {
  const rgb = new Uint8Array(cols * rows * 3)
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let col = 0; col < cols; col += 1, at += 3) rgb.set(cell(col, row).map(toByte), at)
  }
  return rgb
}

function toByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)))
}

/** A rough landscape under a disc that crosses it: smooth parts, fine texture, an edge, a little film grain. */
export function filmlike(size: Size, seed = 1): Programme {
  const random = seededRandom(seed)
  const grain = Float32Array.from({ length: size.cols * size.rows }, () => random() * 2 - 1)
  return (index) =>
    paint(size, (col, row) => {
      const ground = 110 + 60 * Math.sin(col / 17 + seed) + 40 * Math.cos(row / 9 + col / 31)
      const at = row * size.cols + col
      const noise = 12 * grain[at] * Math.sin(col / 40) + 3 * grain[(at + index * 7919) % grain.length]
      const across = (index * 1.5) % size.cols
      const inside = (col - across) ** 2 / 4 + (row - size.rows / 2) ** 2 < 90
      const gray = noise + (inside ? 220 - row : ground)
      return inside ? [gray, gray * 0.6, 40] : [gray * 0.8, gray, gray * 0.7 + 30]
    })
}

/** The same picture for ever. */
export function still(size: Size, seed = 1): Programme {
  const frame = filmlike(size, seed)(0)
  return () => frame
}

/** Every cell another colour in every frame: nothing compresses worse. */
export function noise(size: Size, seed = 1): Programme {
  const random = seededRandom(seed)
  const frame = new Uint8Array(size.cols * size.rows * 3)
  return () => {
    for (let at = 0; at < frame.length; at += 1) frame[at] = random() * 256
    return frame
  }
}

/** Another film every `every` frames. */
export function cuts(size: Size, every: number): Programme {
  const films = [1, 2, 3, 4, 5].map((seed) => filmlike(size, seed * 11))
  return (index) => films[Math.floor(index / every) % films.length](index)
}

/** Flat gray of one level. */
export function flat(size: Size, gray: number): Uint8Array {
  return new Uint8Array(size.cols * size.rows * 3).fill(gray)
}

/** Bytes as lower-case hex, for comparing with what a page of the README says. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

/** The bytes of a hex text, blanks ignored. */
export function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
