// The conformance vectors: what goes in, and, by our decoder, what must come out. Made by integer arithmetic alone, so that
// every machine makes the same.

import { createHash } from 'node:crypto'
import {
  encodeParity,
  MACROBLOCK_COLS,
  MACROBLOCK_ROWS,
  type Picture,
  parseSliceHeader,
  SliceDecoder,
  SliceEncoder,
} from '../../../vendor/asciline/index.ts'
import { seededRandom, unhex } from '../moving-pictures.ts'

/** One file of the folder: the messages in the order in which they are to be decoded, and what they must do. */
export type Vector = {
  name: string
  about: string
  cols: number
  rows: number
  /** The epoch the decoder expects. */
  epoch: number
  /** Hex, a message each. */
  messages: string[]
  /** Whether each is accepted; false is refused, without a trace. */
  accepted: boolean[]
  /** Of all messages one parity message is made, and each of them can be made again out of it and the others. Hex. */
  parity?: string
  /** Of `name.cells`: the visible Y, Cb and Cr, row by row, as they are after the last message. */
  cellsSha256: string
}

export type MadeVector = { vector: Vector; cells: Uint8Array }

type Size = { cols: number; rows: number }

/** A gradient with a box that moves 3 cells a frame over it, in colours that differ. */
function boxFrame({ cols, rows }: Size, frame: number): Uint8Array {
  const rgb = new Uint8Array(cols * rows * 3)
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let col = 0; col < cols; col += 1, at += 3) {
      const inside = (col + cols - 3 * frame) % cols < 12 && row % 11 > 3
      rgb[at] = inside ? 230 - 5 * row : (col * 5) & 0xff
      rgb[at + 1] = inside ? 40 : (row * 9 + col) & 0xff
      rgb[at + 2] = inside ? (frame * 20) & 0xff : 90
    }
  }
  return rgb
}

function noiseFrame({ cols, rows }: Size, seed: number): Uint8Array {
  const random = seededRandom(seed)
  return Uint8Array.from({ length: cols * rows * 3 }, () => random() * 256)
}

function encoderOf(size: Size, bytesPerSecond = 1e6): SliceEncoder {
  return new SliceEncoder({ ...size, fps: 30, bytesPerSecond })
}

/** All messages of frames 0 .. frames-1 of the moving box. */
function boxMessages(size: Size, frames: number, epoch: number): Uint8Array[] {
  const encoder = encoderOf(size)
  return Array.from({ length: frames }, (_, frame) =>
    encoder.encode(boxFrame(size, frame), frame, epoch),
  ).flat()
}

function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value)
}

function edited(message: Uint8Array, edit: (bytes: Uint8Array) => void): Uint8Array {
  const copy = message.slice()
  edit(copy)
  return copy
}

function make(
  name: string,
  about: string,
  { cols, rows }: Size,
  epoch: number,
  messages: readonly Uint8Array[],
): MadeVector {
  const decoder = new SliceDecoder({ cols, rows })
  decoder.epoch(epoch)
  const accepted = messages.map((message) => decoder.decode(message))
  const cells = visibleCells(decoder.picture)
  return {
    vector: {
      name,
      about,
      cols,
      rows,
      epoch,
      messages: messages.map((message) => Buffer.from(message).toString('hex')),
      accepted,
      cellsSha256: createHash('sha256').update(cells).digest('hex'),
    },
    cells,
  }
}

/** With the parity of its messages. */
function withParity(made: MadeVector): MadeVector {
  const messages = made.vector.messages.map((message) => unhex(message))
  const parity = Buffer.from(encodeParity(messages) ?? []).toString('hex')
  return { ...made, vector: { ...made.vector, parity } }
}

/** Y of all cells, then Cb and Cr of all pairs of cells, row by row without the padding. */
export function visibleCells(
  picture: Pick<Picture, 'cols' | 'rows' | 'stride' | 'chromaStride'> & Record<'y' | 'cb' | 'cr', Uint8Array>,
): Uint8Array {
  const { cols, rows, stride, chromaStride } = picture
  const pairs = Math.ceil(cols / 2)
  const cells = new Uint8Array((cols + 2 * pairs) * rows)
  let to = 0
  for (const [plane, width, pitch] of [
    [picture.y, cols, stride],
    [picture.cb, pairs, chromaStride],
    [picture.cr, pairs, chromaStride],
  ] as const) {
    for (let row = 0; row < rows; row += 1, to += width)
      cells.set(plane.subarray(row * pitch, row * pitch + width), to)
  }
  return cells
}

