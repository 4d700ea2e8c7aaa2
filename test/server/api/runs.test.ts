/** Lists of runs: filters, orders, cursors, fields, and how many statements they cost. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startLab, type TestLab } from './lab.ts';
import { addCheckpoint, addRun } from './records.ts';

let lab: TestLab;

const at = (day: number) => new Date(Date.UTC(2026, 0, day));

beforeAll(async () => {
  lab = await startLab();
  const add = (name: string, sketch: Parameters<typeof addRun>[1]) => addRun(lab.database, { name, ...sketch });
  await add('alpha', {
    data: { createdAt: at(1), startedAt: at(2), state: 'FINISHED', kind: 'RIFT' },
    params: { variant: 'PGD_AT', epsilon: 0.03, 'odd key': 'x' },
    tags: { who: 'Ada' },
    metrics: { robust: 0.5, 'train/loss': 1.5 },
  });
  await add('Beta 50%', {
    data: { createdAt: at(2), startedAt: at(1), state: 'RUNNING' },
    params: { variant: 'TRADES', epsilon: 0.1 },
    metrics: { robust: 0.7 },
  });
  await add('gamma_1', {
    data: { createdAt: at(3), state: 'FAILED' },
    params: { variant: 'mart', epsilon: 'adaptive' },
    metrics: { robust: 0.5 },
  });
  await add("de'lta", { project: 'other', data: { createdAt: at(4) }, tags: { who: 'bob' } });
  await add('hidden', { data: { createdAt: at(5), deletedAt: at(6) }, metrics: { robust: 0.9 } });
  for (let number = 0; number < 23; number++) {
    await add(`equal ${number}`, {
      project: 'equals',
      data: { createdAt: at(9) },
      ...(number % 3 ? { metrics: { score: number % 4 } } : {}),
    });
  }
});

afterAll(() => lab.close());

const query = `query ($project: String, $filter: String, $orderBy: [RunOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  runs(project: $project, filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id name } } nodes { name }
  }
}`;

const list = (variables: object) => lab.ask(query, variables);
const names = async (variables: object): Promise<string[]> => {
  const { data, errors } = await list(variables);
  expect(errors).toEqual([]);
  return data.runs.nodes.map(({ name }: { name: string }) => name);
};
const notEqual = "project not in ('equals', 'typed', 'alphabets', 'sized')";

describe('filters', () => {
  it.each<[string, string[]]>([
    ['', ["de'lta", 'gamma_1', 'Beta 50%', 'alpha']],
    ['metrics.robust > 0.5', ['Beta 50%']],
    ['metrics.robust >= 0.5', ['gamma_1', 'Beta 50%', 'alpha']],
    ['metrics.train/loss = 1.5', ['alpha']],
    ['metrics.robust is null', ["de'lta"]],
    ['metrics.robust is not null and not metrics.robust = 0.5', ['Beta 50%']],
    ["params.variant = 'pgd_at'", ['alpha']],
    ["params.variant in ('trades', 'mart')", ['gamma_1', 'Beta 50%']],
    ["params.variant not in ('trades', 'mart')", ["de'lta", 'alpha']],
    ["params.variant != 'trades'", ['gamma_1', 'alpha']],
    ['params.epsilon < 0.05', ['alpha']],
    ['params.epsilon = adaptive', ['gamma_1']],
    ['params.`odd key` = "x"', ['alpha']],
    ["tags.who = 'ada'", ['alpha']],
    ["tags.who like '%o%'", ["de'lta"]],
    ['state = running or kind = rift', ['Beta 50%', 'alpha']],
    ["state in ('FINISHED', 'FAILED')", ['gamma_1', 'alpha']],
    ["name = 'ALPHA'", ['alpha']],
    ["name = 'de''lta'", ["de'lta"]],
    ["name ~ 'BETA'", ['Beta 50%']],
    ["name ~ '%'", ['Beta 50%']],
    ["name like 'b%'", []],
    ["name ilike 'b%'", ['Beta 50%']],
    ["name like 'gamma\\_1'", ['gamma_1']],
    ["project = 'OTHER'", ["de'lta"]],
    ['created >= 2026-01-03', ["de'lta", 'gamma_1']],
    ["created < '2026-01-02T00:00:00Z'", ['alpha']],
    ['started is null', ["de'lta", 'gamma_1']],
    ['not started > 2026-01-01', ["de'lta", 'gamma_1', 'Beta 50%']],
    ["(metrics.robust = 0.5 and not tags.who = 'ada') or name = 'alpha'", ['gamma_1', 'alpha']],
  ])('%s', async (filter, expected) => {
    const variables = { filter: filter ? `(${filter}) and ${notEqual}` : notEqual };
    expect(await names(variables)).toEqual(expected);
    expect((await list(variables)).data.runs.totalCount).toBe(expected.length);
  });

  it('say what is wrong with them, and where', async () => {
    const { errors } = await list({ filter: "metrics.robust > 'x'" });
    expect(errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', path: ['filter'] });
    expect(errors[0]?.message).toBe("Metrics compare with a number. (line 1, column 18)\nmetrics.robust > 'x'\n                 ^^^");
  });

  it('need a project that exists', async () => {
    expect((await list({ project: 'nowhere' })).errors[0]?.extensions).toEqual({ code: 'NOT_FOUND', path: ['project'] });
    const fields = await lab.ask('{ runFields(project: "nowhere") { name } }');
    expect(fields.errors[0]?.extensions).toEqual({ code: 'NOT_FOUND', path: ['project'] });
  });

  it('work on checkpoints too', async () => {
    await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
    await addCheckpoint(lab.database, 'SMALL_CNN', 'mnist', null);
    const ask = (filter: string) =>
      lab.ask('query ($filter: String) { checkpoints(filter: $filter) { totalCount nodes { architecture } } }', { filter });
    expect((await ask("architecture = 'resnet8' and dataset = 'cifar10'")).data.checkpoints).toEqual({
      totalCount: 1,
      nodes: [{ architecture: 'RESNET8' }],
    });
    expect((await ask('dataset is null')).data.checkpoints.nodes).toEqual([{ architecture: 'SMALL_CNN' }]);
    expect((await ask('metrics.x > 1')).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['filter'] });
  });
});

describe('values of params and tags', () => {
  beforeAll(async () => {
    const add = (name: string, sketch: Parameters<typeof addRun>[1]) => addRun(lab.database, { name, project: 'typed', ...sketch });
    await add('a', {
      tags: { fold: '9', version: '1.1', commit: '12345' },
      params: { lr: 0.1, mode: 'NaN' },
      metrics: { loss: Number.NaN },
    });
    await add('b', { tags: { fold: '10', version: '1.10', commit: '0012345' }, params: { lr: '0.10' }, metrics: { loss: 2 } });
    await add('c', { tags: { fold: '11', version: '1.9' }, params: { lr: '1e-1' }, metrics: { loss: Number.POSITIVE_INFINITY } });
    await add('d', { tags: { fold: '100', version: '1.10.2' }, params: { lr: 0.0005 }, metrics: { loss: Number.NEGATIVE_INFINITY } });
    await add('e', { tags: { fold: 'last', commit: '3f2a9b1' }, params: { lr: 'auto' }, metrics: { loss: -1 } });
    await add('f', {});
  });

  const sorted = async (filter: string) => (await names({ project: 'typed', filter })).sort().join('');

  it.each<[string, string]>([
    ['tags.fold >= 10', 'bcd'],
    ['tags.fold > 9', 'bcd'],
    ['tags.fold < 10', 'a'],
    ['tags.fold <= 1e1', 'ab'],
    ['tags.fold = 9', 'a'],
    ['tags.fold != 9', 'bcde'],
    ['tags.fold in (9, 10, last)', 'abe'],
    ['tags.fold not in (9, 10)', 'cdef'],
    ["tags.fold >= '10'", 'abcde'],
    ['tags.version = 1.10', 'b'],
    ['tags.version = 1.1', 'a'],
    ['tags.version != 1.10', 'acd'],
    ['tags.version in (1.10, 1.9)', 'bc'],
    ['tags.version = 1.10.2', 'd'],
    ['tags.version > 1.1', 'c'],
    ['tags.commit = 0012345', 'b'],
    ['tags.commit = 12345', 'a'],
    ['tags.commit = 3f2a9b1', 'e'],
    ['params.lr = 0.1', 'abc'],
    ['params.lr = 0.10', 'abc'],
    ["params.lr = '0.10'", 'b'],
    ['params.lr = 5e-4', 'd'],
    ['params.lr != 0.1', 'de'],
    ['params.lr in (1e-1, auto)', 'abce'],
    ['params.lr < 0.1', 'd'],
    ['params.mode is nan', 'a'],
    ['params.mode = NaN', 'a'],
  ])('%s', async (filter, expected) => {
    expect(await sorted(filter)).toBe(expected);
  });

  it.each<[string, string]>([
    ['metrics.loss = NaN', 'a'],
    ['metrics.loss is nan', 'a'],
    ['metrics.loss is not nan', 'bcde'],
    ['not metrics.loss is nan', 'bcdef'],
    ['metrics.loss != nan', 'bcde'],
    ['metrics.loss != 2', 'acde'],
    ['metrics.loss > 0', 'bc'],
    ['metrics.loss >= 2', 'bc'],
    ['metrics.loss < 0', 'de'],
    ['metrics.loss = Infinity', 'c'],
    ['metrics.loss = +inf', 'c'],
    ['metrics.loss <= -Infinity', 'd'],
    ['metrics.loss in (NaN, 2, -inf)', 'abd'],
  ])('NaN and infinities: %s', async (filter, expected) => {
    expect(await sorted(filter)).toBe(expected);
  });

  it.each<[string, 'ASC' | 'DESC', string]>([
    ['tags.fold', 'ASC', 'abcdef'],
    ['tags.fold', 'DESC', 'dcbaef'],
    ['metrics.loss', 'ASC', 'debcaf'],
    ['metrics.loss', 'DESC', 'cbedaf'],
  ])('order by %s %s: numbers by size, then texts or NaN, then runs without', async (by, direction, expected) => {
    expect((await names({ project: 'typed', orderBy: [{ by, direction }] })).join('')).toBe(expected);
    const walked: string[] = [];
    for (let after: string | null = null; ; ) {
      const { data, errors } = await list({ project: 'typed', orderBy: [{ by, direction }], first: 1, after });
      expect(errors).toEqual([]);
      walked.push(...data.runs.nodes.map(({ name }: { name: string }) => name));
      if (!data.runs.pageInfo.hasNextPage) break;
      after = data.runs.pageInfo.endCursor;
    }
    expect(walked.join('')).toBe(expected);
  });
});

describe('params and tags of more digits than a double holds', () => {
  beforeAll(async () => {
    const values = {
      a: '12345678901234567',
      b: '12345678901234568',
      c: '9',
      d: '1e17',
      e: '100000000000000001',
      f: '0.1',
      g: '0.1000000000000000001',
    };
    for (const [name, value] of Object.entries(values))
      await addRun(lab.database, { name, project: 'sized', params: { size: value }, tags: { size: value } });
  });

  it.each<[string, string]>([
    ['params.size > 10', 'abde'],
    ['params.size > 12345678901234567', 'bde'],
    ['params.size >= 12345678901234567', 'abde'],
    ['params.size < 12345678901234568', 'acfg'],
    ['params.size = 12345678901234568', 'b'],
    ['params.size != 12345678901234568', 'acdefg'],
    ['params.size in (12345678901234568, 9)', 'bc'],
    ['params.size = 1e17', 'd'],
    ['params.size > 1e17', 'e'],
    ['params.size = 0.1', 'f'],
    ['params.size > 0.1', 'abcdeg'],
    ['params.size > 1e-99999', 'abcdefg'],
    ['params.size <= 1e300', 'abcdefg'],
    ['tags.size > 12345678901234567', 'bde'],
  ])('%s', async (filter, expected) => {
    expect((await names({ project: 'sized', filter })).sort().join('')).toBe(expected);
  });

  it('are in order by size', async () => {
    expect((await names({ project: 'sized', orderBy: [{ by: 'params.size', direction: 'ASC' }] })).join('')).toMatch(/^fgcab/);
  });
});

describe('text in every alphabet', () => {
  beforeAll(async () => {
    for (const name of ['Обучение РИФТ', 'İstanbul', 'Straße', 'Cafe\u0301', 'Σίσυφος', '100% Ünïcode', '日本語'])
      await addRun(lab.database, { name, project: 'alphabets', tags: { city: name } });
  });

  it.each<[string, string]>([
    ["name ~ 'обучение'", 'Обучение РИФТ'],
    ["name = 'ОБУЧЕНИЕ рифт'", 'Обучение РИФТ'],
    ["name ilike 'обуч%'", 'Обучение РИФТ'],
    ["tags.city = 'обучение рифт'", 'Обучение РИФТ'],
    ["tags.city in ('ОБУЧЕНИЕ РИФТ')", 'Обучение РИФТ'],
    ["name ~ 'istanbul'", 'İstanbul'],
    ["name = 'İSTANBUL'", 'İstanbul'],
    ["name ~ 'STRASSE'", 'Straße'],
    ["name = 'straße'", 'Straße'],
    ["name ~ 'café'", 'Cafe\u0301'],
    ["name = 'CAFE\u0301'", 'Cafe\u0301'],
    ["name like 'Café'", 'Cafe\u0301'],
    ["name ~ 'ΣΊΣΥΦΟΣ'", 'Σίσυφος'],
    ["name ilike '100\\% ü%'", '100% Ünïcode'],
    ["name ~ '本'", '日本語'],
    ['name = 日本語', '日本語'],
  ])('%s', async (filter, expected) => {
    expect(await names({ project: 'alphabets', filter })).toEqual([expected]);
  });

  it('is told apart by like', async () => {
    expect(await names({ project: 'alphabets', filter: "name like 'обуч%'" })).toEqual([]);
  });
});

describe('orders', () => {
  const order = (...keys: string[]) => ({
    filter: notEqual,
    orderBy: keys.map((key) => ({ by: key.replace('-', ''), direction: key.startsWith('-') ? 'DESC' : 'ASC' })),
  });

  it.each<[string[], string[]]>([
    [['name'], ['alpha', 'Beta 50%', "de'lta", 'gamma_1']],
    [['-name'], ['gamma_1', "de'lta", 'Beta 50%', 'alpha']],
    [['created'], ['alpha', 'Beta 50%', 'gamma_1', "de'lta"]],
    [['started'], ['Beta 50%', 'alpha', "de'lta", 'gamma_1']],
    [['-started'], ['alpha', 'Beta 50%', "de'lta", 'gamma_1']],
    [['state'], ["de'lta", 'Beta 50%', 'alpha', 'gamma_1']],
    [
      ['-metrics.robust', 'name'],
      ['Beta 50%', 'alpha', 'gamma_1', "de'lta"],
    ],
    [
      ['metrics.robust', '-name'],
      ['gamma_1', 'alpha', 'Beta 50%', "de'lta"],
    ],
    [['params.epsilon'], ['alpha', 'Beta 50%', 'gamma_1', "de'lta"]],
    [['-params.epsilon'], ['Beta 50%', 'alpha', 'gamma_1', "de'lta"]],
    [['tags.who'], ['alpha', "de'lta", 'gamma_1', 'Beta 50%']],
    [
      ['metrics.`nothing`', 'name'],
      ['alpha', 'Beta 50%', "de'lta", 'gamma_1'],
    ],
  ])('%s', async (keys, expected) => {
    const found = await names(order(...keys));
    const tied = keys[0]?.endsWith('started') || keys[0] === 'tags.who';
    expect(tied ? [...found.slice(0, 2), ...found.slice(2).sort()] : found).toEqual(
      tied ? [...expected.slice(0, 2), ...expected.slice(2).sort()] : expected,
    );
  });

  it('are refused with the key’s path', async () => {
    for (const by of ['nonsense', 'kind', 'metrics', "name = 'a'", '']) {
      const { errors } = await list({ orderBy: [{ by: 'name' }, { by }] });
      expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['orderBy', 1, 'by'] });
    }
  });
});

describe('pages', () => {
  /** Walks the whole list in pages of this length. */
  async function walk(first: number, variables: object): Promise<string[]> {
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const { data, errors } = await list({ project: 'equals', first, after, ...variables });
      expect(errors).toEqual([]);
      const { edges, pageInfo } = data.runs;
      found.push(...edges.map(({ node }: { node: { name: string } }) => node.name));
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      if (!pageInfo.hasNextPage) return found;
      after = pageInfo.endCursor;
    }
  }

  /** The same from the end of the list back to its beginning, without its last run. */
  async function walkBack(last: number, variables: object): Promise<string[]> {
    const whole = await list({ project: 'equals', first: 500, ...variables });
    const found: string[] = [];
    for (let before: string = whole.data.runs.pageInfo.endCursor; ; ) {
      const { data, errors } = await list({ project: 'equals', last, before, ...variables });
      expect(errors).toEqual([]);
      const { edges, pageInfo } = data.runs;
      found.unshift(...edges.map(({ node }: { node: { name: string } }) => node.name));
      expect(pageInfo.hasNextPage).toBe(true);
      if (!pageInfo.hasPreviousPage) return found;
      before = pageInfo.startCursor;
    }
  }

  it.each([
    ['by default', {}],
    ['by equal keys', { orderBy: [{ by: 'created' }] }],
    ['by a metric that some lack', { orderBy: [{ by: 'metrics.score' }] }],
    ['by a metric that some lack, upward', { orderBy: [{ by: 'metrics.score', direction: 'ASC' }] }],
    ['by several keys', { orderBy: [{ by: 'metrics.score', direction: 'ASC' }, { by: 'created' }, { by: 'name' }] }],
  ])('hold every run once, %s', async (_how, variables) => {
    const whole = await walk(500, variables);
    expect(whole).toHaveLength(23);
    for (const first of [1, 4, 23]) expect(await walk(first, variables)).toEqual(whole);
    for (const last of [1, 4, 22]) expect(await walkBack(last, variables)).toEqual(whole.slice(0, -1));
  });

  it('put runs without the key last, in both directions', async () => {
    for (const direction of ['ASC', 'DESC']) {
      const whole = await walk(5, { orderBy: [{ by: 'metrics.score', direction }] });
      const lacking = whole.slice(-8).map((name) => Number(name.split(' ')[1]));
      expect(lacking.every((number) => number % 3 === 0)).toBe(true);
    }
  });

  it('go on where they ended when runs come and go', async () => {
    const first = await list({ project: 'equals', first: 10 });
    const before = first.data.runs.nodes.map(({ name }: { name: string }) => name);
    const added = await addRun(lab.database, { name: 'newest', project: 'equals', data: { createdAt: at(20) } });
    const rest = await names({ project: 'equals', first: 100, after: first.data.runs.pageInfo.endCursor });
    expect(rest).toHaveLength(13);
    expect(rest.filter((name) => before.includes(name) || name === 'newest')).toEqual([]);
    await lab.database.prisma.run.delete({ where: { id: added } });
  });

  it('refuse what is no cursor or no length', async () => {
    const { data } = await list({ first: 1 });
    const after = data.runs.pageInfo.endCursor;
    const byMetric = await list({ first: 1, orderBy: [{ by: 'metrics.robust' }] });
    const forged = (change: (content: unknown[]) => unknown) =>
      Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(after, 'base64url').toString())))).toString('base64url');
    const foreign = [
      { orderBy: [{ by: 'name' }], after },
      { orderBy: [{ by: 'metrics.score' }], after: byMetric.data.runs.pageInfo.endCursor },
      { orderBy: [{ by: 'created', direction: 'ASC' }], after },
      { filter: 'state = RUNNING', after },
      { project: 'equals', after },
      { after: `${after}=` },
      { after: forged(([signature]) => [signature]) },
      { after: forged(([signature]) => [signature, 'x', 'y']) },
      { after: forged(([signature]) => [signature, '2026-99-99 00:00:00+00', '1']) },
      { after: forged(([signature, at]) => [signature, at, '99999999999']) },
      { after: forged(([signature, at]) => [signature, at, '1\0']) },
      { after: forged(([signature, at]) => [signature, at, { toString: 1 }]) },
    ];
    for (const variables of [{ after: 'nonsense' }, { after: '' }, { after: Buffer.from('[1]').toString('base64url') }, ...foreign]) {
      expect((await list(variables)).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['after'] });
      const { after: before, ...others } = variables;
      expect((await list({ ...others, before })).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['before'] });
    }
    expect((await list({ after, before: after })).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['before'] });
    expect((await list({ last: 1 })).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['last'] });
    for (const last of [0, 501]) {
      const problem = (await list({ last, before: after })).errors[0]?.extensions;
      expect(problem).toMatchObject({ code: 'BAD_USER_INPUT', path: ['last'] });
    }
    for (const first of [0, -1, 501]) {
      expect((await list({ first })).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['first'] });
    }
  });

  it('of projects go by name', async () => {
    const ask = (after: string | null) =>
      lab.ask('query ($after: String) { projects(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }', {
        after,
      });
    const first = (await ask(null)).data.projects;
    expect(first.nodes.map(({ name }: { name: string }) => name)).toEqual(['alphabets', 'equals']);
    const second = (await ask(first.pageInfo.endCursor)).data.projects;
    expect(second).toMatchObject({ nodes: [{ name: 'other' }, { name: 'p' }], pageInfo: { hasNextPage: true } });
    const ofRuns = (await list({ first: 1, orderBy: [{ by: 'name' }] })).data.runs.pageInfo.endCursor;
    for (const after of ['x', '', ofRuns])
      expect((await ask(after)).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['after'] });
  });
});

