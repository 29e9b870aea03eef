import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** The suites that need a real kube-apiserver. One file at a time: each starts its own, and the machine may be small. */
export default defineConfig({
  test: {
    root: join(import.meta.dirname, '..', '..'),
    include: ['test/kubernetes/**/*.test.ts'],
    testTimeout: 60_000,
    maxConcurrency: 10,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
