/** `npm start`: sets up what is missing, then becomes the server. */
import { helpText, parseOptions, UsageError } from './options.mjs';
import { buildPages, checkNode, prepare, root, SetupError } from './steps.mjs';

const argv = process.argv.slice(2);

if (argv.includes('--help') || argv.includes('-h')) {
  console.log(helpText());
  process.exit(0);
}

try {
  checkNode();
  parseOptions(argv, process.env);
  await prepare();
  process.env.RIFTLAB_PAGES = await buildPages();
} catch (error) {
  if (!(error instanceof SetupError) && !(error instanceof UsageError)) throw error;
  console.error(`riftlab: ${error.message}`);
  process.exit(1);
}

process.env.NODE_ENV = 'production';
process.env.NEXT_TELEMETRY_DISABLED = '1';
const { register } = await import('tsx/esm/api');
register();
await import(`${root}/server/main.ts`);
