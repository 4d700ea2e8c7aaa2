/** Measurements of the process for Prometheus, at /metrics. */
import { Router } from 'express';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export interface Metrics {
  router: Router;
  /** Returns what to call when the operation has ended. */
  operationStarted(): (operation: string, outcome: 'ok' | 'error') => void;
}

export function createMetrics(): Metrics {
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
  router.get('/metrics', async (_request, response) => {
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
