import { spawn } from 'node:child_process';
import { StartError } from '../../errors.ts';
import type { Account } from './account.ts';

/** Runs a program of Postgres to its end; rejects with the last of what it said when it fails. */
export async function runProgram(account: Account, program: string, arguments_: string[], signal?: AbortSignal): Promise<void> {
  const [command, all] = account.command(program, arguments_);
  const child = spawn(command, all, {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
    signal,
    env: postgresEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const listen = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const status = await new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  if (status !== 0) throw new StartError(`${program} failed (${status}):\n${said.trim()}`);
}

/** Our environment without the caller's own Postgres settings, which the programs would obey. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C' };
  for (const name of Object.keys(environment)) if (name.startsWith('PG')) delete environment[name];
  return environment;
}
