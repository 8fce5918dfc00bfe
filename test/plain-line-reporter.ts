// Ends a run with the one line CI reads: `N passed, N failed`, with `, N skipped` where there are any.

import type { Reporter, TestModule } from 'vitest/node'

export default class PlainLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0
    let skipped = 0
    // A file that fails to load and an error outside any test are failures too, though no test carries them.
    let failed = unhandled.length
    for (const module of modules) {
      let own = 0
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        else if (state === 'skipped') skipped += 1
        else own += 1
      }
      failed += own === 0 && module.state() === 'failed' ? 1 : own
    }
    const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
    // After the default reporter's own summary, which is written on the same event.
    process.once('exit', () => process.stdout.write(`${line}\n`))
  }
}
