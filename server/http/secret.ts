/** The secret that signs session cookies: made once, kept in the data folder. */
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { StartError } from '../errors.ts';

/** Whoever guesses it signs in as anybody. */
const leastCharacters = 32;

/** Reads the file, or makes it with mode 0600. Throws StartError for one that holds no secret. */
export async function readSecret(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT')
      throw new StartError(`${file} can't be read (${error.code}): it holds the secret of this server's sign-ins.`);
  });
  if (known !== undefined) return check(known.trim(), file);
  const secret = randomBytes(32).toString('base64url');
  // Whole or not at all: half a secret would be found at the next start.
  await writeFile(`${file}.new`, `${secret}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return secret;
}

function check(secret: string, file: string): string {
  if (/^[\x21-\x7e]+$/.test(secret) && secret.length >= leastCharacters) return secret;
  throw new StartError(
    `${file} is ${secret === '' ? 'empty' : `damaged: a secret has at least ${leastCharacters} characters, without spaces`}. ` +
      'Restore it from a backup, or delete it: a new one is made, and everybody signs in again.',
  );
}
