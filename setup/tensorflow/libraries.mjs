/** Brings TensorFlow's libraries and headers into a folder, with NVIDIA's libraries beside them. */
import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { readMetadata, unpackWheel } from '../wheels/unpack.mjs';
import { download, findWheel } from '../wheels/wheel-index.mjs';

/** Of a wheel's 15,000 files: the libraries, the headers of their C interface, and what is said of the build. */
const isOfTensorflow = (name) =>
  /^tensorflow\/libtensorflow_(cc|framework)\.so\.\d+$/.test(name) ||
  /^tensorflow\/include\/(tensorflow\/c|xla\/tsl\/c)\/.*\.h$/.test(name) ||
  /^tensorflow\/include\/.*\/ctstring[a-z_]*\.h$/.test(name) ||
  name === 'tensorflow/python/platform/build_info.py';

const isOfNvidia = (name) => /^nvidia\/[^/]+\/(lib|bin|nvvm)\//.test(name) && !name.endsWith('.a');

/** Projects with ranges of versions that `pip install tensorflow[and-cuda]` would add. */
export function cudaRequirements(metadata) {
  const lines = metadata.matchAll(/^Requires-Dist: ([\w.-]+?) *\(?([<>=!][^;)\n]*)\)? *;.*extra == ["']and-cuda["']/gm);
  return [...lines].map(([, project, range]) => [project, range.trim()]);
}

/**
 * @param {string[]} wheels
 * @param {string} folder gets tensorflow/ and nvidia/
 */
export async function unpackLibraries(wheels, folder, say) {
  for (const wheel of wheels) {
    say(`unpacking ${basename(wheel)}`);
    await unpackWheel(wheel, folder, (name) => isOfTensorflow(name) || isOfNvidia(name));
  }
}

/**
 * Fetches wheels one by one, so that no more than one of them lies beside what comes of it.
 * @param {[project: string, range: string][]} requirements
 * @param {string} folder gets tensorflow/ and nvidia/
 * @param {boolean} withCuda fetches NVIDIA's libraries too
 */
export async function fetchLibraries(requirements, folder, withCuda, say) {
  const open = [...requirements];
  for (let requirement = open.shift(); requirement; requirement = open.shift()) {
    const wheel = await findWheel(...requirement);
    say(`fetching ${wheel.filename} from ${wheel.url.host}`);
    const file = await download(wheel, folder);
    if (withCuda) open.push(...cudaRequirements(await readMetadata(file)));
    await unpackLibraries([file], folder, say);
    rmSync(file);
  }
}
