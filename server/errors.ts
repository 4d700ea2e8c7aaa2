/** Errors for the person who gets them. The API maps them once, to extensions.code and the argument's path. */

export type ErrorCode = 'BAD_USER_INPUT' | 'NOT_FOUND' | 'FORBIDDEN' | 'UNAUTHENTICATED' | 'CONFLICT' | 'LIMIT_EXCEEDED' | 'UNAVAILABLE';

/** argumentPath: names and positions from the field's arguments down to the value that is wrong, as ['input', 'interpolation', 'alphas', 2]. */
export abstract class RequestError extends Error {
  abstract readonly code: ErrorCode;
  readonly argumentPath: readonly (string | number)[];

  constructor(message: string, path: readonly (string | number)[] = []) {
    super(message);
    this.argumentPath = path;
  }
}

export interface InputProblem {
  message: string;
  path: readonly (string | number)[];
}

/** One thing that is wrong, or everything at once; message and argumentPath are the first one's. */
export class BadInputError extends RequestError {
  readonly code = 'BAD_USER_INPUT';
  readonly problems: readonly InputProblem[];

  constructor(problem: string | readonly InputProblem[], path: readonly (string | number)[] = []) {
    const problems = typeof problem === 'string' ? [{ message: problem, path }] : problem;
    super(problems[0]?.message ?? 'The input is wrong.', problems[0]?.path ?? path);
    this.problems = problems;
  }
}

export class NotFoundError extends RequestError {
  readonly code = 'NOT_FOUND';
}

export class ForbiddenError extends RequestError {
  readonly code = 'FORBIDDEN';
}

export class UnauthenticatedError extends RequestError {
  readonly code = 'UNAUTHENTICATED';
}

export class ConflictError extends RequestError {
  readonly code = 'CONFLICT';
}

export class LimitExceededError extends RequestError {
  readonly code = 'LIMIT_EXCEEDED';
}

/** Nothing was done, because something that is needed does not answer just now; the same request may succeed in a moment. */
export class UnavailableError extends RequestError {
  readonly code = 'UNAVAILABLE';
}

/** A mistake in how RiftLab was started, or something that this machine lacks: the message is all that the person needs. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
