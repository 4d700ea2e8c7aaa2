/** Where CUDA's libraries lie on this machine, and what to say of those that are missing. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cudaLibraries } from '../../engine/backends/onnx/cuda.mjs';
import { SetupError } from '../steps.mjs';

const entries = (folder) => (existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder).sort() : []);

const holdsLibraries = (folder) => entries(folder).some((name) => cudaLibraries.some(({ file }) => name === file));

/** A folder with libraries, a CUDA folder, or site-packages: the folders in it that hold libraries. */
function foldersWithin(folder) {
  const packages = [folder, join(folder, 'nvidia')].flatMap((parent) => entries(parent).map((name) => join(parent, name, 'lib')));
  return [folder, join(folder, 'lib64'), join(folder, 'lib'), ...packages].filter(holdsLibraries);
}

const askPython =
  'import site, sys, sysconfig; print("\\n".join({*sys.path, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}))';

function foldersOfPython(python) {
  let text;
  try {
    text = execFileSync(python, ['-c', askPython], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new SetupError(`--libraries ${python} is no folder, and as a Python it fails: ${error.message.split('\n')[0]}.`);
  }
  const found = text
    .split('\n')
    .filter((folder) => folder !== '')
    .flatMap(foldersWithin);
  if (found.length === 0) throw new SetupError(`${python} has none of CUDA's libraries. ${pipAdvice(cudaLibraries)}`);
  return found;
}

function foldersOf(given) {
  if (!existsSync(given) || !statSync(given).isDirectory()) return foldersOfPython(given);
  const found = foldersWithin(resolve(given));
  if (found.length === 0) throw new SetupError(`The folder ${given} holds none of ${cudaLibraries.map(({ file }) => file).join(', ')}.`);
  return found;
}

/**
 * Folders with CUDA's libraries, the most wanted first: those given, those of the variables, the usual ones.
 * @param {string[]} given folders, or Pythons with nvidia's packages
 */
export function findFolders(given) {
  const variables = ['CUDA_HOME', 'CUDA_PATH', 'CUDNN_HOME', 'CUDNN_PATH'].flatMap((name) => process.env[name] ?? []);
  const usual = entries('/usr/local')
    .filter((name) => /^cuda(-13.*)?$/.test(name))
    .map((name) => join('/usr/local', name));
  return [...new Set([...given.flatMap(foldersOf), ...[...variables, ...usual].flatMap(foldersWithin)])];
}

const stemOf = (file) => file.replace(/\.so\..*$/, '.so.');

/** Other versions of a library beside the wanted one: the commonest mistake. */
function otherVersions(file, folders) {
  const places = [...folders, '/usr/lib/x86_64-linux-gnu', '/usr/lib64', ...foldersInPath()];
  const found = places.flatMap((folder) => entries(folder).filter((name) => name.startsWith(stemOf(file)) && name !== file));
  return [...new Set(found)].slice(0, 3);
}

const foldersInPath = () => (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== '');

/** One line for a library that could not be loaded. */
export function describeMissing({ file, part, reason }, folders) {
  if (!/cannot open shared object file: No such file/.test(reason)) return `${file} (${part}) cannot be loaded: ${reason}`;
  const others = otherVersions(file, folders);
  const hint = others.length > 0 ? `; there is ${others.join(', ')}, which is another version` : '';
  return reason.startsWith(`${file}:`) ? `${file} (${part}) is missing${hint}` : `${file} (${part}) lacks a library itself: ${reason}`;
}

/** How to get what is missing. */
export function pipAdvice(missing) {
  const packages = [...new Set(missing.flatMap((library) => library.package ?? []))];
  if (packages.length === 0) return 'Install the NVIDIA driver; in a container, start it with the GPU (--gpus all).';
  const list = packages.map((name) => `"${name}"`).join(' ');
  return `Install it from NVIDIA, or into any Python: pip install ${list}; then npm run setup:cuda -- --libraries PYTHON.`;
}
