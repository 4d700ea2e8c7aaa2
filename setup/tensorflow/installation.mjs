/**
 * The folder that the engine finds TensorFlow in: installation.json says what is there, and is written last. It lies outside
 * of node_modules, which npm ci empties.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '../steps.mjs';

export const installationFolder = () => resolve(process.env.RIFTLAB_TENSORFLOW || join(root, '.tensorflow'));

const record = 'installation.json';
const unfinished = /^unfinished-/;
const finished = /^build-/;

/**
 * @typedef {object} Installation
 * @property {string} key what it was made from
 * @property {string} version
 * @property {boolean} cuda whether the libraries can use NVIDIA GPUs
 * @property {string} binding path in the folder
 * @property {string} library path of TensorFlow's library, in the folder or elsewhere
 */

/** @returns {Installation | undefined} what is there, if it was made from the same */
export function readInstallation(key) {
  const folder = installationFolder();
  if (!existsSync(join(folder, record))) return undefined;
  const found = JSON.parse(readFileSync(join(folder, record), 'utf8'));
  return found.key === key && [found.binding, found.library].every((path) => existsSync(resolve(folder, path))) ? found : undefined;
}

/** A folder to work in; what an interrupted run has left there goes. */
export function beginInstallation() {
  const folder = installationFolder();
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (unfinished.test(name)) rmSync(join(folder, name), { recursive: true, maxRetries: 5 });
  const work = mkdtempSync(join(folder, 'unfinished-'));
  chmodSync(work, 0o755);
  return work;
}

/**
 * Makes the work the installation: from now on the engine finds it, and what was there before goes.
 * @param {string} work the folder that beginInstallation gave
 * @param {(place: (path: string) => string) => Installation} describe gets where a path of the work folder is afterwards
 */
export function finishInstallation(work, describe) {
  const folder = installationFolder();
  const name = work.slice(folder.length + 1).replace(unfinished, 'build-');
  const installation = describe((path) => (path.startsWith(work) ? join(name, path.slice(work.length)) : path));
  renameSync(work, join(folder, name));
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(installation, null, 1)}\n`);
  renameSync(join(folder, `${name}.json`), join(folder, record));
  for (const other of readdirSync(folder)) if (finished.test(other) && other !== name) rmSync(join(folder, other), { recursive: true });
  return installation;
}
