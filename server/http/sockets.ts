/** GraphQL over graphql-transport-ws: queries, mutations and subscriptions on one socket. */
import type { Server } from 'node:http';
import { type DocumentNode, type ExecutionArgs, GraphQLError, getOperationAST, parse } from 'graphql';
import { CloseCode, type Context, type ServerOptions, type SubscribePayload } from 'graphql-ws';
import { type Extra, useServer as serveSockets } from 'graphql-ws/use/ws';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { UnavailableError } from '../errors.ts';
import { schema } from '../graphql/schema.ts';
import { type Lab, openSession, type Viewer } from '../services/session.ts';
import type { Access } from './access.ts';
import { variableProblems } from './input-paths.ts';
import { wrongInput } from './inputs.ts';
import { mostBodyBytes, mostTokens, validateWithin } from './limits.ts';
import { describeProblem, markWrongValues } from './problems.ts';
import type { Reach } from './reach.ts';
import { subscribeShared } from './shared-execution.ts';
import { watchAccess } from './socket-access.ts';
import { acceptUpgrades } from './upgrades.ts';

export interface SocketParts {
  lab: Lab;
  access: Access;
  log: Logger;
  reach: Reach;
}

export interface Sockets {
  attach(server: Server): void;
  close(): Promise<void>;
}

/** Operations that one socket may have at once. */
const mostOperations = 100;

/** Sockets that one person's browsers and scripts may have at once. */
const mostOfPerson = 200;

/** A socket is pinged so often; one that has not answered by the next time is ended. */
const pingMilliseconds = 10_000;

/** Of WebSocket: try again later. */
const tryAgainLater = 1013;

const signIn = 'Sign in, or send authorization in connectionParams.';

type Params = Record<string, unknown> | undefined;
type SocketContext = Context<Params, Extra>;

export function createSockets({ lab, access, log, reach }: SocketParts): Sockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostBodyBytes });
  const persons = new WeakMap<WebSocket, string>();
  const watch = watchAccess(lab.live);
  const socketsOf = (person: string) => [...sockets.clients].filter((socket) => persons.get(socket) === person).length;
  const socketOf = ({ extra }: SocketContext) => extra.socket as WebSocket;

  /** Who the socket belongs to. Null once it is closed: for good when nobody, to come again when that cannot be told just now. */
  async function identify(context: SocketContext): Promise<Viewer | null> {
    const authorization = context.connectionParams?.authorization ?? context.connectionParams?.Authorization;
    try {
      const viewer = await access.identify(context.extra.request, typeof authorization === 'string' ? authorization : undefined);
      if (viewer) return viewer;
    } catch (error) {
      if (error instanceof UnavailableError) {
        socketOf(context).close(tryAgainLater, 'The database does not answer.');
        return null;
      }
    }
    socketOf(context).close(CloseCode.Unauthorized, signIn);
    return null;
  }

  /** Checks an operation as HTTP does; returns what is wrong, or what to execute. */
  async function prepare(context: SocketContext, { query, operationName, variables }: SubscribePayload) {
    if (Object.keys(context.subscriptions).length > mostOperations) {
      return [problem('LIMIT_EXCEEDED', `A socket has at most ${mostOperations} operations at once.`)];
    }
    const viewer = await identify(context);
    if (!viewer) return [problem('UNAUTHENTICATED', signIn)];
    const document = readDocument(query);
    if (Array.isArray(document)) return document;
    const operation = getOperationAST(document, operationName);
    if (!operation) return [problem('OPERATION_RESOLUTION_FAILURE', 'Say by operationName which operation to execute.')];
    const unbearable = wrongInput(schema, document, variables ?? undefined);
    const wrong = unbearable ? [unbearable] : variableProblems(schema, operation, variables ?? undefined);
    if (wrong.length > 0) return wrong;
    const contextValue = openSession(lab, viewer, reach.home(context.extra.request));
    return { schema, document, operationName, variableValues: variables, contextValue } satisfies ExecutionArgs;
  }

  const describe = (errors: readonly GraphQLError[]) =>
    errors.map((error) => describeProblem(error, error.toJSON(), log)) as unknown as readonly GraphQLError[];

  const options: ServerOptions<Params, Extra> = {
    connectionInitWaitTimeout: 10_000,
    async onConnect(context) {
      const viewer = await identify(context);
      if (!viewer) return false;
      const socket = socketOf(context);
      if (socketsOf(viewer.user.id) >= mostOfPerson) socket.close(tryAgainLater, `You have ${mostOfPerson} sockets already.`);
      else {
        persons.set(socket, viewer.user.id);
        watch.add(socket, viewer, () => identify(context));
      }
      return persons.has(socket);
    },
    onSubscribe: (context, _id, payload) => prepare(context, payload),
    subscribe: subscribeShared,
    onError: (_context, _id, _payload, errors) => describe(errors as readonly GraphQLError[]),
    onNext: (_context, _id, _payload, _args, result) =>
      result.errors ? { ...result, errors: describe(result.errors as readonly GraphQLError[]) } : undefined,
  };
  const graphql = serveSockets<Params>(
    options as ServerOptions<Params, Extra & Partial<Record<PropertyKey, never>>>,
    sockets,
    pingMilliseconds,
  );

  return {
    attach: (server) => acceptUpgrades(server, { sockets, path: '/graphql', reach, isKnown: (socket) => persons.has(socket) }),
    async close() {
      watch.stop();
      await graphql.dispose();
      sockets.close();
    },
  };
}

const problem = (code: string, message: string) => new GraphQLError(message, { extensions: { code } });

function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions.code ??= code;
  return error;
}

/** Documents that were found good, the last ones used: the pages send the same few again and again. */
const known = new Map<string, DocumentNode>();
const mostKnown = 200;

/** Parses and validates; the errors are for the client. */
function readDocument(query: string): DocumentNode | GraphQLError[] {
  const earlier = known.get(query);
  if (earlier) return earlier;
  const document = parseWithin(query);
  if (document instanceof GraphQLError) return [document];
  const errors = validateWithin(schema, document);
  markWrongValues(document, errors);
  if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  if (known.size >= mostKnown) known.delete(known.keys().next().value as string);
  known.set(query, document);
  return document;
}

function parseWithin(query: string) {
  try {
    return parse(query, { maxTokens: mostTokens });
  } catch (error) {
    return withCode(error as GraphQLError, 'GRAPHQL_PARSE_FAILED');
  }
}
