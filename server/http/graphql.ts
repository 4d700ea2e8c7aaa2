/** GraphQL over POST. Who does not say who they are is refused before anything that they sent is read. */
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:zlib';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import compression from 'compression';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { GraphQLError, type OperationDefinitionNode } from 'graphql';
import type { Logger } from 'pino';
import { RequestError } from '../errors.ts';
import { schema } from '../graphql/schema.ts';
import { hintOf } from '../services/runs.ts';
import { type Lab, openSession, type Session } from '../services/session.ts';
import type { Access } from './access.ts';
import { sendGraphiql } from './graphiql.ts';
import { variableProblems } from './input-paths.ts';
import { wrongInput } from './inputs.ts';
import { limitRules, mostBodyBytes, mostTokens } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { describeProblem, markWrongValues } from './problems.ts';
import type { Reach } from './reach.ts';
import { refuse, refuseViewer } from './refuse.ts';

export interface GraphqlParts {
  lab: Lab;
  access: Access;
  log: Logger;
  metrics: Metrics;
  reach: Reach;
}

/** Kept by the request until GraphQL's context is made. */
const sessionOf = new WeakMap<Request, Session>();

export async function graphqlRouter({
  lab,
  access,
  log,
  metrics,
  reach,
}: GraphqlParts): Promise<{ router: Router; stop(): Promise<void> }> {
  const server = new ApolloServer<Session>({
    schema,
    introspection: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    parseOptions: { maxTokens: mostTokens },
    validationRules: limitRules,
    formatError: (formatted, error) => describeProblem(error, formatted, log),
    logger: log,
    plugins: [
      // It would touch every field of every answer, and no answer is kept.
      ApolloServerPluginCacheControlDisabled(),
      {
        async requestDidStart() {
          const end = metrics.operationStarted();
          return {
            async didResolveOperation({ document, operation, request: { variables } }) {
              const problem =
                noSubscription(operation) ??
                wrongInput(schema, document, variables) ??
                (operation && variableProblems(schema, operation, variables)[0]);
              if (!problem) return;
              problem.extensions.http = { status: 400 };
              throw problem;
            },
            async didEncounterErrors({ document, errors }) {
              markWrongValues(document, errors);
            },
            async willSendResponse({ operation, errors, response, contextValue: { hints } }) {
              if (response.body.kind === 'single' && hints.length > 0) response.body.singleResult.extensions = { hints: told(hints) };
              response.http.headers.set('riftlab-time', String(Date.now()));
              end(operation?.operation ?? 'unknown', errors ? 'error' : 'ok');
            },
          };
        },
      },
    ],
  });
  await server.start();
  const middleware = expressMiddleware(server, {
    context: async ({ req }) => sessionOf.get(req as unknown as Request) ?? openSession(lab, null, ''),
  });
  const router = Router();
  const whoAsks = identify(lab, access, reach);
  router.get('/graphql', whoAsks, async (request, response) => {
    if (request.accepts(['json', 'html']) !== 'html') return refuseMethod(request, response);
    if (sessionOf.get(request)?.viewer) await sendGraphiql(request, response, reach.basePath);
    else response.redirect(303, `${reach.basePath}/sign-in?next=${reach.basePath}/graphql`);
  });
  router.post(
    '/graphql',
    requireJson,
    whoAsks,
    requireViewer,
    compressed,
    express.json({ limit: mostBodyBytes, verify: requireUtf8 }),
    middleware as unknown as RequestHandler,
  );
  router.all('/graphql', refuseMethod);
  router.use('/graphql', refuseBody);
  return { router, stop: () => server.stop() };
}

/** Each once, in words too. */
const told = (hints: Session['hints']) => [...new Map(hints.map((hint) => [hint.name, { ...hint, message: hintOf(hint) }])).values()];

/**
 * Quick rather than small. Answers hold no secret beside words of another site's choosing, which is what compression could give
 * away: a foreign page can send no query.
 */
const compressed = compression({ threshold: 2000, level: 3, brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } } });

/** A form of another site can't send this type, so it can't act in a signed-in person's name. */
const requireJson: RequestHandler = (request, response, next) => {
  if (request.is('application/json')) next();
  else refuse(response, 415, 'BAD_REQUEST', 'Send GraphQL as application/json.');
};

const identify =
  (lab: Lab, access: Access, reach: Reach): RequestHandler =>
  async (request, response, next) => {
    try {
      const viewer = await access.identify(request);
      sessionOf.set(request, openSession(lab, viewer, reach.home(request)));
      next();
    } catch (error) {
      if (!(error instanceof RequestError)) return next(error);
      refuseViewer(response, error);
    }
  };

const noSubscription = (operation: OperationDefinitionNode | null | undefined) =>
  operation?.operation === 'subscription'
    ? new GraphQLError('Subscriptions go over WebSocket (graphql-transport-ws), at the same address.', {
        extensions: { code: 'BAD_REQUEST' },
      })
    : null;

const requireViewer: RequestHandler = (request, response, next) => {
  if (sessionOf.get(request)?.viewer) next();
  else refuse(response, 401, 'UNAUTHENTICATED', 'Sign in, or send "Authorization: Bearer TOKEN".');
};

const refuseMethod = (_request: Request, response: Response) =>
  refuse(response.set('Allow', 'POST'), 405, 'BAD_REQUEST', 'Send GraphQL with POST.');

/** Bytes that are no UTF-8 would be kept as question marks. */
function requireUtf8(_request: unknown, _response: unknown, body: Buffer, charset: string): void {
  if (charset !== 'utf-8') throw Object.assign(new Error('send it in UTF-8.'), { status: 415 });
  if (!isUtf8(body)) throw Object.assign(new Error('its bytes are no UTF-8.'), { status: 400 });
}

/** The body is too long, no JSON, or in an encoding that is not read here. */
const refuseBody: ErrorRequestHandler = (error: Error & { status?: number; type?: string }, _request, response, next) => {
  const { type, status = 500, message } = error;
  if (type === 'entity.too.large') refuse(response, 413, 'LIMIT_EXCEEDED', `A request has at most ${mostBodyBytes} bytes.`);
  else if (status < 500) refuse(response, status, 'BAD_REQUEST', `The body cannot be read as JSON: ${message}`);
  else next(error);
};