/** Every vector there is. */
export function makeVectors(): MadeVector[] {
  const one = { cols: MACROBLOCK_COLS, rows: MACROBLOCK_ROWS }
  const odd = { cols: 33, rows: 9 }
  const small = { cols: 48, rows: 24 }
  const high = { cols: 200, rows: 84 }
  const gray = encoderOf(one).encode(new Uint8Array(one.cols * one.rows * 3).fill(200), 7, 2)
  const moving = boxMessages(small, 8, 5)
  const joining = encoderOf(small)
  for (let frame = 0; frame < 5; frame += 1) joining.encode(boxFrame(small, frame), frame, 9)
  const noise = encoderOf({ cols: 50, rows: 20 }).encode(noiseFrame({ cols: 50, rows: 20 }, 1), 1000, 0)
  const starved = encoderOf(high, 100_000)
  const cut = [1, 2].flatMap((seed) => starved.encode(noiseFrame(high, seed), seed, 15))
  const slice = noise.find((message) => (parseSliceHeader(message)?.count ?? 0) > 3) ?? noise[0]
  return [
    make('flat', 'One macroblock of one gray.', one, 2, gray),
    make('odd-grid', 'A grid that ends within its macroblocks.', odd, 0, boxMessages(odd, 1, 0)),
    make('noise', 'Large levels of both signs, in several slices.', { cols: 50, rows: 20 }, 0, noise),
    withParity(
      make(
        'parity',
        'A frame in slices of different lengths, and its parity.',
        { cols: 50, rows: 20 },
        0,
        noise,
      ),
    ),
    make('moving', 'Eight frames in order: changed macroblocks, repeats, runs.', small, 5, moving),
    make(
      'out-of-order',
      'The same eight frames shuffled, each message twice: the newest frame of a macroblock wins.',
      small,
      5,
      shuffled([...moving, ...moving], 3),
    ),
    make(
      'lost',
      'The same with every third message lost: what is missing keeps its last picture.',
      small,
      5,
      moving.filter((_, at) => at % 3 !== 1),
    ),
    make('join', 'A join alone: all macroblocks, with the steps they had.', small, 9, joining.encodeJoin(9)),
    make('high', 'A whole picture of HIGH under a budget that cuts it, and the next.', high, 15, cut),
    make('last-frame', 'The largest frame index there is.', one, 2, [
      edited(gray[0], (bytes) => bytes.fill(255, 0, 4)),
      gray[0],
    ]),
    make(
      'refused',
      'What a decoder must refuse, before one slice that it must not.',
      { cols: 50, rows: 20 },
      0,
      [
        unhex(''),
        unhex('00 00 00 07 11 00 01'),
        unhex('00 00 00 07 11 00 01 00'),
        unhex('00 00 00 07 11 00 01 00 00'),
        unhex('00 00 00 07 11 00 11 00'),
        slice.subarray(0, 11),
        new Uint8Array(1101).fill(0x10),
        edited(slice, (bytes) => (bytes[4] = 0x00)),
        edited(slice, (bytes) => (bytes[4] = 0x12)),
        edited(slice, (bytes) => (bytes[4] = 0x13)),
        edited(slice, (bytes) => (bytes[6] |= 0x08)),
        edited(slice, (bytes) => (bytes[6] ^= 0x10)),
        edited(slice, (bytes) => (bytes[7] = 0)),
        edited(slice, (bytes) => (bytes[9] += 12)),
        edited(slice, (bytes) => bytes.fill(0, 10, 12)),
        edited(slice, (bytes) => bytes.fill(255, 10, 12)),
        slice,
      ],
    ),
    make(
      'cut-short',
      'Slices that end too early: the macroblocks until then are painted, the others are not.',
      { cols: 50, rows: 20 },
      0,
      noise.map((message) => message.subarray(0, Math.max(12, message.length >> 1))),
    ),
    make(
      'damaged',
      'Payloads with wrong bytes: what they decode to is wrong, and the same everywhere.',
      small,
      5,
      moving.map((message, at) =>
        edited(message, (bytes) => {
          for (let byte = 13 + (at % 5); byte < bytes.length; byte += 17) bytes[byte] ^= 0x5a
        }),
      ),
    ),
  ]
}
