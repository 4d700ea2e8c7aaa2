/** Words of clients that would be code elsewhere: SQL, object keys, lines of a log, orders to a terminal. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLog } from '../../../server/start/log.ts';
import { say } from '../../../server/start/report.ts';
import { startLab, type TestLab } from './lab.ts';
import { addRun } from './records.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
  await addRun(lab.database, { name: "o'hara; drop", tags: { secret: 'seen' }, metrics: { robust: 0.5 } });
});

afterAll(() => lab.close());

const runsBy = (filter: string) => lab.ask('query ($filter: String) { runs(filter: $filter) { totalCount } }', { filter }, lab.viewer);

describe('a filter', () => {
  it.each([
    "' OR 1=1 --",
    "name = 'x' OR 1=1",
    'name = \'x\'; DROP TABLE "Run"; --',
    "name = 'x' UNION SELECT secret FROM tokens",
    'name = (SELECT "secretHash" FROM "ApiToken")',
    'name = $1',
    "name ~ 'x') OR (1=1",
    'metrics.robust > 0); DELETE FROM "Run" WHERE (1=1',
    'pg_sleep(10) = 1',
    "tags.`a') OR (1=1` = 'x' OR",
    "name = E'\\\\x41'",
    "name = 'x' /* */ OR true",
    "params.constructor() = 'x'",
    '__proto__ = 1',
  ])('is no SQL: %s', async (filter) => {
    const { errors, data } = await runsBy(filter);
    expect(data.runs ?? null).toBeNull();
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['filter'] });
    expect(JSON.stringify(errors)).not.toMatch(/syntax error at or near|"Run"\."|pg_catalog/);
    expect(await lab.database.prisma.run.count()).toBe(1);
  });

  it.each<[string, number]>([
    ["name = 'o''hara; drop'", 1],
    ["name = ''' OR ''1''=''1'", 0],
    ["name like '%'' OR 1=1 --%'", 0],
    ["tags.`a' OR '1'='1` = 'x'", 0],
    ["tags.`$1` = 'seen'", 0],
    ["tags.`$key` = 'seen'", 0],
    ["tags.__proto__ = 'seen'", 0],
    ["tags.secret = '$1'", 0],
    ["name ~ '.*'", 0],
    ["name like '____________'", 1],
  ])('takes quotes and signs as the text that they are: %s', async (filter, found) => {
    const { errors, data } = await runsBy(filter);
    expect(errors).toEqual([]);
    expect(data.runs.totalCount).toBe(found);
  });

  it('is no way to make the database count for ever', async () => {
    const long = `name like '${'%a'.repeat(1900)}%b'`;
    const many = Array.from({ length: 300 }, (_, index) => `name = '${index}'`).join(' or ');
    for (const filter of [long, many, '('.repeat(300), `${'not '.repeat(300)}name = 'x'`]) {
      const { errors, data } = await runsBy(filter);
      expect(errors.length > 0 || data.runs.totalCount === 0).toBe(true);
      if (errors[0]) expect(errors[0].extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});

describe('an order, a cursor, an id', () => {
  it.each<[string, object]>([
    ['query ($v: [RunOrderInput!]) { runs(orderBy: $v) { totalCount } }', [{ by: 'name; DROP TABLE "Run"' }]],
    ['query ($v: [RunOrderInput!]) { runs(orderBy: $v) { totalCount } }', [{ by: 'metrics.`x" DESC; --`; DROP' }]],
    ['query ($v: String) { runs(after: $v) { totalCount } }', 'WyJ4Il0gT1IgMT0x' as unknown as object],
    ['query ($v: String) { projects(after: $v) { totalCount } }', "'; DROP TABLE" as unknown as object],
    ['query ($v: ID!) { run(id: $v) { id } }', "Run-1' OR '1'='1" as unknown as object],
    ['query ($v: String!) { project(name: $v) { id } }', "p' OR '1'='1" as unknown as object],
  ])('is no SQL either: %s', async (query, v) => {
    const { errors, data } = await lab.ask(query, { v }, lab.viewer);
    for (const { extensions } of errors) expect(['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED']).toContain(extensions.code);
    if (errors.length === 0) expect(Object.values(data)).toEqual([null]);
    expect(await lab.database.prisma.run.count()).toBe(1);
  });
});

describe('a key named as what every object has', () => {
  const post = async (body: string) => {
    const response = await fetch(`${lab.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${lab.admin}` },
      body,
    });
    return { status: response.status, text: await response.text() };
  };

  it.each([
    '{"__proto__":{"polluted":1},"query":"{ viewer { name } }"}',
    '{"constructor":{"prototype":{"polluted":1}},"query":"{ viewer { name } }"}',
    '{"query":"query ($__proto__: ID) { viewer { name } }","variables":{"__proto__":{"polluted":1}}}',
    '{"query":"mutation ($i: CreateProjectInput!) { createProject(input: $i) { id } }","variables":{"i":{"name":"a","__proto__":{"polluted":1}}}}',
    '{"query":"mutation ($i: CreateProjectInput!) { createProject(input: $i) { id } }","variables":{"i":{"name":"b","constructor":{"prototype":{"polluted":1}}}}}',
    '{"query":"{ __proto__ { polluted } }"}',
    '{"query":"{ viewer { constructor { name } } }"}',
    '{"query":"{ viewer { __proto__: name toString: name } }"}',
    '{"query":"{ viewer { name } }","extensions":{"__proto__":{"polluted":1}}}',
    '{"query":"query hasOwnProperty { viewer { name } }","operationName":"constructor"}',
  ])('changes no other object: %s', async (body) => {
    const { status, text } = await post(body);
    expect(status).toBeLessThan(500);
    expect(text).not.toContain('INTERNAL_SERVER_ERROR');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(([] as unknown as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('is kept and found as a tag like any other', async () => {
    const run = await addRun(lab.database, { name: 'odd', project: 'odd' });
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const { errors } = await lab.ask('mutation ($id: ID!, $tags: [TagInput!]) { updateRun(id: $id, setTags: $tags) { id } }', {
      id: `Run-${run}`,
      tags: names.map((key) => ({ key, value: 'own' })),
    });
    expect(errors).toEqual([]);
    for (const key of names) expect((await runsBy(`tags.${key} = 'own'`)).data.runs.totalCount, key).toBe(1);
    const { data } = await lab.ask('query ($id: ID!) { run(id: $id) { tags { key value } } }', { id: `Run-${run}` });
    expect(data.run.tags.map(({ key }: { key: string }) => key).sort()).toEqual([...names].sort());
  });
});

describe('words with line ends and orders to a terminal', () => {
  const forged = 'x\n{"level":50,"msg":"forged"}\r\nriftlab: forged \x1b[2J\x1b]0;title\x07\u009b31m\u202e';

  it('stay within their line of the log', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'riftlab-test-log-'));
    openLog(folder).error({ err: new Error(forged), name: forged }, forged);
    const text = await readFile(join(folder, 'server.log'), 'utf8');
    await rm(folder, { recursive: true });
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(text).msg).toBe(forged);
    expect([...text].filter((sign) => sign < ' ' && sign !== '\n')).toEqual([]);
  });

  it('say nothing of their own in the terminal', () => {
    const printed: string[] = [];
    const print = console.log;
    console.log = (text: string) => void printed.push(text);
    try {
      say(`worker ${forged} ended`);
    } finally {
      console.log = print;
    }
    expect(printed).toHaveLength(1);
    expect(new Set(printed[0]?.match(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu))).toEqual(new Set(['\n']));
    expect(printed[0]?.split('\n').filter((line) => line.startsWith('riftlab: '))).toHaveLength(1);
    expect(printed[0]).toContain('\\u001b[2J');
  });

  it('in an address or header are in no header of the answer', async () => {
    for (const path of [
      '/graphql?next=%0d%0aSet-Cookie:%20a=b',
      '/?token=%0d%0aSet-Cookie:%20a=b',
      '/api/checkpoints/x%0d%0aSet-Cookie:%20a=b',
    ]) {
      const response = await fetch(lab.address + path, { redirect: 'manual', headers: { accept: 'text/html' } });
      expect(response.headers.getSetCookie().join(), path).not.toContain('a=b');
    }
  });
});