it('projects are found by a part of their name, letter by letter', async () => {
  const find = async (search: string) => {
    const { data } = await lab.ask('query ($search: String) { projects(search: $search) { totalCount nodes { name } } }', { search });
    expect(data.projects.totalCount).toBe(data.projects.nodes.length);
    return data.projects.nodes.map(({ name }: { name: string }) => name);
  };
  expect(await find('QUAL')).toEqual(['equals']);
  for (const wildcards of ['%', '_', 'e_uals', 'e%s', '\\']) expect(await find(wildcards), wildcards).toEqual([]);
});

describe('fields', () => {
  const ask = async (variables: object) =>
    (
      await lab.ask(
        'query ($project: String, $prefix: String, $first: Int) { runFields(project: $project, prefix: $prefix, first: $first) { name type runs } }',
        variables,
      )
    ).data.runFields;

  it('name what runs have', async () => {
    const fields = await ask({ project: 'p' });
    expect(fields).toContainEqual({ name: 'created', type: 'time', runs: 3 });
    expect(fields).toContainEqual({ name: 'started', type: 'time', runs: 2 });
    expect(fields).toContainEqual({ name: 'metrics.robust', type: 'number', runs: 3 });
    expect(fields).toContainEqual({ name: 'params.epsilon', type: 'text', runs: 3 });
    expect(fields).toContainEqual({ name: 'params.`odd key`', type: 'text', runs: 1 });
    expect(fields).toContainEqual({ name: 'tags.who', type: 'text', runs: 1 });
    for (const { name } of fields) expect((await list({ filter: `${name} is null` })).errors).toEqual([]);
  });

  it('can be narrowed by their beginning', async () => {
    expect((await ask({ prefix: 'metrics.' })).map(({ name }: { name: string }) => name)).toEqual([
      'metrics.loss',
      'metrics.robust',
      'metrics.score',
      'metrics.train/loss',
    ]);
    expect(await ask({ first: 2 })).toHaveLength(2);
  });
});

