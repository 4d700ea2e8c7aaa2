/**
 * `npm test`: sets up what is missing, then runs vitest with the arguments given. `npm run test:quick` leaves out what starts
 * workers, whole servers or browsers.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildPages, prepare, root, SetupError } from './steps.mjs';

const isQuick = process.argv[2] === '--quick';
const options = process.argv.slice(isQuick ? 3 : 2);

try {
  await prepare();
  if (!isQuick) await buildPages();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`riftlab: ${error.message}`);
  process.exit(1);
}

const vitest = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...options], {
  cwd: root,
  env: { ...process.env, ...(isQuick && { RIFTLAB_TEST: 'quick' }) },
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal));
vitest.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
