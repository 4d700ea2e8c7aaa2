/** Postgres carries 8000 bytes in a notification; what changed arrives all the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { payloads } from '../../../server/store/notifications.ts';
import { recordMetrics, recordMrcScore } from '../../../server/store/recording.ts';
import { waitUntil } from '../../helpers/runs.ts';
import { startLab, type TestLab } from '../api/lab.ts';
import { addRun } from '../api/records.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

const subscription = `subscription ($id: ID!) { runUpdated(id: $id) {
  __typename
  ... on RunSnapshot { run { mrcScores { module } } }
  ... on MetricsLogged { points { key } }
} }`;

// biome-ignore lint/suspicious/noExplicitAny: what the query asks for.
type Event = any;

function hear(run: number): { events: Event[]; stop(): unknown } {
  const client = lab.connect(lab.viewer);
  const events: Event[] = [];
  client.subscribe<Event>(
    { query: subscription, variables: { id: `Run-${run}` } },
    { next: ({ data }) => void events.push(data?.runUpdated), error: () => {}, complete: () => {} },
  );
  return { events, stop: () => client.dispose() };
}

describe('a notification', () => {
  it('of 2,000 keys in one call is cut into several, and every point arrives', async () => {
    const run = await addRun(lab.database, {});
    const { events, stop } = hear(run);
    await waitUntil(async () => events.length === 1);
    const points = Array.from({ length: 2000 }, (_, index) => ({ key: `a long name of a metric, number ${index}`, step: 1, value: index }));
    await recordMetrics(lab.database.prisma, run, points);
    const heard = () => new Set(events.flatMap((event) => event.points ?? []).map(({ key }: Event) => key));
    await waitUntil(async () => heard().size === 2000);
    await stop();
  });

  it('that names something too long tells to read the whole run', async () => {
    const run = await addRun(lab.database, {});
    const { events, stop } = hear(run);
    await waitUntil(async () => events.length === 1);
    const module = 'layer.'.repeat(2000);
    await recordMrcScore(
      lab.database.prisma,
      run,
      { module, complete: true, score: 1, robustLoss: 1, perturbedLoss: 2, epsilon: 0.1, norm: 'L2', losses: [] },
      0,
    );
    await waitUntil(async () => events.length === 2);
    expect(events[1]).toEqual({ __typename: 'RunSnapshot', run: { mrcScores: [{ module }] } });
    await stop();
  });

  it('keeps its keys when it is cut', () => {
    const keys = Array.from({ length: 5000 }, (_, index) => 1_000_000 + index);
    const texts = payloads({ type: 'metricsLogged', run: 1, keys, fromStep: 0, toStep: 9 });
    expect(texts.every((text) => Buffer.byteLength(text) < 8000)).toBe(true);
    expect(texts.flatMap((text) => JSON.parse(text).keys)).toEqual(keys);
  });
});
