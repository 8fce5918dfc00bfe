// Trains the probabilities every slice starts with: node test/bench/train-slice-tables.ts FOLDER
//
// Writes vendor/asciline/slice/start-table.ts, and with it a new version of the wire. Every clip is encoded at every
// preset as it would be sent; what counts is how a context's FIRST decisions of a slice fall, since the adaptation forgets
// the start within about 2^SLOW_SHIFT of them. The clips must not be those the quality figures are measured on.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { PRESETS } from '../../src/encode/preset.ts'
import { SliceDecoder, SliceEncoder } from '../../vendor/asciline/index.ts'
import { CONTEXTS, QUICK_SHIFT, SLOW_SHIFT } from '../../vendor/asciline/slice/contexts.ts'
import { RangeDecoder } from '../../vendor/asciline/slice/range-decoder.ts'
import { clipFrames, listClips } from './clip-frames.ts'

const TABLE_FILE = new URL('../../vendor/asciline/slice/start-table.ts', import.meta.url)
const SECONDS_PER_CLIP = 4
const LOWEST = 512
const HIGHEST = 65_536 - LOWEST

/** A range decoder that keeps count of what each context decides at the start of a slice. */
class CountingDecoder extends RangeDecoder {
  readonly noes = new Float64Array(CONTEXTS)
  readonly yeses = new Float64Array(CONTEXTS)
  readonly #seen = new Uint32Array(CONTEXTS)

  override begin(startTable: Uint16Array, bytes: Uint8Array, at: number): void {
    super.begin(startTable, bytes, at)
    this.#seen.fill(0)
  }

  override decode(context: number): number {
    const bit = super.decode(context)
    // The weight is what is left of the start value by the time this decision comes.
    const seen = this.#seen[context]
    const weight = ((1 - 2 ** -QUICK_SHIFT) ** seen + (1 - 2 ** -SLOW_SHIFT) ** seen) / 2
    this.#seen[context] += 1
    if (bit === 0) this.noes[context] += weight
    else this.yeses[context] += weight
    return bit
  }
}

async function train(folder: string): Promise<void> {
  const clips = listClips(folder)
  const noes = new Float64Array(CONTEXTS)
  const yeses = new Float64Array(CONTEXTS)
  let bytes = 0
  for (const clip of clips) {
    const coder = new CountingDecoder({ contexts: CONTEXTS })
    for (const preset of Object.values(PRESETS)) {
      const encoder = new SliceEncoder(preset)
      const decoder = new SliceDecoder(preset, coder)
      let index = 0
      for await (const rgb of clipFrames(clip, preset, SECONDS_PER_CLIP)) {
        for (const message of encoder.encode(rgb, index, 0)) {
          bytes += message.length
          decoder.decode(message)
        }
        index += 1
      }
    }
    // Every clip has the same say, however long and busy it is; rare contexts lean on even odds.
    let total = 0
    for (let context = 0; context < CONTEXTS; context += 1)
      total += coder.noes[context] + coder.yeses[context]
    for (let context = 0; context < CONTEXTS; context += 1) {
      noes[context] += (1e6 / total) * coder.noes[context]
      yeses[context] += (1e6 / total) * coder.yeses[context]
    }
    process.stdout.write(`  ${basename(clip)}\n`)
  }
  process.stdout.write(`${clips.length} clips, ${bytes} bytes under the table before\n`)
  const table = Array.from(noes, (no, context) => {
    const probability = Math.round((65_536 * (no + 8)) / (no + yeses[context] + 16))
    return Math.min(HIGHEST, Math.max(LOWEST, probability))
  })
  writeFileSync(TABLE_FILE, tableSource(table, clips))
}

function tableSource(table: number[], clips: string[]): string {
  const names = clips.map((clip) => `//   ${basename(clip)}`).join('\n')
  return `// Where every probability starts: a trained table both sides share. Its version is the version of the wire.
//
// Written by test/bench/train-slice-tables.ts; train again rather than edit. Trained on
${names}
// from the Debian packages named in the README, at all four presets.

/** Rises with every change of the table or of the context layout: both ends must have the same. */
export const TABLE_VERSION = 2

const PROBABILITIES = [${table.join(', ')}]

/** Probability of NO in 1/65536 for each context. */
export const START_TABLE: Uint16Array = Uint16Array.from(PROBABILITIES)
`
}

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('which folder of clips?')
await train(folder)
spawnSync('biome', ['format', '--write', TABLE_FILE.pathname], { stdio: 'inherit' })