describe('a list of many runs', () => {
  it('costs a fixed number of statements', async () => {
    const wide = `query ($first: Int) { runs(project: "equals", first: $first) { totalCount nodes {
      name project { name } createdBy { name } device { name } params { key } tags { key } stages { name progress { fraction } } progress { fraction }
      metrics(keys: ["score"]) { last } all: metrics { last } inputs { name } outputs { name } evaluations { accuracy } sweep { points { alpha } selected { alpha } }
      mrcScores { rank } error { message }
    } } }`;
    const { pool } = lab.database;
    const counted = async (first: number) => {
      const counter = vi.spyOn(pool, 'query');
      const { data, errors } = await lab.ask(wide, { first });
      const statements = counter.mock.calls.length;
      counter.mockRestore();
      expect(errors).toEqual([]);
      expect(data.runs.nodes).toHaveLength(first);
      return statements;
    };
    const few = await counted(2);
    expect(few).toBeGreaterThan(8);
    expect(few).toBeLessThan(25);
    expect(await counted(23)).toBe(few);
  });
});

describe('names that no run has', () => {
  const asked = async (variables: object) => {
    const body = JSON.stringify({
      query: `query ($filter: String, $orderBy: [RunOrder!]) {
        runs(filter: $filter, orderBy: $orderBy) { totalCount hints { name nearest message } } }`,
      variables,
    });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${lab.viewer}` };
    const { data, errors, extensions } = await (await fetch(`${lab.address}/graphql`, { method: 'POST', headers, body })).json();
    expect(errors).toBeUndefined();
    expect(extensions?.hints ?? []).toEqual(data.runs.hints);
    return data.runs;
  };

  it.each<[string, string, string[]]>([
    ['metrics.robsut > 0.5', 'metrics.robsut', ['metrics.robust']],
    ['not metrics.ROBUST > 0.5', 'metrics.ROBUST', ['metrics.robust']],
    ['params.epsilom = 1 or name = x', 'params.epsilom', ['params.epsilon']],
    ['params.learningRate = 0.1', 'params.learningRate', ['params.training.learningRate']],
    ["params.oddkey = 'x'", 'params.oddkey', ['params.`odd key`']],
    ['tags.robust = 1', 'tags.robust', ['metrics.robust']],
    ['tags.zzzzzz is null', 'tags.zzzzzz', []],
  ])('%s is answered with a hint', async (filter, name, nearest) => {
    await addRun(lab.database, { name: 'hinted', project: 'typed', params: { 'training.learningRate': 0.1 } });
    const { hints } = await asked({ filter });
    const hint = hints.find((one: { name: string }) => one.name === name);
    expect(hint.nearest).toEqual(nearest);
    expect(hint.message).toContain(nearest[0] ? `Did you mean ${nearest[0]}?` : 'No run has tags.zzzzzz.');
  });

  it('are looked for in orders too, and what runs have is no hint', async () => {
    expect((await asked({ orderBy: [{ by: 'metrics.scoer' }] })).hints).toMatchObject([{ nearest: ['metrics.score'] }]);
    expect((await asked({ filter: 'metrics.robust > 0 and tags.who is null', orderBy: [{ by: 'params.epsilon' }] })).hints).toEqual([]);
  });
});
