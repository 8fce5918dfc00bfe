// The programme that needs no file and no network: ffmpeg draws it, at the size and rate of the grid it is shown in,
// so that every cell is known beforehand. A clock (seven segments: no fonts needed), moving bars, a flash with a beep
// at every whole second, and a staircase of greys.
//
//   0.06 .. 0.32 of the height    HH:MM:SS since the start, blue
//   0.38 .. 0.58                  colour bars, once around in 6 s
//   0.62 .. 0.82, middle fifth    black; white from each whole second on for 80 ms, with a 1 kHz beep of 80 ms
//   0.86 .. 1.00                  DEMO_GREYS from left to right, an eighth of the width each

import type { CellRect } from '../../signaling/messages.ts'

/** Grey of each step of the staircase, left to right. */
export const DEMO_GREYS: readonly number[] = [0, 36, 73, 109, 146, 182, 219, 255]

/** Flash and beep begin together at every whole second and last this long (the flash to the nearest frame, at least one). */
export const DEMO_FLASH_SECONDS = 0.08

export const DEMO_BEEP_HERTZ = 1000

/** Where things are in a grid of this size; every rectangle is whole cells. */
export function demoLayout({ cols, rows }: { cols: number; rows: number }): {
  clock: CellRect
  bars: CellRect
  flash: CellRect
  staircase: CellRect[]
} {
  const x = (fraction: number) => Math.round(cols * fraction)
  const y = (fraction: number) => Math.round(rows * fraction)
  const rect = (left: number, top: number, right: number, bottom: number): CellRect => ({
    x: x(left),
    y: y(top),
    width: x(right) - x(left),
    height: y(bottom) - y(top),
  })
  return {
    clock: rect(0.1, 0.06, 0.9, 0.32),
    bars: rect(0, 0.38, 1, 0.58),
    flash: rect(0.4, 0.62, 0.6, 0.82),
    staircase: DEMO_GREYS.map((_, step) => rect(step / 8, 0.86, (step + 1) / 8, 1)),
  }
}

//     0
//   1   2
//     3
//   4   5
//     6
const SEGMENT_DIGITS = ['02356789', '045689', '01234789', '2345689', '0268', '013456789', '0235689']

/** A lavfi graph with the picture on out0 and the sound on out1, without end, as if `from` seconds had passed. */
export function demoGraph({
  cols,
  rows,
  fps,
  from,
}: {
  cols: number
  rows: number
  fps: number
  from: number
}): string {
  const layout = demoLayout({ cols, rows })
  // Frame and sample counts, not seconds: 48 * (1/24) need not be 2, and a flash would be a frame late.
  const n = `(n+${Math.round(from * fps)})`
  const sample = `(n+${Math.round(from * 48_000)})`
  const black = (top: number, bottom: number) =>
    drawBox({ x: 0, y: top, width: cols, height: bottom - top }, 'black')
  const picture = [
    `smptebars=s=${cols}x${rows}:r=${fps}`,
    'format=rgb24',
    `scroll=h=${1 / (6 * fps)}`,
    black(0, layout.bars.y),
    black(layout.bars.y + layout.bars.height, rows),
    ...clockBoxes(layout.clock, (divisor, base) => `mod(floor(${n}/${divisor * fps}),${base})`),
    drawBox(
      layout.flash,
      'white',
      `lt(mod(${n},${fps}),${Math.max(1, Math.round(DEMO_FLASH_SECONDS * fps))})`,
    ),
    ...layout.staircase.map((rect, step) =>
      drawBox(rect, `0x${hexByte(DEMO_GREYS[step] as number).repeat(3)}`),
    ),
  ]
  // 1 kHz divides 48 kHz, so the tone starts at phase 0 with every beep.
  const beep = `0.5*sin(2*PI*${DEMO_BEEP_HERTZ}*${sample}/48000)*lt(mod(${sample},48000),${DEMO_FLASH_SECONDS * 48_000})`
  return `${picture.join(',')}[out0];aevalsrc='${beep}':s=48000[out1]`
}

function clockBoxes(clock: CellRect, digit: (divisor: number, base: number) => string): string[] {
  // Eight places of equal width: two digits, a colon, two digits, a colon, two digits.
  const place = clock.width / 8
  const width = Math.floor(place * 0.7)
  const stroke = Math.max(1, Math.round(clock.height / 9))
  const side = Math.max(1, Math.round(width / 5))
  const half = Math.floor((clock.height - stroke) / 2)
  const colour = '0x40c0ff'
  const boxes: string[] = []
  const digits: [number, number, number][] = [
    [0, 36_000, 10],
    [1, 3600, 10],
    [3, 600, 6],
    [4, 60, 10],
    [6, 10, 6],
    [7, 1, 10],
  ]
  for (const [index, divisor, base] of digits) {
    const x = clock.x + Math.round(index * place)
    const y = clock.y
    const segments: CellRect[] = [
      { x, y, width, height: stroke },
      { x, y, width: side, height: half + stroke },
      { x: x + width - side, y, width: side, height: half + stroke },
      { x, y: y + half, width, height: stroke },
      { x, y: y + half, width: side, height: half + stroke },
      { x: x + width - side, y: y + half, width: side, height: half + stroke },
      { x, y: y + 2 * half, width, height: stroke },
    ]
    for (const [segment, rect] of segments.entries()) {
      const mask = [...(SEGMENT_DIGITS[segment] as string)].reduce(
        (sum, value) => sum + 2 ** Number(value),
        0,
      )
      boxes.push(drawBox(rect, colour, `mod(floor(${mask}/pow(2,${digit(divisor, base)})),2)`))
    }
  }
  for (const index of [2, 5]) {
    const x = clock.x + Math.round((index + 0.35) * place) - side
    for (const part of [0.3, 0.65]) {
      boxes.push(
        drawBox({ x, y: clock.y + Math.round(clock.height * part), width: side, height: stroke }, colour),
      )
    }
  }
  return boxes
}

function drawBox({ x, y, width, height }: CellRect, colour: string, enable?: string): string {
  const when = enable === undefined ? '' : `:enable='${enable}'`
  return `drawbox=x=${x}:y=${y}:w=${width}:h=${height}:color=${colour}:t=fill${when}`
}

const hexByte = (value: number) => value.toString(16).padStart(2, '0')
