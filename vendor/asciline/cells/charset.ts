// The glyphs a viewer may choose from, each darkest first. The wire does not know them: it carries brightness.

import { RAMP } from './ramp.ts'

/** `ramp` is the one every ASCILINE client shows. */
export const CHARSETS = {
  ramp: RAMP,
  short: ' .:-=+*#%@',
  blocks: ' ░▒▓█',
  digits: ' 1723546908',
} as const

export type CharsetName = keyof typeof CHARSETS
