/** GraphQL over POST. */
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import type { Logger } from 'pino';
import { RequestError } from '../errors.ts';
import { schema } from '../graphql/schema.ts';
import { type Lab, openSession, type Session } from '../services/session.ts';
import type { Access } from './access.ts';
import { graphiqlPage } from './graphiql.ts';
import { variableProblems } from './input-paths.ts';
import { limitRules, mostBodyBytes, mostTokens } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { describeProblem, markWrongValues } from './problems.ts';

export interface GraphqlParts {
  lab: Lab;
  access: Access;
  log: Logger;
  metrics: Metrics;
}

/** Kept by the request until GraphQL's context is made. */
const sessionOf = new WeakMap<Request, Session>();

export async function graphqlRouter({ lab, access, log, metrics }: GraphqlParts): Promise<{ router: Router; stop(): Promise<void> }> {
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
      {
        async requestDidStart() {
          const end = metrics.operationStarted();
          return {
            async didResolveOperation({ operation, request }) {
              const [problem] = operation ? variableProblems(schema, operation, request.variables) : [];
              if (!problem) return;
              problem.extensions.http = { status: 400 };
              throw problem;
            },
            async didEncounterErrors({ document, errors }) {
              markWrongValues(document, errors);
            },
            async willSendResponse({ operation, errors }) {
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
  router.get('/graphql', async (request, response) => {
    if (request.accepts(['json', 'html']) !== 'html') return refuse(response, 405, 'BAD_REQUEST', 'Send GraphQL with POST.');
    response
      .set('Cache-Control', 'no-cache')
      .type('html')
      .send(await graphiqlPage());
  });
  router.post(
    '/graphql',
    requireJson,
    express.json({ limit: mostBodyBytes }),
    identify(lab, access),
    middleware as unknown as RequestHandler,
  );
  router.use('/graphql', refuseBody);
  return { router, stop: () => server.stop() };
}

function refuse(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ errors: [{ message, extensions: { code } }] });
}

/** A form of another site can't send this type, so it can't act in a signed-in person's name. */
const requireJson: RequestHandler = (request, response, next) => {
  if (request.is('application/json')) next();
  else refuse(response, 415, 'BAD_REQUEST', 'Send GraphQL as application/json.');
};

const identify =
  (lab: Lab, access: Access): RequestHandler =>
  async (request, response, next) => {
    try {
      const viewer = await access.identify(request.headers);
      sessionOf.set(request, openSession(lab, viewer, originOf(request)));
      next();
    } catch (error) {
      if (!(error instanceof RequestError)) return next(error);
      refuse(response, 401, error.code, error.message);
    }
  };

export const originOf = (request: Request) => `${request.protocol}://${request.headers.host}`;

const refuseBody: ErrorRequestHandler = (error: Error & { status?: number; type?: string }, _request, response, next) => {
  if (error.type === 'entity.too.large') refuse(response, 413, 'LIMIT_EXCEEDED', `A request has at most ${mostBodyBytes} bytes.`);
  else if (error.status === 400) refuse(response, 400, 'BAD_REQUEST', `The body is not JSON: ${error.message}`);
  else next(error);
};
