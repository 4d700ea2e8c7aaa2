/** Why a file does not open. */

/** What is wrong with a file that cannot be opened, as a sentence. */
export function openProblem(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? `${path} is missing.` : `${path} cannot be read: ${message}.`;
}
