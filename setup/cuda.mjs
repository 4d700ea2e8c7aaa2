/** `npm run setup:cuda`: lets onnxruntime compute on NVIDIA GPUs, or says what is missing and what to do. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { libraryFolders, listGpus, loadCudaLibraries, runtimeVersion } from '../engine/backends/onnx/cuda.mjs';
import { describeMissing, findFolders, pipAdvice } from './cuda/libraries.mjs';
import { installProvider, isInstalled, removeProvider, writeRecord } from './cuda/provider.mjs';
import { checkNode } from './prepare.mjs';
import { root, SetupError, say } from './steps.mjs';

const help = `Usage: npm run setup:cuda -- [options]

Takes onnxruntime's CUDA provider from the wheel onnxruntime-gpu of the same version, checks the NVIDIA driver, CUDA 13
and cuDNN 9, and computes a test on every GPU. Without it RiftLab computes on the CPU.

  --from WHEEL          The wheel as a file, for machines without a network.
  --libraries PLACE     A folder with CUDA's libraries, a CUDA folder, or a Python with nvidia's packages (as PyTorch
                        brings them). May be given several times. CUDA_HOME and CUDNN_HOME count too.
  --provider-only       Puts the provider in its place without looking for a GPU.
  --remove              Takes it away again.
  --help                This list.

The index and the proxy are pip's: PIP_INDEX_URL, HTTPS_PROXY, PIP_CERT.`;

/** The first driver that knows CUDA 13. */
const oldestDriver = 580;

function readOptions() {
  const options = {
    from: { type: 'string' },
    libraries: { type: 'string', multiple: true, default: [] },
    'provider-only': { type: 'boolean', default: false },
    remove: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new SetupError(`${error.message.split('\n')[0]} npm run setup:cuda -- --help lists the options.`);
  }
}

async function checkDriver() {
  const { gpus, reason } = await listGpus();
  if (reason !== undefined)
    throw new SetupError(`No NVIDIA GPU: ${reason}. Install driver ${oldestDriver} or newer; in a container, start it with the GPU.`);
  for (const { index, name, memoryBytes, driver } of gpus) {
    say(`GPU ${index}: ${name}, ${Math.round(memoryBytes / 2 ** 20)} MiB, driver ${driver}`);
    if (Number.parseInt(driver, 10) < oldestDriver)
      throw new SetupError(`The NVIDIA driver is ${driver}; CUDA 13 needs ${oldestDriver} or newer. Update the driver.`);
  }
}

function checkLibraries(given) {
  const folders = [...new Set([...findFolders(given), ...libraryFolders()])];
  const missing = loadCudaLibraries(folders);
  if (missing.length > 0) {
    const lines = missing.map((library) => `  ${describeMissing(library, folders)}`);
    const places = [...folders, "the system's loader (ldconfig, LD_LIBRARY_PATH)"].join(', ');
    throw new SetupError(`Libraries are missing. Looked in: ${places}.\n${lines.join('\n')}\n${pipAdvice(missing)}`);
  }
  say(`CUDA 13 and cuDNN 9 load${folders.length > 0 ? ` from ${folders.join(', ')}` : ''}`);
  return folders;
}

/** Every GPU computes the self-test in a process of its own, against stored numbers. */
async function testGpus() {
  const { register } = await import('tsx/esm/api');
  register();
  const { probeCuda } = await import(join(root, 'engine/backends/onnx/probe.ts'));
  const { checkDevice } = await import(join(root, 'engine/devices/check.ts'));
  const { devices, missing } = await probeCuda();
  if (devices.length === 0) throw new SetupError(`${missing[0].reason} ${missing[0].hint}`);
  for (const device of devices) {
    const checked = await checkDevice(device, { threads: 1, measure: false });
    if (checked.state === 'failed')
      throw new SetupError(`GPU ${device.index}: ${checked.problem}${checked.hint ? ` ${checked.hint}` : ''}`);
    say(`GPU ${device.index}: self-test ${checked.selfTest}`);
  }
}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(help);
  checkNode();
  if (options.remove) {
    removeProvider();
    return say("onnxruntime's CUDA provider is removed");
  }
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new SetupError(`onnxruntime computes on CUDA under Linux on x64; this is ${process.platform} on ${process.arch}.`);
  const provide = async () => {
    if (isInstalled() && options.from === undefined) return say(`onnxruntime's CUDA provider ${runtimeVersion()} is in its place`);
    await installProvider(options.from);
    say(`onnxruntime's CUDA provider ${runtimeVersion()} is put in its place`);
  };
  if (options['provider-only']) {
    await provide();
    return writeRecord([]);
  }
  await checkDriver();
  const folders = checkLibraries(options.libraries);
  await provide();
  writeRecord(folders);
  await testGpus();
  say('ready: npm start takes the fastest device that passes');
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`riftlab: ${error.message}\nriftlab: without CUDA, RiftLab computes on the CPU.`);
  process.exitCode = 1;
}
