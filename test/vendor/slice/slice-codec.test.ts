import { expect, test } from 'vitest'
import {
  digestPicture,
  fillPicture,
  type GridSize,
  luma,
  Picture,
  parseSliceHeader,
  SLICE_MAX_BYTES,
  SliceDecoder,
  SliceEncoder,
  TAG_EMPTY,
} from '../../../vendor/asciline/index.ts'
import {
  cuts,
  filmlike,
  flat,
  HIGH,
  LOW,
  noise,
  type Programme,
  seededRandom,
  still,
} from '../moving-pictures.ts'

/** PSNR of visible luma in dB. */
function psnr(shown: Picture, wanted: Picture): number {
  let sum = 0
  for (let row = 0; row < wanted.rows; row += 1) {
    for (let col = 0; col < wanted.cols; col += 1) {
      sum += (shown.y[row * shown.stride + col] - wanted.y[row * wanted.stride + col]) ** 2
    }
  }
  return 10 * Math.log10((255 ** 2 * wanted.rows * wanted.cols) / Math.max(sum, 1e-9))
}

function encodeFrames(encoder: SliceEncoder, programme: Programme, count: number): Uint8Array[][] {
  return Array.from({ length: count }, (_, index) => encoder.encode(programme(index), index, 0))
}

function pictureOf(size: GridSize, rgb: Uint8Array): Picture {
  const picture = new Picture(size)
  fillPicture(picture, rgb)
  return picture
}

/** Every message of `frames` frames, in order. */
function encodeAll(encoder: SliceEncoder, programme: Programme, frames: number): Uint8Array[] {
  return Array.from({ length: frames }, (_, index) => encoder.encode(programme(index), index, 0)).flat()
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items]
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1))
    ;[result[index], result[other]] = [result[other], result[index]]
  }
  return result
}

function showing(size: GridSize, messages: readonly Uint8Array[]): number {
  const decoder = new SliceDecoder(size)
  for (const message of messages) expect(decoder.decode(message)).toBe(true)
  return digestPicture(decoder.picture)
}

test.each([
  ['LOW', LOW],
  ['HIGH', HIGH],
])('%s: a film with grain and movement arrives with its luma above 36 dB at every frame', (_, options) => {
  const encoder = new SliceEncoder({ ...options, bytesPerSecond: 1e6 })
  const decoder = new SliceDecoder(options)
  const programme = filmlike(options)
  for (let index = 0; index < 30; index += 1) {
    const rgb = programme(index)
    for (const message of encoder.encode(rgb, index, 0)) expect(decoder.decode(message)).toBe(true)
    expect(psnr(decoder.picture, pictureOf(options, rgb))).toBeGreaterThan(36)
  }
})

test('a flat picture arrives exactly, at every level', () => {
  const size = { cols: 33, rows: 17 }
  const encoder = new SliceEncoder({ ...size, fps: 30, bytesPerSecond: 1e6 })
  const decoder = new SliceDecoder(size)
  for (let gray = 0; gray < 256; gray += 5) {
    encoder.reset()
    for (const message of encoder.encode(flat(size, gray), gray, 0)) decoder.decode(message)
    // A first coefficient is 8 levels and the step is 10: at most 5 / 8 of a level off, so one after rounding.
    expect(Math.abs(decoder.picture.y[0] - luma(gray, gray, gray))).toBeLessThanOrEqual(1)
    expect(decoder.picture.cb[0]).toBe(128)
  }
})

test.each([
  [1, 1],
  [17, 9],
  [16, 8],
  [450, 253],
])('a grid of %sx%s makes the way', (cols, rows) => {
  const size = { cols, rows }
  const encoder = new SliceEncoder({ ...size, fps: 30, bytesPerSecond: 1e7 })
  const decoder = new SliceDecoder(size)
  const rgb = filmlike(size)(0)
  for (const message of encoder.encode(rgb, 0, 0)) expect(decoder.decode(message)).toBe(true)
  expect(psnr(decoder.picture, pictureOf(size, rgb))).toBeGreaterThan(34)
})

