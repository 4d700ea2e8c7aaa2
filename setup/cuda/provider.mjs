/** Puts onnxruntime's CUDA provider beside its library, whole or not at all. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hasProvider, providerFiles, recordFile, runtimeFolder, runtimeVersion } from '../../engine/backends/onnx/cuda.mjs';
import { SetupError, say } from '../steps.mjs';
import { unpackWheel } from '../wheels/unpack.mjs';
import { readName } from '../wheels/versions.mjs';
import { download, findWheel } from '../wheels/wheel-index.mjs';

const project = 'onnxruntime-gpu';
const prefix = 'cuda-provider-';

/** A folder on the same disk as the packages; what earlier runs left there when they were killed goes. */
function scratchFolder(runtime) {
  for (const name of readdirSync(runtime)) if (name.startsWith(prefix)) rmSync(join(runtime, name), { recursive: true });
  return mkdtempSync(join(runtime, prefix));
}

function checkName(wheel, version) {
  if (!existsSync(wheel)) throw new SetupError(`--from ${wheel}: there is no such file.`);
  const name = readName(basename(wheel));
  if (name?.project === project && name.version === version) return;
  throw new SetupError(
    `--from ${basename(wheel)} is not ${project} ${version} for Linux on x86_64, the version of onnxruntime-node. Fetch it elsewhere with: pip download --no-deps --only-binary=:all: --platform manylinux_2_28_x86_64 --python-version 3.12 ${project}==${version}`,
  );
}

async function fetchProvider(folder, version) {
  const wheel = await findWheel(project, `==${version}`);
  say(`fetching ${wheel.filename} (about 250 MB)`);
  return download(wheel, folder);
}

/** Whether the provider for this version of the runtime was put there by this command. */
export function isInstalled(runtime = runtimeFolder()) {
  const record = recordFile(runtime);
  return hasProvider(runtime) && existsSync(record) && JSON.parse(readFileSync(record, 'utf8')).version === runtimeVersion();
}

/**
 * @param {string | undefined} wheel a file, where there is no network; fetched when absent
 * @param {string} runtime folder of onnxruntime's library
 */
export async function installProvider(wheel, runtime = runtimeFolder()) {
  const version = runtimeVersion();
  if (wheel !== undefined) checkName(wheel, version);
  mkdirSync(runtime, { recursive: true });
  const scratch = scratchFolder(runtime);
  const discard = () => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', discard);
  try {
    const file = wheel ?? (await fetchProvider(scratch, version));
    const members = await unpackWheel(file, scratch, (name) => providerFiles.includes(basename(name)));
    for (const name of providerFiles) {
      const member = members.find((path) => basename(path) === name);
      if (member === undefined) throw new SetupError(`${basename(file)} holds no ${name}.`);
      renameSync(join(scratch, member), join(scratch, name));
    }
    for (const name of providerFiles) renameSync(join(scratch, name), join(runtime, name));
  } finally {
    discard();
    process.off('exit', discard);
  }
}

/** Notes for which version the provider is and where its libraries are found. */
export function writeRecord(folders, runtime = runtimeFolder()) {
  const file = recordFile(runtime);
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).folders : [];
  const text = JSON.stringify({ version: runtimeVersion(), folders: folders.length > 0 ? folders : known }, null, 2);
  writeFileSync(`${file}.part`, `${text}\n`);
  renameSync(`${file}.part`, file);
}

export function removeProvider(runtime = runtimeFolder()) {
  for (const file of [...providerFiles.map((name) => join(runtime, name)), recordFile(runtime)]) rmSync(file, { force: true });
}
