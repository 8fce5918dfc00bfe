// The glyphs in order of ink, and the glyph of each brightness.

/** The 92 glyphs of the wire, darkest first. Index 0 is the space. */
export const RAMP =
  " `.-':_,^=;><+!rc*/z?sLTv)J7(|Fi{C}fI31tlu[neoZ5Yxjya]2ESwqkP6h9d4VpOGbUAKXHm8RD#$Bg0MNWQ%&@"

/** Ramp index of each luma 0..255: floor(luma * (glyphs - 1) / 255). */
export const GLYPH_OF_LUMA: Uint8Array = Uint8Array.from({ length: 256 }, (_, gray) =>
  Math.floor((gray * (RAMP.length - 1)) / 255),
)
