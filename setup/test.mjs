/** `npm test`: sets up what is missing, then runs vitest with the arguments given. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildPages, prepare, root, SetupError } from './steps.mjs';

try {
  await prepare();
  await buildPages();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`riftlab: ${error.message}`);
  process.exit(1);
}

const vitest = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal));
vitest.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
