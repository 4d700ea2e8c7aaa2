/** `npm run setup:tensorflow`: brings TensorFlow, builds the binding that the engine loads, and says what it found. */
import { rmSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';
import { orExit, root, SetupError, say } from './steps.mjs';

const usage = `Usage: npm run setup:tensorflow -- [options]

Makes the backend tensorflow available: finds TensorFlow or fetches it, builds the binding, and checks that it computes right.

  --from SOURCE   a Python that has tensorflow, a folder of wheels, or a wheel; found or fetched when not given
  --cpu, --cuda   what to fetch: for the CPU, or for NVIDIA GPUs (3 GB more); by the driver when not given
  --help          this text

It is put into ./.tensorflow, or the folder that RIFTLAB_TENSORFLOW names. Fetching follows PIP_INDEX_URL, PIP_CERT and HTTPS_PROXY.`;

function readOptions() {
  const kinds = { from: { type: 'string' }, cpu: { type: 'boolean' }, cuda: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } };
  try {
    const { values } = parseArgs({ options: kinds });
    if (values.cpu && values.cuda) throw new Error('--cpu and --cuda exclude each other.');
    return values;
  } catch (error) {
    throw new SetupError(`${error.message}\n\n${usage}`);
  }
}

/** Where the source's libraries are, once they are there. */
async function bringLibraries(source, work, withCuda) {
  const { fetchLibraries, unpackLibraries } = await import('./tensorflow/libraries.mjs');
  if (source.kind === 'python') return source.folder;
  if (source.kind === 'wheels') await unpackLibraries(source.files, work, say);
  else await fetchLibraries(source.requirements, work, withCuda, say);
  return join(work, 'tensorflow');
}

/** What a source is made of: the same key means that nothing has to be done. */
function keyOf(source, withCuda, bindingVersion) {
  const fileKey = (file) => `${file} ${statSync(file).size} ${statSync(file).mtimeMs}`;
  const libraries = {
    python: ({ folder }) => fileKey(join(folder, 'libtensorflow_cc.so.2')),
    wheels: ({ files }) => files.map(fileKey).join(', '),
    index: ({ requirements }) => `${requirements.flat().join(' ')}${withCuda ? ' with CUDA' : ''}`,
  };
  return `${libraries[source.kind](source)}; binding ${bindingVersion}`;
}

async function install(source, key, withCuda) {
  const { buildBinding, findCompiler } = await import('./tensorflow/binding.mjs');
  const { beginInstallation, finishInstallation } = await import('./tensorflow/installation.mjs');
  const { checkBinding } = await import('./tensorflow/check.mjs');
  const { cudaOf } = await import('./tensorflow/devices.mjs');
  const compiler = await findCompiler();
  const work = beginInstallation();
  try {
    const libraries = await bringLibraries(source, work, withCuda);
    say('building the binding');
    const binding = join(work, 'tensorflow.node');
    await buildBinding(compiler, libraries, binding, source.kind === 'python' ? libraries : '$ORIGIN/tensorflow');
    const found = await checkBinding(binding);
    const installation = finishInstallation(work, (place) => ({
      key,
      version: found.version,
      cuda: cudaOf(libraries) !== undefined,
      binding: place(binding),
      library: place(join(libraries, 'libtensorflow_cc.so.2')),
    }));
    return { installation, gpu: found.gpu };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function report({ installation, gpu }, gpus, reason) {
  const { cudaOf, missingLibraries } = await import('./tensorflow/devices.mjs');
  const { installationFolder } = await import('./tensorflow/installation.mjs');
  const folder = resolve(installationFolder(), installation.library, '..');
  const cuda = cudaOf(folder);
  say(`TensorFlow ${installation.version} in ${relative(root, folder) || folder}; a convolution and its gradients are right`);
  say(cuda ? `built for CUDA ${cuda.cuda} and cuDNN ${cuda.cudnn}` : 'built for CPUs, without CUDA');
  say(`NVIDIA GPUs: ${gpus.map(({ index, name, driver }) => `${index} ${name}, driver ${driver}`).join('; ') || `none, ${reason}`}`);
  if (gpu) say('ready: TensorFlow computes on GPUs and on the CPU');
  else say('ready: TensorFlow computes on the CPU');
  if (gpu || gpus.length === 0) return;
  const missing = cuda ? await missingLibraries(folder) : [];
  if (!cuda) say('for the GPUs run: npm run setup:tensorflow -- --cuda');
  else if (missing.length > 0)
    say(`for the GPUs these libraries are missing: ${missing.join(', ')}; npm run setup:tensorflow -- --cuda fetches them`);
  else say('for the GPUs a newer driver may be missing: CUDA 12 needs 525 or newer; nvidia-smi shows the one that is there');
}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(usage);
  if (process.platform !== 'linux')
    throw new SetupError(`TensorFlow is set up on Linux; this is ${process.platform}. The default backend runs here.`);
  await prepare();
  const { sourceFound, sourceNamed } = await import('./tensorflow/sources.mjs');
  const { listGpus } = await import('../engine/backends/onnx/cuda.mjs');
  const { bindingVersion } = await import('./tensorflow/binding.mjs');
  const { readInstallation, installationFolder } = await import('./tensorflow/installation.mjs');
  const { checkBinding } = await import('./tensorflow/check.mjs');
  const { gpus, reason } = await listGpus();
  const withCuda = options.cuda || (!options.cpu && gpus.length > 0);
  const source = options.from ? await sourceNamed(options.from, withCuda) : await sourceFound(withCuda, say);
  const key = keyOf(source, withCuda, bindingVersion);
  const installation = readInstallation(key);
  const before = installation && (await checkBinding(resolve(installationFolder(), installation.binding)).catch(() => undefined));
  await report(before ? { installation, gpu: before.gpu } : await install(source, key, withCuda), gpus, reason);
}

await orExit(main);
