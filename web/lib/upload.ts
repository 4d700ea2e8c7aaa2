/** Sends a file to the lab in parts, and goes on where a part broke off. */
import { basePath } from './base-path.ts';

const partBytes = 4_000_000;
/** Of one part, one after the other. */
const mostTries = 6;

/** The lab refused the file; the message is for the person. */
export class UploadError extends Error {}

interface State {
  upload: string;
  received: number;
}

export interface UploadOptions {
  /** Told after every part, in bytes. */
  onProgress(received: number): void;
  signal: AbortSignal;
}

/** Returns the upload's id. What was sent is forgotten when the signal aborts. */
export async function uploadFile(file: File, { onProgress, signal }: UploadOptions): Promise<string> {
  if (file.size === 0) throw new UploadError('The file is empty.');
  let state = null as State | null;
  try {
    for (let tries = 0; state === null || state.received < file.size; ) {
      try {
        state = await sendPart(file, state, signal);
        tries = 0;
        onProgress(state.received);
      } catch (error) {
        tries += 1;
        if (signal.aborted || error instanceof UploadError || tries === mostTries) throw error;
        await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** tries));
        if (state) state = await ask(`/${state.upload}`, { signal }).catch(() => state);
      }
    }
    return state.upload;
  } catch (error) {
    if (state) void forgetUpload(state.upload);
    throw error;
  }
}

/** Deletes an upload that is not wanted; what is left goes by itself after a day. */
export const forgetUpload = (upload: string): Promise<void> => ask(`/${upload}`, { method: 'DELETE' }).then(quiet, quiet);

const quiet = () => {};

function sendPart(file: File, state: State | null, signal: AbortSignal): Promise<State> {
  const start = state?.received ?? 0;
  const end = Math.min(start + partBytes, file.size);
  const headers = { 'Content-Range': `bytes ${start}-${end - 1}/${file.size}`, 'Content-Type': 'application/octet-stream' };
  return ask(state ? `/${state.upload}` : '', { method: 'PUT', body: file.slice(start, end), headers, signal });
}

/** Throws UploadError where it makes no sense to try again. */
async function ask(path: string, request: RequestInit): Promise<State> {
  const response = await fetch(`${basePath}/api/uploads${path}`, request);
  if (response.status === 204) return { upload: '', received: 0 };
  const answer = (await response.json()) as State & { message?: string };
  if (response.ok) return answer;
  const message = answer.message ?? `The server answered with ${response.status}.`;
  throw response.status === 409 || response.status >= 500 ? new Error(message) : new UploadError(message);
}
