// The colour modes of ASCILINE: how many high bits of each channel a cell keeps.

/** `bits` is what a channel keeps; mode 1 has no colour at all and travels as text. */
export type ColourMode = { mode: number; name: string; bits: number }

/** The five modes in the order of their number on the INIT line. */
export const COLOUR_MODES: readonly ColourMode[] = [
  { mode: 1, name: 'mono', bits: 0 },
  { mode: 2, name: '64 colours', bits: 2 },
  { mode: 3, name: '512 colours', bits: 3 },
  { mode: 4, name: '32768 colours', bits: 5 },
  { mode: 5, name: 'full colour', bits: 8 },
]

/** Masks the low bits of a packed 0xRRGGBB colour. Throws RangeError for a mode that does not exist. */
export function applyColourMode(rgb: number, mode: number): number {
  const found = COLOUR_MODES[mode - 1]
  if (found === undefined) throw new RangeError(`colour mode ${mode} does not exist`)
  if (found.bits === 0) return 0xffffff
  return rgb & (((0xff << (8 - found.bits)) & 0xff) * 0x010101)
}
