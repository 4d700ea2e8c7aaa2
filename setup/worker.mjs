/** `npm run worker`: sets up what is missing, then becomes a worker. */
import { join } from 'node:path';
import { prepare, SetupError } from './steps.mjs';

try {
  await prepare();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`riftlab: ${error.message}`);
  process.exit(1);
}
process.setSourceMapsEnabled(true);
await import(join(process.env.RIFTLAB_PROGRAMS, 'server/worker.js'));
