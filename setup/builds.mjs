/** What is built from the sources: the programs and the pages, each build in a folder of its own. */
import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundlePrograms } from './programs.mjs';
import { filesUnder, root, run, SetupError, stampOf, step } from './steps.mjs';

/** What stands in the way of a build is for whoever wrote it: file, line and what is wrong. */
function tell(error) {
  throw new SetupError(error.message);
}

/** Builds the programs when their sources changed. Returns the folder of the build: as with the pages, each build has its own. */
export async function buildPrograms() {
  const isSource = (file) => /\.(ts|mjs)$/.test(file);
  const sources = ['engine', 'server', 'setup'].flatMap(filesUnder).filter(isSource);
  const kept = join(root, '.programs');
  const stamp = () => stampOf(['package-lock.json', ...sources], root);
  const folder = () => join(kept, stamp().slice(0, 16));
  await step(
    'programs',
    stamp,
    () => putInPlace(folder(), 20, (unfinished) => bundlePrograms(root, unfinished).catch(tell)),
    () => existsSync(folder()),
  );
  return folder();
}

/**
 * Builds the pages when their sources changed. Returns the folder of the build, below web/: each build has its own, so that a server
 * which runs from this checkout keeps the one that it has begun with. So has each base path, which is part of every address within.
 * @param {string} [basePath] as /riftlab
 */
export async function buildPages(basePath = '') {
  const stamp = () => stampOf(['package-lock.json', 'server/graphql/schema.graphql', ...filesUnder('web')], basePath);
  const folder = () => join('.next-kept', stamp().slice(0, 16));
  const isThere = () => existsSync(join(root, 'web', folder(), 'BUILD_ID'));
  const name = `build of the pages${basePath && ` for ${basePath}`}`;
  await step(name, stamp, () => bundle(folder, basePath), isThere);
  return folder();
}

/** Next builds in a folder of its own, which it clears first; the result is then put in place whole, elsewhere. */
async function bundle(folder, basePath) {
  await run('node', [join('node_modules', 'next', 'dist', 'bin', 'next'), 'build', 'web'], {
    NEXT_TELEMETRY_DISABLED: '1',
    NODE_ENV: 'production',
    RIFTLAB_BASE_PATH: basePath,
  });
  const built = join(root, 'web/.next');
  await putInPlace(join(root, 'web', folder()), 4, (unfinished) => {
    for (const name of readdirSync(built))
      if (!/^(cache|dev)$/.test(name)) cpSync(join(built, name), join(unfinished, name), { recursive: true });
  });
}

/** Has the folder of a build made whole, under another name, and leaves so many of the newest builds: a server may run from an older one. */
async function putInPlace(place, count, make) {
  const unfinished = `${place}.unfinished`;
  for (const path of [unfinished, place]) rmSync(path, { recursive: true, force: true });
  await make(unfinished);
  renameSync(unfinished, place);
  const kept = dirname(place);
  const age = (name) => statSync(join(kept, name)).mtimeMs;
  for (const name of readdirSync(kept)
    .sort((one, other) => age(other) - age(one))
    .slice(count))
    rmSync(join(kept, name), { recursive: true, force: true });
}
