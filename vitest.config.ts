import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], globalSetup: string[], testTimeout: number) => ({
  extends: true as const,
  test: { name, include, globalSetup, testTimeout, hookTimeout: 120_000 },
});

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    /** The same file that Node takes when a package imports it: two copies of graphql do not know each other's types. */
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
    reporters: ['default', './test/helpers/closing-line.ts'],
    projects: [
      project('house', ['test/*.test.ts'], [], 60_000),
      project(
        'engine',
        ['test/engine/**/*.test.ts', 'test/golden/**/*.test.ts', 'test/bench/**/*.test.ts'],
        ['test/helpers/datasets.ts'],
        120_000,
      ),
      project('server', ['test/server/**/*.test.ts'], ['test/helpers/datasets.ts', 'test/helpers/postgres.ts'], 120_000),
      project('web', ['test/web/**/*.test.ts'], ['test/helpers/datasets.ts', 'test/helpers/postgres.ts'], 300_000),
    ],
  },
});
