/** Signing in and out, and a person's password, over the server's HTTP addresses. */
import { basePath } from './base-path.ts';

export interface Outcome {
  /** For the person; absent on success. */
  problem?: string;
}

async function post(path: string, body: object): Promise<Outcome> {
  try {
    const response = await fetch(`${basePath}/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'same-origin',
    });
    if (response.ok) return {};
    const answer = (await response.json().catch(() => null)) as { message?: string } | null;
    if (response.status === 429) return { problem: 'Too many attempts. Wait a minute and try again.' };
    return { problem: answer?.message ?? `The server refused (${response.status}).` };
  } catch {
    return { problem: 'The server did not answer. Is it still running?' };
  }
}

export const signIn = (email: string, password: string) => post('/sign-in/email', { email, password });
export const signOut = () => post('/sign-out', {});

/** Sets the first password, or replaces the present one. */
export const setPassword = (next: string, current: string) =>
  current ? post('/change-password', { currentPassword: current, newPassword: next }) : post('/set-password', { newPassword: next });
