/** `npm run bench` and the like: sets up what is missing, then runs a TypeScript file of the repository in this process. */
import { join } from 'node:path';
import { prepare, root, SetupError } from './steps.mjs';

const [file, ...rest] = process.argv.slice(2);
try {
  await prepare();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`riftlab: ${error.message}`);
  process.exit(1);
}
process.argv = [process.argv[0], join(root, file), ...rest];
const { register } = await import('tsx/esm/api');
register();
await import(join(root, file));
