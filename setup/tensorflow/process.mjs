/** Runs programs to their end. */
import { spawn } from 'node:child_process';

/**
 * @param {string} program
 * @param {string[]} parameters
 * @param {{ env?: NodeJS.ProcessEnv, seconds?: number }} [options]
 * @returns {Promise<{ code: number | null, signal: string | null, out: string, err: string, missing: boolean }>} missing: there is no such program
 */
export function runProgram(program, parameters, { env = process.env, seconds = 600 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    const said = { out: '', err: '' };
    const end = (result) => {
      clearTimeout(timer);
      resolve({ code: null, signal: null, missing: false, ...said, ...result });
    };
    child.stdout.on('data', (chunk) => {
      said.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said.err += chunk;
    });
    child.on('error', ({ code, message }) => end({ err: message, missing: code === 'ENOENT' }));
    child.on('close', (code, signal) => end({ code, signal }));
  });
}

/** The last lines of what a program said. */
export const lastLines = (text, count = 12) => text.trim().split('\n').slice(-count).join('\n');
