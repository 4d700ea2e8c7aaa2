/** Builds the native module from the two sources inside @tensorflow/tfjs-node-gpu against TensorFlow's libraries. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SetupError } from '../steps.mjs';
import { unpackPackage } from './npm-package.mjs';
import { lastLines, runProgram } from './process.mjs';
import { testedVersion } from './sources.mjs';

/**
 * Only this package's sources are used. It is no dependency: its own dependencies are old, and it would install them, a
 * download script included, for everybody.
 */
export const bindingPackage = {
  name: '@tensorflow/tfjs-node-gpu',
  version: '4.22.0',
  integrity: 'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==',
};

/** The sources, through npm, which knows the registry, its credentials and the proxy. */
async function fetchSources(folder) {
  const { name, version, integrity } = bindingPackage;
  const parameters = ['pack', `${name}@${version}`, '--ignore-scripts', '--json', '--loglevel=error', '--pack-destination', folder];
  const { code, out, err, missing } = await runProgram('npm', parameters);
  if (missing) throw new SetupError(`npm is needed to fetch ${name} and is not on PATH.`);
  if (code !== 0) throw new SetupError(`npm could not fetch ${name}@${version}:\n${lastLines(err || out)}`);
  const archive = readFileSync(join(folder, JSON.parse(out)[0].filename));
  unpackPackage(archive, integrity, folder, (file) => file.startsWith('binding/'));
  return join(folder, 'binding');
}

/** @throws {SetupError} that says how to get one */
export async function findCompiler() {
  const compilers = process.env.CXX ? [process.env.CXX] : ['g++', 'c++', 'clang++'];
  for (const compiler of compilers) if (!(await runProgram(compiler, ['--version'])).missing) return compiler;
  throw new SetupError(
    `There is no C++ compiler: ${compilers.join(', ')} ${compilers.length > 1 ? 'are' : 'is'} not on PATH. Install one (Debian and Ubuntu: "apt install g++", Fedora: "dnf install gcc-c++") or name it in CXX.`,
  );
}

/**
 * @param {string} compiler
 * @param {string} libraries TensorFlow's folder, with its headers in include/
 * @param {string} target the module's path
 * @param {string} runPath where the module looks for the libraries
 */
export async function buildBinding(compiler, libraries, target, runPath) {
  for (const file of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/tensorflow/c/eager/c_api.h'])
    if (!existsSync(join(libraries, file)))
      throw new SetupError(`${file} of TensorFlow is missing in ${libraries}. Take tensorflow ${testedVersion}.`);
  const scratch = mkdtempSync(join(dirname(target), 'sources-'));
  try {
    const sources = await fetchSources(scratch);
    const nodeHeaders = createRequire(import.meta.url)('node-api-headers').include_dir;
    const { code, signal, err } = await runProgram(compiler, [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
      ...[sources, join(libraries, 'include'), nodeHeaders].flatMap((folder) => ['-I', folder]),
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(sources, file)),
      ...['-L', libraries, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${runPath}`],
      ...['-o', target],
    ]);
    if (code !== 0)
      throw new SetupError(`${compiler} could not build the binding (${signal ?? `exit code ${code}`}):\n${lastLines(err, 25)}`);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
