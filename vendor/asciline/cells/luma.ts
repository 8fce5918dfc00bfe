// The brightness of a cell, as every ASCILINE client computes it: it alone decides the glyph.

/** Gray level 0..255 of an RGB colour of 0..255 each: BT.601 weights in 15-bit fixed point, rounded. */
export function luma(red: number, green: number, blue: number): number {
  return (9798 * red + 19235 * green + 3735 * blue + 16384) >> 15
}
