/** Subscriptions that ask the same about the same event are executed once: fifty open pages cost little more than one. */
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import type { Session } from '../services/session.ts';

type Results = Map<string, Promise<ExecutionResult>>;

/** By event; gone with it. */
const results = new WeakMap<object, Results>();

/** As GraphQL's own subscribe. What it answers differs only by document, variables and who asks. */
export async function subscribeShared(args: ExecutionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const events = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in events)) return events;
  const { viewer, home } = args.contextValue as Session;
  const asked = JSON.stringify([viewer?.user.id, viewer?.role, viewer?.token?.id, home, args.operationName, args.variableValues]);
  return mapped(events[Symbol.asyncIterator](), (event) => resultOf(args, asked, event));
}

const documents = new WeakMap<object, number>();
let documentCount = 0;

function numberOf(document: object): number {
  const known = documents.get(document) ?? ++documentCount;
  documents.set(document, known);
  return known;
}

async function resultOf(args: ExecutionArgs, asked: string, event: unknown): Promise<ExecutionResult> {
  const run = async () => execute({ ...args, rootValue: event });
  if (typeof event !== 'object' || event === null) return run();
  const shared = results.get(event) ?? new Map();
  results.set(event, shared);
  const key = `${numberOf(args.document)} ${asked}`;
  const result = shared.get(key) ?? run();
  shared.set(key, result);
  return result;
}

/** return() ends the source at once, also while next() waits. */
function mapped<In, Out>(source: AsyncIterator<In>, change: (item: In) => Promise<Out>): AsyncIterableIterator<Out> {
  return {
    async next() {
      const { done, value } = await source.next();
      return done ? { done, value: undefined } : { done: false, value: await change(value) };
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    async throw(error: unknown) {
      await source.throw?.(error);
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
