// A million damaged slices through the decoder: npm run bench -- robust [--slices 1000000] [--preset high] [--seed 1]
//
// Every one starts from a sound message of a film, of noise or of a cut, and meets either a decoder that has seen nothing or,
// one time in four, one that shows the frame before, so that differences find their base. It must not throw, must not take
// longer than 3 ms (a page's frame has room for that), and may change only macroblocks that it stamped: at most as many as
// it says, from its first on. A slow one is measured three times, so that a pause of the machine is not taken for its fault.

import { parseArgs } from 'node:util'
import { PRESETS, type Preset } from '../../src/encode/preset.ts'
import {
  MACROBLOCK_COLS,
  MACROBLOCK_ROWS,
  Picture,
  parseSliceHeader,
  SliceDecoder,
  SliceEncoder,
} from '../../vendor/asciline/index.ts'
import { cuts, filmlike, noise, seededRandom } from '../vendor/moving-pictures.ts'
import { mutate } from '../vendor/slice/mutate.ts'

const LIMIT_MS = 3

/** A message of frame n and, to show before it, all of frame n - 1. */
type Sound = { message: Uint8Array; before: readonly Uint8Array[] }

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
  const shown = new Picture(preset)
  let refused = 0
  let slowestMs = 0
  let sumMs = 0
  const total = Number(values.slices)
  for (let trial = 1; trial <= total; trial += 1) {
    const { message: whole, before } = sound[Math.floor(random() * sound.length)]
    const message = mutate(whole, random)
    const base = random() < 0.25 ? before : []
    const { accepted, ms } = decodeOnce(decoder, base, shown, message)
    const again = () => decodeOnce(decoder, base, shown, message).ms
    const spentMs = ms < LIMIT_MS / 3 ? ms : Math.min(ms, again(), again())
    refused += accepted ? 0 : 1
    sumMs += spentMs
    slowestMs = Math.max(slowestMs, spentMs)
    const fault =
      spentMs >= LIMIT_MS ? `took ${spentMs.toFixed(2)} ms` : trespass(decoder, shown, message, accepted)
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

function soundMessages(preset: Preset): Sound[] {
  return [filmlike(preset), noise(preset), cuts(preset, 2)].flatMap((programme) => {
    const encoder = new SliceEncoder({ ...preset, bytesPerSecond: 1e6 })
    const frames = Array.from({ length: 5 }, (_, frame) => encoder.encode(programme(frame), 100 + frame, 0))
    return frames
      .slice(1)
      .flatMap((messages, at) => messages.map((message) => ({ message, before: frames[at] })))
  })
}

/** Leaves in `shown` what the picture was before the message. */
function decodeOnce(
  decoder: SliceDecoder,
  base: readonly Uint8Array[],
  shown: Picture,
  message: Uint8Array,
): { accepted: boolean; ms: number } {
  decoder.epoch(0)
  for (const earlier of base) decoder.decode(earlier)
  shown.y.set(decoder.picture.y)
  shown.cb.set(decoder.picture.cb)
  shown.cr.set(decoder.picture.cr)
  const began = performance.now()
  const accepted = decoder.decode(message)
  return { accepted, ms: performance.now() - began }
}

/** What the decoder did that it must not, or undefined. */
function trespass(
  decoder: SliceDecoder,
  shown: Picture,
  message: Uint8Array,
  accepted: boolean,
): string | undefined {
  const header = accepted ? parseSliceHeader(message) : undefined
  let changed = 0
  for (let macroblock = 0; macroblock < shown.macroblocks; macroblock += 1) {
    if (same(decoder.picture, shown, macroblock)) continue
    changed += 1
    if (header === undefined) return 'was refused and painted'
    if (macroblock < header.first) return `painted ${macroblock}, before its first, ${header.first}`
    const stamp = decoder.paintedAt(macroblock)
    // What mends an earlier frame is stamped with that one.
    if (stamp < header.frame - 2 || stamp > header.frame)
      return `of frame ${header.frame} painted ${macroblock} and left it at ${stamp}`
  }
  if (header !== undefined && changed > header.count) return `painted ${changed} of ${header.count}`
  return undefined
}

function same(one: Picture, other: Picture, macroblock: number): boolean {
  const { macroblockCols, stride, chromaStride } = one
  const firstRow = Math.floor(macroblock / macroblockCols) * MACROBLOCK_ROWS
  const col = (macroblock % macroblockCols) * MACROBLOCK_COLS
  for (let row = firstRow; row < firstRow + MACROBLOCK_ROWS; row += 1) {
    const at = row * stride + col
    for (let cell = at; cell < at + MACROBLOCK_COLS; cell += 1)
      if (one.y[cell] !== other.y[cell]) return false
    const chromaAt = row * chromaStride + col / 2
    for (let pair = chromaAt; pair < chromaAt + MACROBLOCK_COLS / 2; pair += 1)
      if (one.cb[pair] !== other.cb[pair] || one.cr[pair] !== other.cr[pair]) return false
  }
  return true
}
