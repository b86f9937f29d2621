import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // One fewer than there are cores is the default: on two that is one file at a time, and the other core idles.
    maxWorkers: '100%',
  },
});
