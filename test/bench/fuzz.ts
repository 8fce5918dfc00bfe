// Malformed messages against the real program: npm run bench -- fuzz [--messages 10000] [--seed 1] [--rounds 1] [--json FILE]
//
// The test does 10,000 with one seed; this takes any number, and counts the seed up with each round.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { besiege, type SiegeReport } from '../fuzz/siege.ts'

/** Throws when a round has found a fault, with the seed that shows it. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      messages: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  })
  const rows: SiegeReport[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const row = await besiege({ seed: Number(values.seed) + round, messages: Number(values.messages) })
    rows.push(row)
    const grownMb = (row.rssAfterBytes - row.rssBeforeBytes) / 2 ** 20
    process.stdout.write(
      `seed ${row.seed}: ${row.messages} messages in ${row.seconds.toFixed(1)} s, ${row.framesCorrect} of ${row.framesDue} frames correct meanwhile, ${grownMb.toFixed(1)} MB more afterwards${row.faults.map((fault) => `\n  ${fault}`).join('')}\n`,
    )
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows }, null, 2)}\n`)
  const faulty = rows.filter(({ faults }) => faults.length > 0)
  if (faulty.length > 0) throw new Error(`faults with seed ${faulty.map(({ seed }) => seed).join(', ')}`)
}
