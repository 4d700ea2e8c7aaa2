import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const folder = join(import.meta.dirname, 'test');

/** Where networks are trained and attacked for long, thousands of requests are sent, connections waited for, or other programs started. */
const long =
  /^(golden|bench|engine\/(stages|backends|devices|rift|training|attacks|models|cost)|server\/api\/(connections|fuzz|hostile-uploads|imports|members|proxies|reach|sockets)|engine\/data\/fetch)/;

/** What is imported to start workers, whole servers or browsers. */
const starting = /(helpers\/(browser|queue|server|worker)|faulty-lab|shared-work|signed-in|ask-sign-in)\.ts'/;

/** `npm run test:quick` leaves these out, and what starts workers, whole servers or browsers. */
const slow = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => long.test(file) || starting.test(readFileSync(join(folder, file), 'utf8')));

/** quick, standard or all (setup/test.mjs); vitest on its own takes whatever it is asked for. */
const tier = process.env.RIFTLAB_TEST ?? 'all';
const isQuick = tier === 'quick';
const left = [...(tier === 'all' ? [] : ['test/**/*.long.test.ts']), ...(isQuick ? slow().map((file) => `test/${file}`) : [])];

/** What every project needs that starts processes. */
const prepared = ['test/helpers/programs.mjs', 'test/helpers/datasets.ts'];
const withDatabase = [...prepared, 'test/helpers/postgres.ts'];
const withWorkers = [...withDatabase, 'test/helpers/speeds.ts'];

const project = (name: string, include: string[], globalSetup: string[]) => ({
  extends: true as const,
  test: { name, include, exclude: [...configDefaults.exclude, ...left], globalSetup },
});

/** The longest files have a browser: what is short is left for the end, when the other processes are done. */
class BrowserFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const hasBrowser = ({ project: { name } }: TestSpecification) => name === 'web';
    return [...sorted.filter(hasBrowser), ...sorted.filter((file) => !hasBrowser(file))];
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    /** A process takes one file after the other, and imports what they share once. */
    isolate: false,
    /** What was translated once is read again by the next run. */
    experimental: { fsModuleCache: true },
    /** Much of the time a test waits: for a page, a worker, a connection that is given up. */
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: BrowserFirst },
    /** For a machine that does much else. */
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    /** The same file that Node takes when a package imports it: two copies of graphql do not know each other's types. */
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
    reporters: ['default', './test/helpers/closing-line.ts'],
    projects: [
      project('house', ['test/*.test.ts'], []),
      project('engine', ['test/engine/**/*.test.ts', 'test/golden/**/*.test.ts', 'test/bench/**/*.test.ts'], prepared),
      project('server', ['test/server/**/*.test.ts'], isQuick ? withDatabase : withWorkers),
      project('web', ['test/web/**/*.test.ts'], isQuick ? [] : withWorkers),
    ],
  },
});
