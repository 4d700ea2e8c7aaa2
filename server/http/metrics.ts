/** Measurements of the process for Prometheus, at /metrics: for whoever has a token, and for this machine where no proxy stands before. */
import { BlockList, isIPv6 } from 'node:net';
import { type Request, Router } from 'express';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { RequestError } from '../errors.ts';
import type { Access } from './access.ts';
import type { Reach } from './reach.ts';
import { refuse, refuseViewer } from './refuse.ts';

export interface Metrics {
  router: Router;
  /** Returns what to call when the operation has ended. */
  operationStarted(): (operation: string, outcome: 'ok' | 'error') => void;
}

export function createMetrics(access: Access, reach: Reach): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const labelNames = ['operation', 'outcome'] as const;
  const count = new Counter({
    name: 'riftlab_graphql_operations_total',
    help: 'GraphQL operations over HTTP.',
    labelNames,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'riftlab_graphql_operation_seconds',
    help: 'Duration of GraphQL operations over HTTP.',
    labelNames,
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  const router = Router();
  router.get('/metrics', async (request, response) => {
    if (reach.publicUrl || !isFromHere(request)) {
      const viewer = await access.identify(request).catch((error: unknown) => {
        if (error instanceof RequestError) return error;
        throw error;
      });
      if (viewer instanceof RequestError) return refuseViewer(response, viewer);
      if (!viewer) return refuse(response, 401, 'UNAUTHENTICATED', 'Send "Authorization: Bearer TOKEN"; a token of any role will do.');
    }
    response.type(registry.contentType).send(await registry.metrics());
  });
  return {
    router,
    operationStarted() {
      const end = seconds.startTimer();
      return (operation, outcome) => {
        count.inc({ operation, outcome });
        end({ operation, outcome });
      };
    },
  };
}

const thisMachine = new BlockList();
thisMachine.addSubnet('127.0.0.0', 8);
thisMachine.addAddress('::1', 'ipv6');

const marksOfProxies = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/** Over loopback, and not by way of a proxy on this machine. */
function isFromHere({ socket: { remoteAddress = '' }, headers }: Request): boolean {
  if (marksOfProxies.some((name) => headers[name] !== undefined)) return false;
  return thisMachine.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4');
}
