/** Where TensorFlow comes from: a Python that has it, wheels in a folder, or the package index. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { SetupError } from '../steps.mjs';
import { readName } from '../wheels/versions.mjs';
import { runProgram } from './process.mjs';

/** The release that RiftLab is tested with. */
export const testedVersion = '2.21.0';

/**
 * kind: python has its libraries in `folder`; wheels are files; index names projects with ranges of versions.
 * @typedef {{ kind: 'python', program: string, version: string, folder: string }
 *   | { kind: 'wheels', files: string[] }
 *   | { kind: 'index', requirements: [project: string, range: string][] }} Source
 */

const tensorflowProjects = ['tensorflow', 'tensorflow-cpu'];

/** Prints the folder and the version of the package without importing it, which takes seconds. */
const question = `
import importlib.metadata, importlib.util, json, os
spec = importlib.util.find_spec('tensorflow')
def version():
    for name in ('tensorflow', 'tensorflow-cpu', 'tensorflow-gpu', 'tf-nightly'):
        try: return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError: pass
    return 'unknown'
print(json.dumps(spec and {'folder': os.path.realpath(list(spec.submodule_search_locations)[0]), 'version': version()}))
`;

/** What a Python has; undefined when it has none. */
async function askPython(program) {
  const { code, out, err, missing } = await runProgram(program, ['-I', '-c', question], { seconds: 60 });
  if (missing) throw new SetupError(`There is no program ${program}. Name a Python, a wheel or a folder of wheels with --from.`);
  if (code !== 0)
    throw new SetupError(
      `${program} is no Python that answers: ${err.trim().split('\n').at(-1).slice(0, 200) || `it ended with ${code}`}.`,
    );
  const answer = JSON.parse(out);
  return answer ? { kind: 'python', program, ...answer } : undefined;
}

/** @returns {Promise<Source>} */
async function fromPython(program) {
  const source = await askPython(program);
  if (!source)
    throw new SetupError(
      `${program} has no tensorflow. Install it there with "${program} -m pip install tensorflow-cpu" (or "tensorflow[and-cuda]"), or leave --from out: the wheel is fetched then.`,
    );
  if (!existsSync(join(source.folder, 'libtensorflow_cc.so.2')))
    throw new SetupError(
      `The tensorflow ${source.version} of ${program} has no libtensorflow_cc.so.2 in ${source.folder}: take ${testedVersion}.`,
    );
  return source;
}

/** A tensorflow wheel and the NVIDIA wheels beside it. */
function fromFolder(folder, wantsCuda) {
  const wheels = readdirSync(folder).flatMap((file) => readName(file) ?? []);
  const ofTensorflow = wheels.filter(({ project }) => tensorflowProjects.includes(project));
  if (ofTensorflow.length === 0)
    throw new SetupError(
      `${folder} holds no wheel of tensorflow or tensorflow-cpu for Linux on ${process.arch}. Fetch one with "pip download --no-deps tensorflow-cpu==${testedVersion}".`,
    );
  const preferred = wantsCuda ? 'tensorflow' : 'tensorflow-cpu';
  const chosen = ofTensorflow.find(({ project }) => project === preferred) ?? ofTensorflow[0];
  const besides = chosen.project === 'tensorflow' ? wheels.filter(({ project }) => project.startsWith('nvidia-')) : [];
  return { kind: 'wheels', files: [chosen, ...besides].map(({ filename }) => join(folder, filename)) };
}

/** @returns {Promise<Source>} what --from names */
export async function sourceNamed(from, wantsCuda) {
  const path = resolve(from);
  if (!existsSync(path)) {
    if (from.includes('/')) throw new SetupError(`There is no ${path}. Name a Python, a wheel or a folder of wheels with --from.`);
    return fromPython(from);
  }
  if (statSync(path).isDirectory()) {
    const python = join(path, 'bin', 'python');
    return existsSync(python) ? fromPython(python) : fromFolder(path, wantsCuda);
  }
  if (!path.endsWith('.whl')) return fromPython(path);
  const name = readName(basename(path));
  if (!name || !tensorflowProjects.includes(name.project))
    throw new SetupError(`${basename(path)} is no wheel of tensorflow or tensorflow-cpu for Linux on ${process.arch}.`);
  return { kind: 'wheels', files: [path] };
}

/**
 * What is there already, or else the index.
 * @returns {Promise<Source>}
 */
export async function sourceFound(wantsCuda, say) {
  for (const program of ['python3', 'python']) {
    const isThere = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
    const source = isThere ? await askPython(program).catch(() => undefined) : undefined;
    if (!source) continue;
    const isFit = source.version === testedVersion && existsSync(join(source.folder, 'libtensorflow_cc.so.2'));
    if (isFit && (!wantsCuda || existsSync(join(source.folder, '../nvidia')))) return source;
    say(`${program} has tensorflow ${source.version}, which is left alone; --from ${program} takes it.`);
  }
  const project = wantsCuda || process.arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu';
  return { kind: 'index', requirements: [[project, `==${testedVersion}`]] };
}
