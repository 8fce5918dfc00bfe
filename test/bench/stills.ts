// Pictures to look at: npm run bench -- stills --clips DIR --out DIR [--presets med,high] [--at 3] [--cell 6x12]
//
// For each clip and preset one PNG, left to right: the source, ours at the preset's budget as a viewer without loss shows it,
// and raw ASCILINE, each cell drawn as its glyph in its colour over black.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { PRESETS, type Preset } from '../../src/encode/preset.ts'
import {
  cellColour,
  GLYPH_CELL_BYTES,
  GLYPH_OF_LUMA,
  packGlyphCells,
  RAMP,
  SliceDecoder,
  SliceEncoder,
} from '../../vendor/asciline/index.ts'
import { listClips } from './clip-frames.ts'
import { loadClip } from './codec-clip.ts'

type Cell = { width: number; height: number }
/** Ramp index and 0xRRGGBB of each cell. */
type Cells = { glyph: (cell: number) => number; colour: (cell: number) => number }

/** Throws when a clip cannot be read. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      clips: { type: 'string' },
      out: { type: 'string' },
      presets: { type: 'string', default: 'med,high' },
      at: { type: 'string', default: '3' },
      cell: { type: 'string', default: '6x12' },
    },
  })
  if (values.clips === undefined || values.out === undefined)
    throw new Error('bench stills needs --clips DIR and --out DIR')
  const [width, height] = values.cell.split('x').map(Number)
  const cell = { width, height }
  mkdirSync(values.out, { recursive: true })
  const scratch = mkdtempSync(join(tmpdir(), 'asciline-stills-'))
  try {
    const coverage = glyphCoverage(cell, scratch)
    const wanted = values.presets.split(',')
    for (const preset of Object.values(PRESETS).filter(({ name }) => wanted.includes(name))) {
      for (const path of listClips(values.clips)) {
        const still = join(values.out, `${basename(path)}-${preset.name}.png`)
        await drawStill(path, preset, { at: Number(values.at), cell, coverage, scratch, still })
        process.stdout.write(`${still}\n`)
      }
    }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

async function drawStill(
  path: string,
  preset: Preset,
  options: { at: number; cell: Cell; coverage: Uint8Array; scratch: string; still: string },
): Promise<void> {
  const { at, cell, coverage, scratch, still } = options
  const { cols, rows, fps } = preset
  const { rgb } = await loadClip(path, preset, at + 1 / fps)
  const encoder = new SliceEncoder(preset)
  const decoder = new SliceDecoder(preset)
  for (const [frame, picture] of rgb.entries())
    for (const message of encoder.encode(picture, frame, 0)) decoder.decode(message)
  const { picture } = decoder
  const raw = new Uint8Array(cols * rows * GLYPH_CELL_BYTES)
  packGlyphCells(rgb[rgb.length - 1], 8, raw)
  const ours: Cells = {
    glyph: (at) => GLYPH_OF_LUMA[picture.y[Math.floor(at / cols) * picture.stride + (at % cols)]],
    colour: (at) => cellColour(picture, at % cols, Math.floor(at / cols)),
  }
  const theirs: Cells = {
    glyph: (at) => RAMP.indexOf(String.fromCharCode(raw[at * 4])),
    colour: (at) => (raw[at * 4 + 1] << 16) | (raw[at * 4 + 2] << 8) | raw[at * 4 + 3],
  }
  const size = `${cols * cell.width}x${rows * cell.height}`
  const drawn = [ours, theirs].map((cells, number) => {
    const file = join(scratch, `${number}.rgb`)
    writeFileSync(file, draw(cells, preset, cell, coverage))
    return ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', size, '-i', file]
  })
  const [width, height] = size.split('x')
  execFileSync('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y', '-ss', String((rgb.length - 1) / fps), '-i', path, ...drawn.flat()],
    '-filter_complex',
    `[0:v]scale=${width}:${height},setsar=1,format=rgb24[source];[source][1:v][2:v]hstack=3`,
    ...['-frames:v', '1', still],
  ])
}

/** Coverage 0..255 of every glyph of the ramp, one cell after another, from the system's monospaced font. */
function glyphCoverage({ width, height }: Cell, scratch: string): Uint8Array {
  const font = execFileSync('fc-match', ['-f', '%{file}', 'monospace'], { encoding: 'utf8' })
  const glyphs = [...RAMP].map((glyph, number) => {
    const file = join(scratch, `${number}.txt`)
    writeFileSync(file, glyph)
    const where = `x=${number * width}:y=${Math.round(height * 0.8)}-max_glyph_a`
    return `drawtext=fontfile=${font}:textfile=${file}:expansion=none:fontcolor=white:fontsize=${Math.floor(width / 0.6)}:${where}`
  })
  const strip = execFileSync(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', `color=black:s=${RAMP.length * width}x${height}`],
      ...['-vf', glyphs.slice(1).join(), '-frames:v', '1', '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'],
    ],
    { maxBuffer: 1 << 24 },
  )
  const coverage = new Uint8Array(strip.length)
  for (let at = 0; at < strip.length; at += 1) {
    const row = Math.floor(at / (RAMP.length * width))
    const col = at % (RAMP.length * width)
    const glyph = Math.floor(col / width)
    coverage[(glyph * height + row) * width + (col % width)] = strip[at]
  }
  return coverage
}

function draw(
  cells: Cells,
  { cols, rows }: Preset,
  { width, height }: Cell,
  coverage: Uint8Array,
): Uint8Array {
  const pixels = new Uint8Array(cols * width * rows * height * 3)
  for (let cell = 0; cell < cols * rows; cell += 1) {
    const colour = cells.colour(cell)
    const from = cells.glyph(cell) * width * height
    const corner = Math.floor(cell / cols) * height * cols * width + (cell % cols) * width
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const ink = coverage[from + y * width + x] / 255
        const to = (corner + y * cols * width + x) * 3
        pixels[to] = (colour >> 16) * ink
        pixels[to + 1] = ((colour >> 8) & 255) * ink
        pixels[to + 2] = (colour & 255) * ink
      }
    }
  }
  return pixels
}
