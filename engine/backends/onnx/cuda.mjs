/**
 * What onnxruntime needs for NVIDIA GPUs: where its provider lies, which libraries that needs, how they are found and
 * loaded. Plain JavaScript, because the set-up command uses it before anything else runs.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** Keeps a library in the process when Node, which finds no addon in it, closes it again (glibc's RTLD_NODELETE). */
const stay = 0x1000;

/**
 * What the provider links to, each after what it needs itself. cuDNN and NVRTC are opened by name when the first
 * convolution runs. package: where pip has it.
 */
export const cudaLibraries = [
  { file: 'libcuda.so.1', part: 'NVIDIA driver' },
  { file: 'libcudart.so.13', part: 'CUDA 13 runtime', package: 'nvidia-cuda-runtime~=13.0' },
  { file: 'libcublasLt.so.13', part: 'CUDA 13 cuBLAS', package: 'nvidia-cublas~=13.0' },
  { file: 'libcublas.so.13', part: 'CUDA 13 cuBLAS', package: 'nvidia-cublas~=13.0' },
  { file: 'libcurand.so.10', part: 'CUDA 13 cuRAND', package: 'nvidia-curand~=10.0' },
  { file: 'libnvrtc.so.13', part: 'CUDA 13 NVRTC', package: 'nvidia-cuda-nvrtc~=13.0' },
  { file: 'libcudnn.so.9', part: 'cuDNN 9', package: 'nvidia-cudnn-cu13~=9.0' },
];

/** The parts of onnxruntime-gpu that onnxruntime-node lacks. */
export const providerFiles = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

/** The folder of onnxruntime's own library: it looks for providers there and nowhere else. */
export function runtimeFolder() {
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  return join(runtime, 'bin', 'napi-v6', process.platform, process.arch);
}

export function runtimeVersion() {
  return createRequire(import.meta.url)('onnxruntime-node/package.json').version;
}

/** Where the set-up command writes in which folders it found the libraries. */
export const recordFile = (folder = runtimeFolder()) => join(folder, 'riftlab-cuda.json');

/** Folders with libraries: from the variable, and from the set-up command; none when the system's loader finds them all. */
export function libraryFolders(file = recordFile()) {
  const given = (process.env.RIFTLAB_CUDA_LIBRARIES ?? '').split(delimiter).filter((folder) => folder !== '');
  return existsSync(file) ? [...given, ...JSON.parse(readFileSync(file, 'utf8')).folders] : given;
}

export const hasProvider = (folder = runtimeFolder()) => providerFiles.every((file) => existsSync(join(folder, file)));

/**
 * Loads a library into this process for good, so that what is loaded later finds it by its name.
 * @returns undefined, or what the loader says
 */
function load(path) {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | stay);
  } catch (error) {
    return error.message.startsWith('Module did not self-register') ? undefined : error.message;
  }
}

/** Loads the first of the library's places that works: the folders, then where the system looks. */
function loadFrom(file, folders) {
  const places = [...folders.map((folder) => join(folder, file)).filter((path) => existsSync(path)), file];
  let reason;
  for (const path of places) {
    const failed = load(path);
    if (failed === undefined) return undefined;
    reason ??= failed;
  }
  return reason;
}

/** Loads what the provider needs; returns what is missing. */
export function loadCudaLibraries(folders = libraryFolders()) {
  return cudaLibraries.flatMap((library) => {
    const reason = loadFrom(library.file, folders);
    return reason === undefined ? [] : [{ ...library, reason }];
  });
}

/**
 * The GPUs as the driver's own command lists them, numbered as CUDA does where CUDA_VISIBLE_DEVICES chooses some; or why
 * there are none.
 */
export function listGpus(command = 'nvidia-smi') {
  const query = ['--query-gpu=index,name,memory.total,driver_version,uuid', '--format=csv,noheader,nounits'];
  return new Promise((resolve) => {
    execFile(command, query, { timeout: 10_000 }, (error, text, complaint) => {
      if (error) return resolve({ gpus: [], reason: whyNone(command, error, `${text}${complaint}`) });
      const listed = text
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(',').map((field) => field.trim()));
      const gpus = visible(listed).map(([, name, megabytes, driver, uuid], index) => ({
        index,
        name,
        memoryBytes: Number(megabytes) * 2 ** 20,
        driver,
        uuid,
      }));
      if (gpus.length > 0) return resolve({ gpus });
      resolve({ gpus, reason: listed.length > 0 ? 'CUDA_VISIBLE_DEVICES hides them all' : `${command} lists no GPU` });
    });
  });
}

/** CUDA's rule: numbers or beginnings of names, in the order given; the first that fits none ends the list. */
function visible(listed) {
  const chosen = process.env.CUDA_VISIBLE_DEVICES;
  if (chosen === undefined) return listed;
  const found = chosen
    .split(',')
    .map((wish) =>
      listed.find(([index, , , , uuid]) => index === wish.trim() || (wish.trim().startsWith('GPU-') && uuid?.startsWith(wish.trim()))),
    );
  const end = found.indexOf(undefined);
  return end < 0 ? found : found.slice(0, end);
}

/** Megabytes of a GPU that are taken now, by whomever; undefined where the driver does not tell. */
export async function usedGpuMemory(index, command = 'nvidia-smi') {
  const { gpus } = await listGpus(command);
  const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits', `--id=${gpus[index]?.uuid ?? index}`];
  return new Promise((resolve) => {
    execFile(command, query, { timeout: 10_000 }, (error, text) => {
      const megabytes = Number.parseInt(text, 10);
      resolve(error || Number.isNaN(megabytes) ? undefined : megabytes);
    });
  });
}

function whyNone(command, error, said) {
  if (error.code === 'ENOENT') return `there is no NVIDIA driver (${command} is not installed)`;
  if (error.killed) return `${command} did not answer within 10 s`;
  return `${command} failed: ${said.trim().split('\n')[0] || error.message}`;
}
