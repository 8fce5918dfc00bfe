// Ten thousand messages that nobody should send, from strangers, from viewers with the PIN and from pages gone mad, against the
// real program. `npm run bench -- fuzz` does it longer and with other seeds.

import { expect, test } from 'vitest'
import { besiege } from '../fuzz/siege.ts'

const SEED = 20_261

test('10,000 malformed messages: no crash, no hang, and a viewer who watches goes on seeing right frames', async () => {
  const report = await besiege({ seed: SEED, messages: 10_000, restMs: 3000 })
  const said = `seed ${report.seed}: ${JSON.stringify(report, null, 1)}`
  process.stdout.write(
    `fuzz, seed ${report.seed}: ${report.messages} messages in ${report.seconds.toFixed(1)} s, ${report.framesCorrect} of ${report.framesDue} frames correct meanwhile, ${((report.rssAfterBytes - report.rssBeforeBytes) / 2 ** 20).toFixed(1)} MB more afterwards\n`,
  )
  expect(report.faults, said).toEqual([])
  expect(report.messages, said).toBeGreaterThanOrEqual(10_000)
  expect(report.framesCorrect, said).toBeGreaterThan(0)
  expect(report.rssAfterBytes - report.rssBeforeBytes, said).toBeLessThan(100 * 2 ** 20)
}, 150_000)
