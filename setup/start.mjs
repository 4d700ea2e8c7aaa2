/** `npm start`: sets up what is missing, then becomes the server. */
import { join } from 'node:path';
import { buildPages } from './builds.mjs';
import { basePathOf, helpText, parseOptions, UsageError } from './options.mjs';
import { checkNode, prepare } from './prepare.mjs';
import { orExit, SetupError } from './steps.mjs';

const wantsAddress = process.argv.includes('--sign-in');
const argv = process.argv.slice(2).filter((argument) => argument !== '--sign-in');

if (argv.includes('--help') || argv.includes('-h')) {
  console.log(helpText());
  process.exit(0);
}

await orExit(async () => {
  checkNode();
  const { publicUrl } = parseOptions(argv, process.env);
  await prepare();
  if (!wantsAddress) process.env.RIFTLAB_PAGES = await buildPages(basePathOf(publicUrl));
}, [SetupError, UsageError]);

process.env.NODE_ENV = 'production';
process.env.NEXT_TELEMETRY_DISABLED = '1';
process.setSourceMapsEnabled(true);
if (wantsAddress) process.argv = [...process.argv.slice(0, 2), ...argv];
await import(join(process.env.RIFTLAB_PROGRAMS, wantsAddress ? 'server/sign-in.js' : 'server/main.js'));
