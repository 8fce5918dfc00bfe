import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more workers than that only make each other's real-time tests late.
    maxWorkers: 2,
    reporters: ['default', './test/plain-line-reporter.ts'],
  },
})
