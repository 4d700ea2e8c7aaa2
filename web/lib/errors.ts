/** What went wrong with a request, for the person and for the field it belongs to. */
import type { CombinedError } from 'urql';

export interface RequestProblem {
  message: string;
  code: string;
  /** Names and positions from the mutation's arguments down to the wrong value; empty when it belongs to none. */
  path: (string | number)[];
}

/** Every problem of an answer; a network failure is one without a path. */
export function problemsOf(error: CombinedError | undefined): RequestProblem[] {
  if (!error) return [];
  if (error.networkError) return [{ message: 'The server did not answer. Is it still running?', code: 'NETWORK', path: [] }];
  return error.graphQLErrors.flatMap(({ message, extensions }) => {
    const code = typeof extensions.code === 'string' ? extensions.code : 'INTERNAL';
    const all = (extensions.problems ?? [{ message, path: extensions.path }]) as { message: string; path?: unknown }[];
    return all.map(({ message: each, path }) => ({ message: each, code, path: Array.isArray(path) ? (path as (string | number)[]) : [] }));
  });
}

/** What the server objects to; one that does not answer objects to nothing. */
export const objectionsOf = (error: CombinedError | undefined): RequestProblem[] =>
  problemsOf(error).filter(({ code }) => code !== 'NETWORK' && code !== 'UNAVAILABLE');

export const isSignedOut = (error: CombinedError): boolean =>
  error.graphQLErrors.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED') ||
  (error.response as Response | undefined)?.status === 401;

/** The server or its database did not answer; the same request may succeed in a moment. */
export const isPassing = (error: CombinedError): boolean =>
  (error.networkError !== undefined && !isSignedOut(error)) ||
  error.graphQLErrors.some(({ extensions }) => extensions.code === 'UNAVAILABLE');
