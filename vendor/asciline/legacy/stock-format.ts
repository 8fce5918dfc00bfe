// What a stock ASCILINE client asks for in the address of its socket, and the INIT line that answers it.

import { COLOUR_MODES } from '../cells/colour-mode.ts'
import { formatInit } from '../protocol/init-line.ts'

/**
 * `bits` is what a colour channel keeps (0: text without colour). `adaptive` frames carry a tag. Two clients with the same
 * `key` get the same bytes.
 */
export type StockFormat = {
  key: string
  kind: 'text' | 'glyphs' | 'pixels'
  mode: number
  bits: number
  adaptive: boolean
}

/** ASCILINE counted five colour modes at first and counts six now; the sixth is what the fifth was. */
const BITS_OF_SIX = [0, 2, 3, 5, 6, 8]
const BITS_OF_FIVE = COLOUR_MODES.map(({ bits }) => bits)

/**
 * Reads `mode` (a number of the table; its last when absent), `modes` (5 or 6, which table; 6 when `mode=6`),
 * `pixel=1` and `codec=adaptive`. Fields of other versions are passed over. Returns undefined for a mode that its table
 * does not have.
 */
export function parseStockQuery(query: ReadonlyMap<string, string>): StockFormat | undefined {
  const table = query.get('modes') ?? (query.get('mode') === '6' ? '6' : '5')
  if (table !== '5' && table !== '6') return undefined
  const bitsOf = table === '6' ? BITS_OF_SIX : BITS_OF_FIVE
  const wanted = query.get('mode') ?? String(bitsOf.length)
  const mode = /^[1-6]$/.test(wanted) ? Number(wanted) : 0
  if (mode < 1 || mode > bitsOf.length) return undefined
  // Pixels are always of full colour and, as upstream sends them, never tagged.
  if (query.get('pixel') === '1')
    return { key: `pixels-${bitsOf.length}`, kind: 'pixels', mode: bitsOf.length, bits: 8, adaptive: false }
  const bits = bitsOf[mode - 1]
  if (bits === 0) return { key: 'text', kind: 'text', mode, bits, adaptive: false }
  const adaptive = query.get('codec') === 'adaptive'
  return { key: `${adaptive ? 'adaptive' : 'raw'}-${bits}`, kind: 'glyphs', mode, bits, adaptive }
}

/**
 * The line a stock client waits for before its first frame. The fields behind the fifth are the place in a queue (0), the
 * duration (0: unknown), a reserved 0, and 1 for "like a webcam": it cannot be paused or sought by one of its viewers.
 */
export function formatStockInit(
  format: StockFormat,
  grid: { fps: number; cols: number; rows: number },
): string {
  const { fps, cols, rows } = grid
  const line = formatInit({ fps, mode: format.mode, cols, rows, pixel: format.kind === 'pixels' ? 1 : 0 })
  return `${line}:0:0:0:1`
}
