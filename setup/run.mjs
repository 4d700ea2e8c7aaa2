/** `npm run bench` and the like: sets up what is missing, then runs a TypeScript file of the repository in this process. */
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { orExit, root } from './steps.mjs';

const [file, ...rest] = process.argv.slice(2);
await orExit(prepare);
process.argv = [process.argv[0], join(root, file), ...rest];
const { register } = await import('tsx/esm/api');
register();
await import(join(root, file));