test('every message is one packet and numbered, and only the last of a frame says it is the last', () => {
  for (const programme of [filmlike(HIGH), noise(HIGH), cuts(HIGH, 3)]) {
    const encoder = new SliceEncoder({ ...HIGH, bytesPerSecond: 1e7 })
    for (let index = 0; index < 8; index += 1) {
      const messages = encoder.encode(programme(index), index, 3)
      for (const [slice, message] of messages.entries()) {
        expect(message.length).toBeLessThanOrEqual(SLICE_MAX_BYTES)
        expect(parseSliceHeader(message)).toMatchObject({
          frame: index,
          slice,
          epoch: 3,
          join: false,
          last: slice === messages.length - 1,
        })
      }
    }
  }
})

test('black and white cells side by side, which cost most, still fit', () => {
  const random = seededRandom(4)
  const rgb = Uint8Array.from({ length: HIGH.cols * HIGH.rows * 3 }, () => (random() < 0.5 ? 0 : 255))
  const messages = new SliceEncoder({ ...HIGH, bytesPerSecond: 1e9 }).encode(rgb, 0, 0)
  expect(messages.length).toBeGreaterThan(20)
  for (const message of messages) expect(message.length).toBeLessThanOrEqual(SLICE_MAX_BYTES)
})

test('slices are filled: all but the last of a frame are above nine tenths of a packet', () => {
  const messages = new SliceEncoder({ ...HIGH, bytesPerSecond: 1e9 }).encode(filmlike(HIGH)(0), 0, 0)
  expect(messages.length).toBeGreaterThan(2)
  for (const message of messages.slice(0, -1)) expect(message.length).toBeGreaterThan(0.9 * SLICE_MAX_BYTES)
})

test('a frame in which nothing changed is one heartbeat of 8 bytes', () => {
  const size = { cols: 32, rows: 16 }
  const encoder = new SliceEncoder({ ...size, fps: 30, bytesPerSecond: 1e5 })
  const lengths = Array.from({ length: 8 }, (_, index) =>
    encoder.encode(flat(size, 9), index, 5).map((m) => m.length),
  )
  expect(lengths[4]).toEqual([8])
  expect(parseSliceHeader(encoder.encode(flat(size, 9), 8, 5)[0])).toMatchObject({
    frame: 8,
    tag: TAG_EMPTY,
    last: true,
    epoch: 5,
  })
})

test('a still picture costs about one picture a second, for the refresh', () => {
  const encoder = new SliceEncoder(HIGH)
  const bytes = (messages: Uint8Array[]) => messages.reduce((sum, message) => sum + message.length, 0)
  const programme = still(HIGH)
  const first = bytes(encoder.encode(programme(0), 0, 0))
  let second = 0
  for (let index = 1; index < 90; index += 1) {
    const frame = bytes(encoder.encode(programme(index), index, 0))
    if (index >= 60) second += frame
  }
  expect(second).toBeGreaterThan(0.8 * first)
  expect(second).toBeLessThan(1.5 * first)
})

test('the slices of a frame in any order and twice make the same picture', () => {
  const encoder = new SliceEncoder({ ...HIGH, bytesPerSecond: 1e6 })
  const programme = filmlike(HIGH)
  const inOrder = new SliceDecoder(HIGH)
  const shuffle = new SliceDecoder(HIGH)
  const random = seededRandom(5)
  for (let index = 0; index < 20; index += 1) {
    const messages = encoder.encode(programme(index), index, 0)
    for (const message of messages) inOrder.decode(message)
    const twice = [...messages, ...messages.filter(() => random() < 0.3)]
    for (const message of shuffled(twice, random)) shuffle.decode(message)
    expect(digestPicture(shuffle.picture)).toBe(digestPicture(inOrder.picture))
  }
})

test('a change goes onto the frame it was made for, and is left alone by whoever has lost that', () => {
  const encoder = new SliceEncoder({ ...LOW, bytesPerSecond: 1e6 })
  const whole = new SliceDecoder(LOW)
  const without = new SliceDecoder(LOW)
  const base = noise(LOW)(0).map((value) => 40 + value / 2)
  const brighter = base.map((value) => Math.min(255, value + 5))
  const first = encoder.encode(base, 0, 0)
  const second = encoder.encode(brighter, 1, 0)
  const bytes = (messages: Uint8Array[]) => messages.reduce((sum, message) => sum + message.length, 0)
  expect(bytes(second)).toBeLessThan(bytes(first) / 2)
  for (const message of [...first, ...second]) whole.decode(message)
  expect(psnr(whole.picture, pictureOf(LOW, brighter))).toBeGreaterThan(34)
  for (const message of second) expect(without.decode(message)).toBe(true)
  const { macroblocks } = without.picture
  const painted = Array.from({ length: macroblocks }, (_, macroblock) => without.paintedAt(macroblock))
  // Where the picture is flat a macroblock went out whole, and whoever reads it shows it.
  expect(painted.filter((frame) => frame < 0).length).toBeGreaterThan(macroblocks / 2)
  // Late, the base is still worth painting.
  for (const message of first) without.decode(message)
  expect(psnr(without.picture, pictureOf(LOW, base))).toBeGreaterThan(30)
})

