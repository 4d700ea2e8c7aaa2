import { spawn } from 'node:child_process';
import { terminalEnvironment } from '../../helpers/server.ts';
import { collect } from '../../helpers/worker.ts';

/** What `npm start -- --sign-in` says of a data folder, and its exit code. */
export async function askSignIn(folder: string): Promise<{ said: string; code: number | null }> {
  const child = spawn('npm', ['start', '--silent', '--', '--sign-in', '--data', folder], { env: terminalEnvironment() });
  const said = collect(child);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { said: said(), code };
}

/** Presses the button of a one-time address. */
export const press = (address: string) => fetch(address, { method: 'POST', redirect: 'manual' });
