/** What this machine has for TensorFlow on a GPU, and what is missing, by name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './process.mjs';

/** CUDA and cuDNN that a build wants, from what the package says of it; undefined for a build for CPUs. */
export function cudaOf(tensorflowFolder) {
  const file = join(tensorflowFolder, 'python/platform/build_info.py');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!/'is_cuda_build',\s*True/.test(text)) return undefined;
  const version = (name) => new RegExp(`'${name}',\\s*'([\\d.]+)'`).exec(text)?.[1];
  return { cuda: version('cuda_version'), cudnn: version('cudnn_version') };
}

/** The libraries that TensorFlow 2.21 opens when it finds a driver, with the folder of NVIDIA's wheels that holds each. */
const needed = {
  cuda_runtime: 'libcudart.so.12',
  cublas: 'libcublas.so.12',
  cudnn: 'libcudnn.so.9',
  cufft: 'libcufft.so.11',
  cusolver: 'libcusolver.so.11',
  cusparse: 'libcusparse.so.12',
};

const holds = (folder, library) => existsSync(folder) && readdirSync(folder).some((file) => file.startsWith(library));

/** Libraries that are neither beside TensorFlow nor where the system looks for libraries. */
export async function missingLibraries(tensorflowFolder) {
  const listed = await runProgram('ldconfig', ['-p'], { seconds: 20 });
  const folders = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean);
  return Object.entries(needed).flatMap(([wheel, library]) => {
    const places = [join(tensorflowFolder, '../nvidia', wheel, 'lib'), ...folders];
    return listed.out.includes(library) || places.some((folder) => holds(folder, library)) ? [] : [library];
  });
}
