// A million damaged slices through the decoder: npm run bench -- robust [--slices 1000000] [--preset high] [--seed 1]
//
// Every one starts from a sound message of a film, of noise or of a cut. It must not throw, must not take longer than 3 ms
// (the decoder is shared by a page's frame), and may change nothing but macroblocks that it stamped: at most as many as it
// says, from its first on. A slow one is measured three times, so that a pause of the machine is not taken for its fault.

import { parseArgs } from 'node:util'
import { PRESETS, type Preset } from '../../src/encode/preset.ts'
import {
  MACROBLOCK_COLS,
  MACROBLOCK_ROWS,
  type Picture,
  parseSliceHeader,
  SliceDecoder,
  SliceEncoder,
} from '../../vendor/asciline/index.ts'
import { cuts, filmlike, noise, seededRandom } from '../vendor/moving-pictures.ts'
import { mutate } from '../vendor/slice/mutate.ts'

const LIMIT_MS = 3
/** What the picture holds before each slice; a value that a decoder can also paint, but not everywhere. */
const BEFORE = 77

/** Throws on the first slice that breaks a rule, with its bytes. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      slices: { type: 'string', default: '1000000' },
      preset: { type: 'string', default: 'high' },
      seed: { type: 'string', default: '1' },
    },
  })
  const preset = Object.values(PRESETS).find(({ name }) => name === values.preset)
  if (preset === undefined) throw new Error(`no preset ${values.preset}`)
  const random = seededRandom(Number(values.seed))
  const sound = soundMessages(preset)
  const decoder = new SliceDecoder(preset)
  let refused = 0
  let slowestMs = 0
  let sumMs = 0
  const total = Number(values.slices)
  for (let trial = 1; trial <= total; trial += 1) {
    const message = mutate(sound[Math.floor(random() * sound.length)], random)
    const { accepted, ms } = decodeOnce(decoder, message)
    const spentMs =
      ms < LIMIT_MS / 3 ? ms : Math.min(ms, ...[1, 2].map(() => decodeOnce(decoder, message).ms))
    refused += accepted ? 0 : 1
    sumMs += spentMs
    slowestMs = Math.max(slowestMs, spentMs)
    const fault = spentMs >= LIMIT_MS ? `took ${spentMs.toFixed(2)} ms` : trespass(decoder, message, accepted)
    if (fault !== undefined)
      throw new Error(`slice ${trial} ${fault}: ${Buffer.from(message).toString('hex')}`)
    if (trial % 100_000 === 0)
      process.stdout.write(`${trial} slices, ${refused} refused, slowest ${slowestMs.toFixed(2)} ms\n`)
  }
  process.stdout.write(
    `${total} mutated slices of ${preset.name}: none threw, none painted beyond its own blocks, ` +
      `${refused} refused, ${(sumMs / total).toFixed(3)} ms on the mean, slowest ${slowestMs.toFixed(2)} ms\n`,
  )
}

function soundMessages(preset: Preset): Uint8Array[] {
  return [filmlike(preset), noise(preset), cuts(preset, 2)].flatMap((programme) => {
    const encoder = new SliceEncoder({ ...preset, bytesPerSecond: 1e6 })
    return Array.from({ length: 4 }, (_, frame) => encoder.encode(programme(frame), frame, 0)).flat()
  })
}

function decodeOnce(decoder: SliceDecoder, message: Uint8Array): { accepted: boolean; ms: number } {
  decoder.epoch(0)
  const { y, cb, cr } = decoder.picture
  y.fill(BEFORE)
  cb.fill(BEFORE)
  cr.fill(BEFORE)
  const began = performance.now()
  const accepted = decoder.decode(message)
  return { accepted, ms: performance.now() - began }
}

/** What the decoder did that it must not, or undefined. */
function trespass(decoder: SliceDecoder, message: Uint8Array, accepted: boolean): string | undefined {
  const { picture } = decoder
  const header = accepted ? parseSliceHeader(message) : undefined
  let stamped = 0
  for (let macroblock = 0; macroblock < picture.macroblocks; macroblock += 1) {
    if (decoder.paintedAt(macroblock) >= 0) {
      stamped += 1
      if (header === undefined) return 'was refused and painted'
      if (macroblock < header.first) return `painted ${macroblock}, before its first, ${header.first}`
    } else if (!untouched(picture, macroblock)) return `painted ${macroblock} and did not stamp it`
  }
  if (header !== undefined && stamped > header.count) return `painted ${stamped} of ${header.count}`
  return undefined
}

function untouched(
  { macroblockCols, stride, chromaStride, y, cb, cr }: Picture,
  macroblock: number,
): boolean {
  const firstRow = Math.floor(macroblock / macroblockCols) * MACROBLOCK_ROWS
  const col = (macroblock % macroblockCols) * MACROBLOCK_COLS
  for (let row = firstRow; row < firstRow + MACROBLOCK_ROWS; row += 1) {
    const at = row * stride + col
    for (let cell = at; cell < at + MACROBLOCK_COLS; cell += 1) if (y[cell] !== BEFORE) return false
    const chromaAt = row * chromaStride + col / 2
    for (let pair = chromaAt; pair < chromaAt + MACROBLOCK_COLS / 2; pair += 1)
      if (cb[pair] !== BEFORE || cr[pair] !== BEFORE) return false
  }
  return true
}
