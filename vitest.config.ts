import { defineConfig } from 'vitest/config'

// What is held to the clock: frames on their beat, browsers, crowds. One file at a time, or each makes the others late.
const ALONE = [
  'test/browser/**/*.test.ts',
  'test/src/source/sync.test.ts',
  'test/src/transport/{audience,first-seconds}.test.ts',
]

// What starts nothing that outlives a test and keeps nothing outside of one: files share their worker, which spares them its start.
const PURE = ['test/{client,signaling,structure,vendor}/**/*.test.ts']

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vitest's own second is shorter than a busy machine's moment, and what is polled for comes or does not.
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default', './test/plain-line-reporter.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: PURE, isolate: false, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, ...PURE],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
