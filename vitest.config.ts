import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // More files at once than there are cores: many wait, for a process, a server that says "later", or a lock to run out.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
  },
});
