/** Whatever a client puts into an argument or an input field, over HTTP or a socket: a coded error or an answer, never an INTERNAL one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, overHttp, type Problem, startSeededLab, uncoded } from './coded-answers.ts';
import type { TestLab } from './lab.ts';
import { allCases, type Case, type Kind, texts } from './odd-values.ts';
import { addRun } from './records.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startSeededLab();
});

afterAll(() => lab.close());

const timeout = 600_000;

describe('values of every kind', () => {
  it('reach every argument and input field of the schema', () => {
    const places = (kind: Kind) => new Set(allCases(kind).map(({ name }) => name.split(' ')[2])).size;
    expect(places('query')).toBeGreaterThan(30);
    expect(places('mutation')).toBeGreaterThan(80);
    expect(places('subscription')).toBeGreaterThan(1);
  });

  // All of them: fuzz.long.test.ts.
  it.each(['query', 'mutation'] as const)(
    'over HTTP, each tenth in a %s, are answered or refused with a code',
    { timeout },
    async (kind) => {
      const some = allCases(kind).filter((_, index) => index % 10 === 5);
      expect(await all(some, overHttp(lab))).toEqual([]);
      expect(lab.logged).toEqual([]);
    },
  );

  it('over HTTP, as literals, are answered or refused with a code', { timeout }, async () => {
    const literals = texts.filter((text) => text.length < 10_000).map((text) => JSON.stringify(text));
    const cases = literals.flatMap((text) =>
      [`runs(filter: ${text}) { totalCount }`, `runs(orderBy: [{ by: ${text} }]) { totalCount }`, `node(id: ${text}) { id }`].map(
        (body) => ({
          name: `${body} = ${text}`,
          query: `{ ${body} }`,
          variables: {},
        }),
      ),
    );
    const parsed = async (one: Case) => (await overHttp(lab)(one)).filter((line) => !line.includes('GRAPHQL_PARSE_FAILED'));
    expect(await all(cases, parsed)).toEqual([]);
  });

  it.each(['query', 'mutation'] as const)(
    'over a socket, each tenth in a %s, are answered or refused with a code',
    { timeout },
    async (kind) => {
      const client = lab.connect(lab.admin);
      const overSocket = (one: Case) =>
        new Promise<string[]>((resolve) => {
          let found: string[] = [];
          client.subscribe(one, {
            next: ({ errors = [] }) => (found = uncoded(one, errors as Problem[])),
            error: (error) => resolve(Array.isArray(error) ? uncoded(one, error) : [`${one.name}: ${String(error)}`]),
            complete: () => resolve(found),
          });
        });
      const cases = allCases(kind).filter((one, index) => index % 10 === 0 && JSON.stringify(one).length < 100_000);
      expect(await all(cases, overSocket)).toEqual([]);
      await client.dispose();
      expect(lab.logged).toEqual([]);
    },
  );

  it('in a subscription, are heard or refused with a code', { timeout }, async () => {
    const client = lab.connect(lab.admin);
    for (const one of allCases('subscription').filter(({ name }) => !name.includes('xxxxx'))) {
      const answer = await new Promise<readonly Problem[]>((resolve) => {
        const end = client.subscribe(one, {
          next: ({ errors = [] }) => resolve(errors as Problem[]),
          error: (error) => resolve(Array.isArray(error) ? error : [{ message: String(error) }]),
          complete: () => resolve([]),
        });
        const waiting = setInterval(() => {
          if (lab.api.lab.live.subscribers() === 0) return;
          clearInterval(waiting);
          end();
          resolve([]);
        }, 20);
      });
      expect(uncoded(one, answer)).toEqual([]);
    }
    await client.dispose();
  });
});

describe('the same at once', () => {
  const twelve = (query: string, variables: object = {}) => Promise.all(Array.from({ length: 12 }, () => lab.ask(query, variables)));
  const outcomes = (answers: Awaited<ReturnType<typeof twelve>>) =>
    answers.map(({ errors }) => errors[0]?.extensions.code ?? 'done').sort();

  it('makes one project, and tells the other eleven', async () => {
    const answers = await twelve('mutation { createProject(input: { name: "at once" }) { id } }');
    expect(outcomes(answers)).toEqual([...Array(11).fill('CONFLICT'), 'done']);
    const refused = answers.find(({ errors }) => errors.length > 0)?.errors[0];
    expect(refused?.extensions).toEqual({ code: 'CONFLICT', path: ['input', 'name'] });
    expect(await lab.database.prisma.project.count({ where: { name: 'at once' } })).toBe(1);
  });

  it('invites one member, and tells the others', async () => {
    const answers = await twelve('mutation { inviteUser(email: "twelve@example.org", name: "T") { user { id } } }');
    expect(outcomes(answers)).toEqual([...Array(11).fill('CONFLICT'), 'done']);
  });

  it('sets and deletes tags in any order, without a conflict', async () => {
    const run = await addRun(lab.database, { name: 'tagged' });
    const keys = ['a', 'b', 'c', 'd'];
    const change = (from: number) => keys.map((_, index) => ({ key: keys[(from + index) % 4], value: String(from) }));
    const mutation =
      'mutation ($id: ID!, $setTags: [TagInput!], $deleteTags: [String!]) { updateRun(id: $id, setTags: $setTags, deleteTags: $deleteTags) { id } }';
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, from) =>
        lab.ask(mutation, { id: `Run-${run}`, setTags: change(from), deleteTags: from % 3 ? [] : ['e'] }),
      ),
    );
    expect(outcomes(answers)).toEqual(Array(12).fill('done'));
  });

  it('makes as many tokens and runs as were asked for', async () => {
    expect(outcomes(await twelve('mutation { createApiToken(name: "same") { secret } }'))).toEqual(Array(12).fill('done'));
    const input = { project: 'p', training: { architecture: 'SMALL_CNN', dataset: 'mnist', trainImages: 100, epochs: 1 } };
    const start = 'mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }';
    expect(outcomes(await twelve(start, { input }))).toEqual(Array(12).fill('done'));
  });

  it('cancels a run once', async () => {
    const input = { project: 'p', training: { architecture: 'SMALL_CNN', dataset: 'mnist', trainImages: 100, epochs: 1 } };
    const { data } = await lab.ask('mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }', { input });
    const answers = await twelve('mutation ($id: ID!) { cancelRun(id: $id) { id } }', data.startTraining);
    expect(outcomes(answers)).toEqual([...Array(11).fill('CONFLICT'), 'done']);
  });
});
