/** Owns the run of end-to-end tests: against a real control plane, one file after the other, with time to build it. */

import { defineConfig } from 'vitest/config'

const hour = 3_600_000

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    globalSetup: ['test/e2e/setup.ts'],
    fileParallelism: false,
    testTimeout: hour,
    hookTimeout: hour,
  },
})
