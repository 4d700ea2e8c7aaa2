/** Whether a binding loads and computes right, found out in a process of its own. */
import { fileURLToPath } from 'node:url';
import { SetupError } from '../steps.mjs';
import { lastLines, runProgram } from './process.mjs';

const script = fileURLToPath(new URL('../../engine/backends/tensorflow/inspect.mjs', import.meta.url));

/**
 * @param {string} binding
 * @returns {Promise<{ version: string, gpu: boolean }>}
 * @throws {SetupError} when it does not load, ends early or computes wrong
 */
export async function checkBinding(binding) {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '1', TF_FORCE_GPU_ALLOW_GROWTH: 'true' };
  const { code, signal, out, err } = await runProgram(process.execPath, [script, binding], { env, seconds: 120 });
  if (code !== 0)
    throw new SetupError(`TensorFlow does not run here (${signal ? `ended by ${signal}` : `exit code ${code}`}):\n${lastLines(err)}`);
  const { version, gpu, wrong } = JSON.parse(out);
  if (wrong.length > 0) throw new SetupError(`TensorFlow ${version} computes wrong here: ${wrong.join('; ')}.`);
  return { version, gpu };
}
