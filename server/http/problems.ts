/** Errors as clients see them: a code, the argument's path, and never a stack. The one place that maps them. */
import { randomUUID } from 'node:crypto';
import { type DocumentNode, GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { BadInputError, RequestError } from '../errors.ts';
import { requestErrorOf } from '../store/failure.ts';
import { isPassing } from '../store/passing.ts';
import { literalPath } from './input-paths.ts';

/** The error and those it came from, the outermost first. */
function chainOf(error: unknown): unknown[] {
  const inner = error instanceof GraphQLError ? error.originalError : undefined;
  return inner ? [error, ...chainOf(inner)] : [error];
}

const isMarked = (error: unknown): error is GraphQLError =>
  error instanceof GraphQLError && ['LIMIT_EXCEEDED', 'BAD_USER_INPUT', 'UNAUTHENTICATED'].includes(String(error.extensions.code));

/** Codes of GraphQL itself; messages of these are made of the client's own words. */
const requestCodes = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** formatted: what the library would send. */
export function describeProblem(error: unknown, formatted: GraphQLFormattedError, log: Logger): GraphQLFormattedError {
  const { locations, path } = formatted;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  const chain = chainOf(error);
  const request = chain.find((one) => one instanceof RequestError) ?? requestErrorOf(chain.at(-1));
  if (request) {
    const problems = request instanceof BadInputError && request.problems.length > 1 ? { problems: request.problems } : {};
    return { message: request.message, ...place, extensions: { code: request.code, path: [...request.argumentPath], ...problems } };
  }
  const marked = chain.find(isMarked);
  if (marked) {
    const { code, path: argument = [] } = marked.extensions;
    return { message: marked.message, ...place, extensions: { code, path: argument } };
  }
  const code = String(formatted.extensions?.code ?? '');
  if (requestCodes.has(code)) return { message: formatted.message, ...place, extensions: { code } };
  if (chain.some(isPassing)) {
    log.error({ err: chain.at(-1) }, 'the database did not answer a resolver');
    const message = 'The database does not answer just now. Try again in a moment.';
    return { message, ...place, extensions: { code: 'UNAVAILABLE' } };
  }
  const id = randomUUID().slice(0, 8);
  log.error({ id, err: chain.at(-1) }, 'unexpected error in a resolver');
  const message = `Something went wrong in the server. Its log says more under ${id}.`;
  return { message, ...place, extensions: { code: 'INTERNAL_SERVER_ERROR', id } };
}

/** Marks errors of validation: a literal that does not fit its type is bad input, at its argument's path. */
export function markWrongValues(document: DocumentNode | undefined, errors: readonly GraphQLError[]): void {
  for (const error of errors) {
    const path = document && !error.extensions.path ? literalPath(document, error) : null;
    if (path) Object.assign(error.extensions, { code: 'BAD_USER_INPUT', path });
  }
}
