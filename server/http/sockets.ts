/** GraphQL over graphql-transport-ws: queries, mutations and subscriptions on one socket. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError, getOperationAST, parse } from 'graphql';
import { CloseCode, type Context, type ServerOptions, type SubscribePayload } from 'graphql-ws';
import { type Extra, useServer as serveSockets } from 'graphql-ws/use/ws';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { schema } from '../graphql/schema.ts';
import { type Lab, openSession, type Viewer } from '../services/session.ts';
import type { Access } from './access.ts';
import { refusal } from './guards.ts';
import { variableProblems } from './input-paths.ts';
import { wrongInput } from './inputs.ts';
import { mostBodyBytes, mostTokens, validateWithin } from './limits.ts';
import { describeProblem, markWrongValues } from './problems.ts';

export interface SocketParts {
  lab: Lab;
  access: Access;
  log: Logger;
  allowedHosts: readonly string[];
}

export interface Sockets {
  attach(server: Server): void;
  close(): Promise<void>;
}

/** Operations that one socket may have at once. */
const mostOperations = 100;

type Params = Record<string, unknown> | undefined;
type SocketContext = Context<Params, Extra>;

export function createSockets({ lab, access, log, allowedHosts }: SocketParts): Sockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostBodyBytes });
  const identify = ({ connectionParams, extra }: SocketContext): Promise<Viewer | null> => {
    const { cookie } = extra.request.headers;
    const authorization = (connectionParams?.authorization ?? connectionParams?.Authorization) as string | undefined;
    return access.identify({ cookie, authorization: typeof authorization === 'string' ? authorization : undefined });
  };

  /** Checks an operation as HTTP does; returns what is wrong, or what to execute. */
  async function prepare(context: SocketContext, { query, operationName, variables }: SubscribePayload) {
    const viewer = await identify(context).catch(() => null);
    if (!viewer) return [problem('UNAUTHENTICATED', 'Sign in, or send authorization in connectionParams.')];
    if (Object.keys(context.subscriptions).length > mostOperations) {
      return [problem('LIMIT_EXCEEDED', `A socket has at most ${mostOperations} operations at once.`)];
    }
    const document = parseWithin(query);
    if (document instanceof GraphQLError) return [document];
    const errors = validateWithin(schema, document);
    markWrongValues(document, errors);
    if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
    const operation = getOperationAST(document, operationName);
    if (!operation) return [problem('OPERATION_RESOLUTION_FAILURE', 'Say by operationName which operation to execute.')];
    const unbearable = wrongInput(schema, document, variables ?? undefined);
    const wrong = unbearable ? [unbearable] : variableProblems(schema, operation, variables ?? undefined);
    if (wrong.length > 0) return wrong;
    const contextValue = openSession(lab, viewer, `http://${context.extra.request.headers.host}`);
    return { schema, document, operationName, variableValues: variables, contextValue } satisfies ExecutionArgs;
  }

  const describe = (errors: readonly GraphQLError[]) =>
    errors.map((error) => describeProblem(error, error.toJSON(), log)) as unknown as readonly GraphQLError[];

  const options: ServerOptions<Params, Extra> = {
    connectionInitWaitTimeout: 10_000,
    async onConnect(context) {
      const viewer = await identify(context).catch(() => null);
      if (viewer) return true;
      context.extra.socket.close(CloseCode.Unauthorized, 'Sign in, or send authorization in connectionParams.');
      return false;
    },
    onSubscribe: (context, _id, payload) => prepare(context, payload),
    onError: (_context, _id, _payload, errors) => describe(errors as readonly GraphQLError[]),
    onNext: (_context, _id, _payload, _args, result) =>
      result.errors ? { ...result, errors: describe(result.errors as readonly GraphQLError[]) } : undefined,
  };
  const graphql = serveSockets<Params>(options as ServerOptions<Params, Extra & Partial<Record<PropertyKey, never>>>, sockets, 12_000);

  return {
    attach(server) {
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (new URL(request.url ?? '/', 'http://host').pathname !== '/graphql') return leave(server, socket);
        if (refusal(request, allowedHosts)) return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
        sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
      });
    },
    async close() {
      await graphql.dispose();
      sockets.close();
    },
  };
}

/** Upgrades of other paths belong to others, where there are any. */
function leave(server: Server, socket: Duplex): void {
  if (server.listenerCount('upgrade') === 1) socket.destroy();
}

const problem = (code: string, message: string) => new GraphQLError(message, { extensions: { code } });

function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions.code ??= code;
  return error;
}

function parseWithin(query: string) {
  try {
    return parse(query, { maxTokens: mostTokens });
  } catch (error) {
    return withCode(error as GraphQLError, 'GRAPHQL_PARSE_FAILED');
  }
}
