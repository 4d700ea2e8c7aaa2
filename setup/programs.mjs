/** The programs that RiftLab starts as processes, built from their TypeScript once: a process then starts in a third of the time. */
import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Every program, as the path of its source without the ending: its build has the same path in the folder of the build. */
const programs = [
  'server/main',
  'server/sign-in',
  'server/worker',
  'server/tasks/engine-main',
  'engine/devices/main',
  'engine/imports/main',
];

/** Packages that are built in, because to open their hundreds of files, or to look for their exports, takes longer than all else. */
const builtIn = ['zod', 'chevrotain', 'pg-boss', '@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', 'onnx-proto'];

/** What packages in CommonJS require of Node. */
const require = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/** What lies beside a source (migrations, stored values, pages) is read there, wherever the build is. */
const placesOfSources = (root) => ({
  name: 'places of sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|mjs)$/, namespace: 'file' }, async ({ path }) => {
      if (!path.startsWith(root)) return undefined;
      const text = await readFile(path, 'utf8');
      const contents = text
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: extname(path) === '.ts' ? 'ts' : 'js' };
    });
  },
});

/**
 * @param {string} root of the checkout
 * @param {string} folder that the programs come into
 */
export async function bundlePrograms(root, folder) {
  const { build, stop } = await import('esbuild');
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  try {
    await build({
      absWorkingDir: root,
      entryPoints: programs.map((program) => join(root, `${program}.ts`)),
      outbase: root,
      outdir: folder,
      bundle: true,
      splitting: true,
      external: Object.keys(dependencies).filter((name) => !builtIn.includes(name)),
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      banner: { js: require },
      sourcemap: true,
      // Node reads all of a map when a program starts.
      sourcesContent: false,
      logLevel: 'silent',
      plugins: [placesOfSources(root)],
    });
  } finally {
    await stop();
  }
}
