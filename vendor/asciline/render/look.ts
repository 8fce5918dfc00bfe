// How a viewer wants the picture to look: which glyphs, which colours, how bright. Nothing of it is on the wire.

import { colourOf } from '../cells/cell-colour.ts'
import { CHARSETS, type CharsetName } from '../cells/charset.ts'
import { applyColourMode } from '../cells/colour-mode.ts'

export type Look = {
  cells: 'glyphs' | 'pixels'
  charset: CharsetName
  /** 1..5, as in {@link COLOUR_MODES}. */
  colours: number
  /** 0xRRGGBB, the one colour of mode 1. */
  tint: number
  /** Spread around middle gray; 1 is as sent. */
  contrast: number
  /** Above 1 lifts the dark parts; 1 is as sent. */
  gamma: number
}

/**
 * As the source's own pixels would say. Glyphs leave most of a cell dark, so a page will want more gamma than this.
 */
export const PLAIN_LOOK: Look = {
  cells: 'glyphs',
  charset: 'ramp',
  colours: 5,
  tint: 0xffffff,
  contrast: 1,
  gamma: 1,
}

/** The glyphs a look draws with, darkest first; pixels are one full block. */
export function glyphsOf({ cells, charset }: Look): string {
  return cells === 'pixels' ? '█' : CHARSETS[charset]
}

/** Chroma is enlarged with the brightness, or what is lifted out of the dark comes out gray; in 1/256. */
const MAX_CHROMA_GAIN = 3 * 256

/** A look as tables. `shade` allocates nothing. */
export class CellShader {
  /** Index into `glyphsOf(look)` of each luma 0..255. */
  readonly glyphOfLuma = new Uint8Array(256)
  readonly #tone = new Uint8Array(256)
  readonly #chromaGain = new Int32Array(256)
  readonly #mode: number
  readonly #glyphs: boolean
  readonly #tint: number

  /** Throws RangeError for a colour mode that does not exist. */
  constructor(look: Look) {
    applyColourMode(0, look.colours)
    this.#mode = look.colours
    this.#glyphs = look.cells === 'glyphs'
    this.#tint = reversed(look.tint)
    const last = [...glyphsOf(look)].length - 1
    for (let gray = 0; gray < 256; gray += 1) {
      const spread = Math.min(1, Math.max(0, (gray / 255 - 0.5) * look.contrast + 0.5))
      const toned = Math.round(255 * spread ** (1 / look.gamma))
      this.#tone[gray] = toned
      this.#chromaGain[gray] = Math.min(MAX_CHROMA_GAIN, Math.round((256 * (toned + 1)) / (gray + 1)))
      this.glyphOfLuma[gray] = Math.floor((toned * last) / 255)
    }
  }

  /** Colour of a cell as 0xBBGGRR: what a little-endian RGBA pixel holds below its alpha. */
  shade(gray: number, cb: number, cr: number): number {
    const toned = this.#tone[gray]
    // The glyph carries the brightness; without glyphs the tint has to.
    if (this.#mode === 1) return this.#glyphs ? this.#tint : dimmed(this.#tint, toned)
    const gain = this.#chromaGain[gray]
    const blueness = ((cb - 128) * gain) >> 8
    const redness = ((cr - 128) * gain) >> 8
    return reversed(applyColourMode(colourOf(toned, 128 + blueness, 128 + redness), this.#mode))
  }
}

function reversed(rgb: number): number {
  return ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)
}

function dimmed(colour: number, level: number): number {
  const channel = (shift: number) => ((((colour >> shift) & 0xff) * level + 127) / 255) << shift
  return channel(16) | channel(8) | channel(0)
}