test('what was lost is there a frame later, coarsely, and nobody else sees the mending', () => {
  const encoder = new SliceEncoder({ ...LOW, bytesPerSecond: 1e6 })
  const perfect = new SliceDecoder(LOW)
  const lossy = new SliceDecoder(LOW)
  const picture = pictureOf(LOW, filmlike(LOW)(0))
  for (const message of encoder.encode(filmlike(LOW)(0), 0, 0)) perfect.decode(message)
  const right = digestPicture(perfect.picture)
  const mending = encoder.encode(filmlike(LOW)(0), 1, 0)
  for (const message of mending) {
    perfect.decode(message)
    expect(lossy.mend(message)).toBe(true)
  }
  expect(digestPicture(perfect.picture)).toBe(right)
  expect(psnr(lossy.picture, picture)).toBeGreaterThan(24)
  for (let index = 2; index < 4; index += 1) {
    for (const message of encoder.encode(filmlike(LOW)(0), index, 0)) {
      perfect.decode(message)
      lossy.decode(message)
    }
  }
  expect(digestPicture(lossy.picture)).toBe(digestPicture(perfect.picture))
})

test('a slice that comes late paints around what is newer', () => {
  const encoder = new SliceEncoder(LOW)
  const early = encoder.encode(flat(LOW, 40), 0, 0)
  const late = encoder.encode(flat(LOW, 200), 5, 0)
  const decoder = new SliceDecoder(LOW)
  for (const message of late) decoder.decode(message)
  const before = digestPicture(decoder.picture)
  for (const message of early) expect(decoder.decode(message)).toBe(true)
  expect(digestPicture(decoder.picture)).toBe(before)
})

test('every slice decodes alone: what it paints is what the whole frame shows there, and nothing else', () => {
  const messages = new SliceEncoder({ ...HIGH, bytesPerSecond: 1e7 }).encode(filmlike(HIGH)(0), 0, 0)
  const whole = new SliceDecoder(HIGH)
  for (const message of messages) whole.decode(message)
  for (const message of shuffled(messages, seededRandom(2))) {
    const { first, count } = parseSliceHeader(message)!
    const alone = new SliceDecoder(HIGH)
    const { y, stride, macroblockCols } = alone.picture
    // A value the slice cannot leave by chance on a whole macroblock.
    y.fill(1)
    alone.decode(message)
    for (let row = 0; row < alone.picture.macroblockRows * 8; row += 1) {
      for (let col = 0; col < stride; col += 1) {
        const macroblock = (row >> 3) * macroblockCols + (col >> 4)
        const own = macroblock >= first && macroblock < first + count
        const at = row * stride + col
        if (y[at] !== (own ? whole.picture.y[at] : 1))
          expect.fail(`cell ${col},${row} of slice ${first}+${count}`)
      }
    }
  }
})

// A slice goes out three times within four frames, coarsely the second time: what all three lost waits for the refresh, which comes
// after a second, then every second and a half, and loses a third again. With a dozen slices the chance that one of them fails six rounds is
// below two per cent.
test('with every third message lost, most still pictures are complete after the repeats, and all by the sixth refresh', () => {
  const programme = still(HIGH)
  const perfect = new SliceDecoder(HIGH)
  const frames = encodeFrames(new SliceEncoder(HIGH), programme, 9 * HIGH.fps)
  for (const message of frames[0]) perfect.decode(message)
  const complete = digestPicture(perfect.picture)
  const completeAt = Array.from({ length: 15 }, (_, seed) => {
    const random = seededRandom(seed)
    const lossy = new SliceDecoder(HIGH)
    return frames.findIndex((messages) => {
      for (const message of messages) if (random() > 1 / 3) lossy.decode(message)
      return digestPicture(lossy.picture) === complete
    })
  }).sort((a, b) => a - b)
  expect(completeAt[0]).toBeGreaterThanOrEqual(0)
  expect(completeAt[7]).toBeLessThanOrEqual(3)
})

