/**
 * `npm test`: sets up what is missing, then runs vitest with the arguments given. `npm run test:quick` leaves out what starts
 * workers, whole servers or browsers; `npm run test:all` adds the long proofs, `*.long.test.ts`.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { buildPages } from './builds.mjs';
import { prepare } from './prepare.mjs';
import { orExit, root } from './steps.mjs';

const tiers = { '--quick': 'quick', '--all': 'all' };
const tier = tiers[process.argv[2]] ?? 'standard';
const options = process.argv.slice(tier === 'standard' ? 2 : 3);

await orExit(async () => {
  await prepare();
  if (tier !== 'quick') await buildPages();
});

const vitest = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...options], {
  cwd: root,
  env: { ...process.env, RIFTLAB_TEST: tier },
  stdio: 'inherit',
  detached: true,
});
giveWay(vitest.pid);
/** It is no child of a terminal: what it has started, servers and workers, learns of a Ctrl-C here alone. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.kill(-vitest.pid, signal));
vitest.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));

/** Tests wait for computations, which take a tenth of the processor beside others (server/tasks/give-way.ts): tests must not be those others. */
function giveWay(pid) {
  const niceness = constants.priority.PRIORITY_BELOW_NORMAL;
  try {
    setPriority(pid, niceness);
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // It has ended already, or this system has no such thing, or does not let us.
  }
}
