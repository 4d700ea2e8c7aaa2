import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

const folder = join(import.meta.dirname, 'test');

/** Tests that start workers, whole servers or browsers: `npm run test:quick` leaves them out. */
const starting = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.test.ts') && /helpers\/(browser|server|worker)\.ts'/.test(readFileSync(join(folder, file), 'utf8')),
  );

const left = process.env.RIFTLAB_TEST === 'quick' ? starting().map((file) => `test/${file}`) : [];

const project = (name: string, include: string[], globalSetup: string[], testTimeout: number) => ({
  extends: true as const,
  test: { name, include, exclude: [...configDefaults.exclude, ...left], globalSetup, testTimeout, hookTimeout: 120_000 },
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
