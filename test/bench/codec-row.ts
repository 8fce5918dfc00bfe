// One line of the codec bench, and arithmetic on such lines: means over clips, and what lies between two qualities.

import { GLYPH_OF_LUMA, PACKET_OVERHEAD_BYTES, SLICE_MAX_BYTES } from '../../vendor/asciline/index.ts'

/** One clip, preset and codec. `psnrY` is null when every cell is exact. Times are CPU milliseconds a frame. */
export type Row = {
  clip: string
  preset: string
  codec: string
  bytesPerFrame: { mean: number; p95: number; max: number }
  wireKBps: number
  psnrY: number | null
  glyphError: number
  encodeMs: number
  decodeMs: number
}

/** What one run over a clip found, before it has a name. */
export type Figures = Omit<Row, 'clip' | 'preset' | 'codec'>

export const HEAD =
  'clip                       preset codec        mean    p95    max B/frame   kB/s   PSNR-Y  glyph  enc ms  dec ms'

export function line({ clip, preset, codec, ...row }: Row): string {
  return [
    clip.slice(0, 25).padEnd(26),
    preset.padEnd(6),
    codec.padEnd(9),
    row.bytesPerFrame.mean.toFixed(0).padStart(7),
    row.bytesPerFrame.p95.toFixed(0).padStart(6),
    row.bytesPerFrame.max.toFixed(0).padStart(6),
    row.wireKBps.toFixed(1).padStart(14),
    (row.psnrY?.toFixed(2) ?? 'exact').padStart(8),
    row.glyphError.toFixed(3).padStart(6),
    row.encodeMs.toFixed(2).padStart(7),
    row.decodeMs.toFixed(2).padStart(7),
  ].join(' ')
}

/** Bytes on the wire of a frame that is cut into packets as full as a slice may be. */
export function wireBytes(bytes: number): number {
  return bytes + Math.ceil(bytes / SLICE_MAX_BYTES) * PACKET_OVERHEAD_BYTES
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function sizeFigures(sizes: readonly number[]): Row['bytesPerFrame'] {
  const sorted = sizes.toSorted((a, b) => a - b)
  return {
    mean: mean(sorted),
    p95: sorted[Math.floor(0.95 * (sorted.length - 1))],
    max: sorted[sorted.length - 1],
  }
}

/** Sums what the cells of a luma plane (row by row, no padding) are off by. */
export class LumaError {
  #squares = 0
  #glyphSteps = 0
  #cells = 0

  add(wanted: Uint8Array, shown: Uint8Array): void {
    for (let at = 0; at < wanted.length; at += 1) {
      this.#squares += (wanted[at] - shown[at]) ** 2
      this.#glyphSteps += Math.abs(GLYPH_OF_LUMA[wanted[at]] - GLYPH_OF_LUMA[shown[at]])
    }
    this.#cells += wanted.length
  }

  get psnrY(): number | null {
    return this.#squares === 0 ? null : 10 * Math.log10((255 ** 2 * this.#cells) / this.#squares)
  }

  get glyphError(): number {
    return this.#glyphSteps / this.#cells
  }
}

/** Every number of two rows put together: `each` gets those that stand in the same place. */
function combine(rows: readonly Figures[], each: (values: number[]) => number): Figures {
  const of = (value: (row: Figures) => number) => each(rows.map(value))
  return {
    bytesPerFrame: {
      mean: of((row) => row.bytesPerFrame.mean),
      p95: of((row) => row.bytesPerFrame.p95),
      max: of((row) => row.bytesPerFrame.max),
    },
    wireKBps: of((row) => row.wireKBps),
    psnrY: rows.some(({ psnrY }) => psnrY === null) ? null : of((row) => row.psnrY ?? 0),
    glyphError: of((row) => row.glyphError),
    encodeMs: of((row) => row.encodeMs),
    decodeMs: of((row) => row.decodeMs),
  }
}

export function meanFigures(rows: readonly Figures[]): Figures {
  return combine(rows, mean)
}

/**
 * The figures at `psnr`, found by halving a quality scale whose PSNR falls from `from` to `to`, both whole multiples of a step, and geometrically between
 * its two nearest points. When the scale does not reach `psnr`, the end that is nearest.
 */
export async function atPsnr(
  psnr: number,
  scale: { from: number; to: number; steps: number },
  measure: (quality: number) => Figures | Promise<Figures>,
): Promise<Figures> {
  let better = { quality: scale.from, figures: await measure(scale.from) }
  if ((better.figures.psnrY ?? Number.POSITIVE_INFINITY) <= psnr) return better.figures
  let worse = { quality: scale.to, figures: await measure(scale.to) }
  if ((worse.figures.psnrY ?? Number.POSITIVE_INFINITY) >= psnr) return worse.figures
  const nearest = Math.abs(scale.to - scale.from) / scale.steps
  while (Math.abs(worse.quality - better.quality) > nearest * 1.01) {
    const quality = Math.round((worse.quality + better.quality) / 2 / nearest) * nearest
    const figures = await measure(quality)
    if ((figures.psnrY ?? Number.POSITIVE_INFINITY) >= psnr) better = { quality, figures }
    else worse = { quality, figures }
  }
  const high = better.figures.psnrY ?? psnr
  const low = worse.figures.psnrY ?? psnr
  const weight = high === low ? 0 : (high - psnr) / (high - low)
  return {
    ...combine([better.figures, worse.figures], ([a, b]) => a ** (1 - weight) * b ** weight),
    psnrY: psnr,
  }
}
