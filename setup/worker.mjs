/** `npm run worker`: sets up what is missing, then becomes a worker. */
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { orExit } from './steps.mjs';

await orExit(prepare);
process.setSourceMapsEnabled(true);
await import(join(process.env.RIFTLAB_PROGRAMS, 'server/worker.js'));
