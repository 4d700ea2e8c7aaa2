/** The steps of setting up: each is done once for the same stamp, by one start at a time, and says so. Only Node's own modules. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

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

/**
 * Does `act` unless it was done for the same stamp before and its product is there; says so, with the time it took.
 * The stamp is taken again afterwards: Next rewrites its own tsconfig.json while it builds.
 * @param {string} name
 * @param {() => string} stamp
 * @param {() => Promise<void>} act
 * @param {() => boolean} isThere
 */
export async function step(name, stamp, act, isThere) {
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
export async function alone(act) {
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

export async function timed(name, act) {
  say(`${name} …`);
  const begin = Date.now();
  await act();
  say(`${name} ready (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
}

export function say(text) {
  console.log(`riftlab: ${text}`);
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs a command to its end; what it says is shown only if it fails. */
export function run(command, commandArguments, environment = {}) {
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

export function stampOf(files, more = '') {
  const hash = createHash('sha256').update(process.version.split('.')[0]).update(more);
  for (const file of files)
    if (existsSync(join(root, file)))
      hash
        .update(file)
        .update('\0')
        .update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

export function filesUnder(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => !/^(\.next.*|node_modules|next-env\.d\.ts|.*\.tsbuildinfo)$/.test(name))
    .sort()
    .flatMap((name) => (statSync(join(path, name)).isDirectory() ? filesUnder(join(folder, name)) : [join(folder, name)]));
}
