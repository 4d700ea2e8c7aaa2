/** What `npm run setup:tensorflow` has left for the engine. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EngineError } from '../../errors.ts';

/** How to get TensorFlow, for every error that says it is not there. */
export const setupHint = 'Set it up with "npm run setup:tensorflow".';

export interface Installation {
  /** TensorFlow's. */
  version: string;
  /** Whether the libraries can use NVIDIA GPUs. */
  cuda: boolean;
  /** The native module, built for the libraries. */
  binding: string;
}

/** The folder of the installation: RIFTLAB_TENSORFLOW, or .tensorflow in the repository. */
export const installationFolder = () => resolve(process.env.RIFTLAB_TENSORFLOW || join(import.meta.dirname, '../../../.tensorflow'));

/** Throws EngineError when TensorFlow is not set up, or when what was set up is gone. */
export function findInstallation(folder = installationFolder()): Installation {
  const file = join(folder, 'installation.json');
  if (!existsSync(file)) throw new EngineError('The backend tensorflow is not set up on this machine.', setupHint);
  const { version, cuda, binding, library } = JSON.parse(readFileSync(file, 'utf8')) as Installation & { library: string };
  for (const path of [binding, library])
    if (!existsSync(resolve(folder, path)))
      throw new EngineError(`TensorFlow was set up, but ${resolve(folder, path)} is gone.`, setupHint);
  return { version, cuda, binding: resolve(folder, binding) };
}