test.each([
  ['after one frame', 1, filmlike(HIGH)],
  ['in the middle of a film', 40, filmlike(HIGH)],
  ['under a budget that changes the step all the time', 40, cuts(HIGH, 7)],
  ['when the budget cuts frames short', 25, noise(HIGH)],
])('a joiner sees at once exactly what the others see: %s', (_, frames, programme) => {
  const encoder = new SliceEncoder({ ...HIGH, bytesPerSecond: 60_000 })
  const present = new SliceDecoder(HIGH)
  for (const message of encodeAll(encoder, programme, frames)) present.decode(message)
  const join = encoder.encodeJoin(0)
  for (const message of join) {
    expect(message.length).toBeLessThanOrEqual(SLICE_MAX_BYTES)
    expect(parseSliceHeader(message)).toMatchObject({ frame: frames - 1, join: true })
  }
  expect(parseSliceHeader(join[join.length - 1])?.last).toBe(true)
  expect(showing(HIGH, join)).toBe(digestPicture(present.picture))
})

test('a join disturbs nothing: the frames after it are the same bytes with and without', () => {
  const programme = filmlike(LOW)
  const plain = new SliceEncoder(LOW)
  const joined = new SliceEncoder(LOW)
  for (let index = 0; index < 40; index += 1) {
    expect(joined.encode(programme(index), index, 0)).toEqual(plain.encode(programme(index), index, 0))
    if (index % 3 === 0) joined.encodeJoin(0)
  }
})

test('a join before the first frame is a heartbeat, not an empty list', () => {
  expect(new SliceEncoder(LOW).encodeJoin(0).map((message) => message.length)).toEqual([8])
})

test('messages own their bytes: a later frame does not write into an earlier one', () => {
  const encoder = new SliceEncoder(LOW)
  const programme = filmlike(LOW)
  const first = encoder.encode(programme(0), 0, 0)
  const copies = first.map((message) => message.slice())
  encoder.encode(programme(9), 1, 0)
  encoder.encodeJoin(0)
  expect(first).toEqual(copies)
  for (const message of first) expect(message.buffer.byteLength).toBe(message.length)
})

test('a new epoch sends everything again and is alone what a decoder of that epoch takes', () => {
  const encoder = new SliceEncoder(LOW)
  const programme = still(LOW)
  for (let index = 0; index < 5; index += 1) encoder.encode(programme(index), index, 15)
  const messages = encoder.encode(programme(0), 0, 16)
  const decoder = new SliceDecoder(LOW)
  decoder.epoch(15)
  expect(messages.map((message) => decoder.decode(message))).not.toContain(true)
  decoder.epoch(16)
  for (const message of messages) expect(decoder.decode(message)).toBe(true)
  expect(psnr(decoder.picture, pictureOf(LOW, programme(0)))).toBeGreaterThan(36)
})

test('a new epoch starts counting frames at zero and still paints over the old one', () => {
  const encoder = new SliceEncoder(LOW)
  const decoder = new SliceDecoder(LOW)
  for (const message of encoder.encode(flat(LOW, 30), 5000, 0)) decoder.decode(message)
  decoder.epoch(1)
  expect(decoder.picture.y[0]).toBeCloseTo(30, -1)
  for (const message of encoder.encode(flat(LOW, 220), 0, 1)) decoder.decode(message)
  expect(Math.abs(decoder.picture.y[0] - 220)).toBeLessThanOrEqual(1)
})

test('frame indexes beyond 2^31 keep their order', () => {
  const encoder = new SliceEncoder(LOW)
  const old = encoder.encode(flat(LOW, 40), 0x7fffffff, 0)
  const recent = encoder.encode(flat(LOW, 200), 0x80000000, 0)
  const decoder = new SliceDecoder(LOW)
  for (const message of [...recent, ...old]) decoder.decode(message)
  expect(Math.abs(decoder.picture.y[0] - 200)).toBeLessThanOrEqual(1)
})

test.each([
  [{ ...LOW, cols: 0 }],
  [{ ...LOW, rows: 5000 }],
  [{ ...LOW, fps: 0 }],
  [{ ...LOW, fps: Number.NaN }],
  [{ ...LOW, bytesPerSecond: 0 }],
  [{ ...LOW, bytesPerSecond: -1 }],
])('an encoder of %o is refused', (options) => {
  expect(() => new SliceEncoder(options)).toThrow(RangeError)
})
