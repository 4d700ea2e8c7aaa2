/** Builds the native module from the two sources inside @tensorflow/tfjs-node-gpu against TensorFlow's libraries. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SetupError } from '../steps.mjs';
import { lastLines, runProgram } from './process.mjs';
import { testedVersion } from './sources.mjs';

const require = createRequire(import.meta.url);

/** Only the binding's sources are used: package.json puts an empty package in the place of its own, old dependencies. */
const bindingPackage = require.resolve('@tensorflow/tfjs-node-gpu/package.json');

/** The version of the binding's sources. */
export const bindingVersion = require(bindingPackage).version;

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
  const sources = join(dirname(bindingPackage), 'binding');
  const nodeHeaders = require('node-api-headers').include_dir;
  const { code, signal, err } = await runProgram(compiler, [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
    ...[sources, join(libraries, 'include'), nodeHeaders].flatMap((folder) => ['-I', folder]),
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(sources, file)),
    ...['-L', libraries, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${runPath}`],
    ...['-o', target],
  ]);
  if (code !== 0)
    throw new SetupError(`${compiler} could not build the binding (${signal ?? `exit code ${code}`}):\n${lastLines(err, 25)}`);
}
