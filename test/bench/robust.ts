// A million damaged slices through the decoder: npm run bench -- robust [--slices 1000000] [--preset high] [--seed 1]
//
// Every one starts from a sound message of a film, of noise or of a cut, and meets either a decoder that has seen nothing or,
// one time in four, one that shows the frame before, so that differences find their base; one in eight is painted ahead of its
// time, as what mends the frame before. It must not throw, must not take longer than 3 ms (a page's frame has room for that),
// and may change only macroblocks that it stamped: at most as many as it says, from its first on. One that seems slow is timed
// five times more and its quickest run counts: a scheduler that takes the processor away for a while is not the slice's doing,
// and what a slice really costs it costs every time.

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
/** Above this a slice is timed again. */
const SEEMS_SLOW_MS = 1
const TIMED_AGAIN = 5
/** Share of the slices that are painted ahead of their time. */
const MENDING = 1 / 8

/** A message of frame n, and what shows all of frame n - 1. */
type Sound = { message: Uint8Array; before: SliceDecoder }

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
  const blank = new SliceDecoder(preset)
  let refused = 0
  let timedAgain = 0
  let slowestMs = 0
  let sumMs = 0
  const total = Number(values.slices)
  for (let trial = 1; trial <= total; trial += 1) {
    const { message: whole, before } = sound[Math.floor(random() * sound.length)]
    const message = mutate(whole, random)
    const base = random() < 0.25 ? before : blank
    const how = random() < MENDING ? 'mend' : 'decode'
    const { accepted, ms } = paintOnce(decoder, base, message, how)
    let spentMs = ms
    for (let again = 0; ms > SEEMS_SLOW_MS && again < TIMED_AGAIN; again += 1)
      spentMs = Math.min(spentMs, paintOnce(decoder, base, message, how).ms)
    timedAgain += ms > SEEMS_SLOW_MS ? 1 : 0
    refused += accepted ? 0 : 1
    sumMs += spentMs
    slowestMs = Math.max(slowestMs, spentMs)
    const fault =
      spentMs >= LIMIT_MS
        ? `took ${spentMs.toFixed(2)} ms`
        : trespass(decoder, base.picture, message, accepted)
    if (fault !== undefined)
      throw new Error(`slice ${trial} ${fault}: ${Buffer.from(message).toString('hex')}`)
    if (trial % 100_000 === 0)
      process.stdout.write(`${trial} slices, ${refused} refused, slowest ${slowestMs.toFixed(2)} ms\n`)
  }
  process.stdout.write(
    `${total} mutated slices of ${preset.name}: none threw, none painted beyond its own blocks, ` +
      `${refused} refused, ${(sumMs / total).toFixed(3)} ms on the mean, slowest ${slowestMs.toFixed(2)} ms ` +
      `(${timedAgain} timed again)\n`,
  )
}

function soundMessages(preset: Preset): Sound[] {
  return [filmlike(preset), noise(preset), cuts(preset, 2)].flatMap((programme) => {
    const encoder = new SliceEncoder({ ...preset, bytesPerSecond: 1e6 })
    const shows = new SliceDecoder(preset)
    return Array.from({ length: 5 }, (_, frame) => {
      const before = new SliceDecoder(preset)
      before.copyFrom(shows)
      const messages = encoder.encode(programme(frame), 100 + frame, 0)
      for (const message of messages) shows.decode(message)
      return messages.map((message) => ({ message, before }))
    })
      .slice(1)
      .flat()
  })
}

function paintOnce(
  decoder: SliceDecoder,
  base: SliceDecoder,
  message: Uint8Array,
  how: 'decode' | 'mend',
): { accepted: boolean; ms: number } {
  decoder.copyFrom(base)
  const began = performance.now()
  const accepted = decoder[how](message)
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
  const { macroblockCols } = shown
  let changed = 0
  for (let macroblock = 0; macroblock < shown.macroblocks; macroblock += 1) {
    if (macroblock % macroblockCols === 0 && sameRow(decoder.picture, shown, macroblock / macroblockCols)) {
      macroblock += macroblockCols - 1
      continue
    }
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

/** Whole rows of macroblocks lie in one piece; most have not been touched. */
function sameRow(one: Picture, other: Picture, row: number): boolean {
  return (['y', 'cb', 'cr'] as const).every((plane) => {
    const length = MACROBLOCK_ROWS * (plane === 'y' ? one.stride : one.chromaStride)
    const from = row * length
    const rows = (picture: Picture) => picture[plane].subarray(from, from + length)
    return Buffer.compare(rows(one), rows(other)) === 0
  })
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
