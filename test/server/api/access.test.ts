/** Who may do what: tokens, sessions, roles, and what a foreign page can't do. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../../../server/store/tokens.ts';
import { startLab, type TestLab } from './lab.ts';
import { signInOnce } from './sign-in.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

const viewerQuery = '{ viewer { id name role tokens { name } } }';

/** A request whose Host and Origin are what the test says. */
function send(headers: Record<string, string>, { path = '/graphql', method = 'POST', body = '{"query":"{viewer{name}}"}' } = {}) {
  const { hostname, port } = new URL(lab.address);
  return new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers: response.headers }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const signIn = () => signInOnce(lab);

const ask = async (query: string, headers: Record<string, string>) => {
  const { status, body } = await send(headers, { body: JSON.stringify({ query }) });
  return { status, ...JSON.parse(body) };
};

describe('tokens', () => {
  it('tell who asks', async () => {
    expect((await lab.ask(viewerQuery, {}, lab.admin)).data.viewer).toMatchObject({ role: 'ADMIN', tokens: [{ name: 'first start' }] });
    expect((await lab.ask(viewerQuery, {}, lab.viewer)).data.viewer).toMatchObject({ role: 'VIEWER', name: 'viewer' });
  });

  it('are needed', async () => {
    const { data, errors } = await lab.ask(viewerQuery, {}, null);
    expect(data).toEqual({});
    expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const plain = await send({ authorization: lab.viewer });
    expect(JSON.parse(plain.body).data.viewer).toEqual({ name: 'viewer' });
    const wrong = await lab.ask(viewerQuery, {}, `${lab.admin}x`);
    expect(wrong.status).toBe(401);
    expect(wrong.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('are kept as hashes, shown once, and end when they are revoked or expire', async () => {
    const { data } = await lab.ask(
      'mutation { createApiToken(name: "notebook", role: VIEWER) { secret token { id name role lastUsedAt } } }',
      {},
      lab.member,
    );
    const { secret, token } = data.createApiToken;
    expect(token).toMatchObject({ name: 'notebook', role: 'VIEWER', lastUsedAt: null });
    const rows = await lab.database.prisma.apiToken.findMany();
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(rows.some(({ secretHash }) => secretHash === hashSecret(secret))).toBe(true);
    const audit = await lab.database.prisma.auditRecord.findMany({ where: { action: 'createApiToken' } });
    expect(audit).toHaveLength(1);
    expect(JSON.stringify(audit, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(secret);

    expect((await lab.ask(viewerQuery, {}, secret)).data.viewer).toMatchObject({ name: 'member', role: 'VIEWER' });
    expect((await lab.ask('mutation { createProject(input: { name: "no" }) { id } }', {}, secret)).errors[0]?.extensions.code).toBe(
      'FORBIDDEN',
    );
    const foreign = await lab.ask('mutation ($id: ID!) { revokeApiToken(id: $id) { id } }', { id: token.id }, lab.viewer);
    expect(foreign.errors[0]?.extensions).toMatchObject({ code: 'NOT_FOUND', path: ['id'] });
    expect(
      (await lab.ask('mutation ($id: ID!) { revokeApiToken(id: $id) { name } }', { id: token.id }, lab.member)).data.revokeApiToken.name,
    ).toBe('notebook');
    expect((await lab.ask(viewerQuery, {}, secret)).status).toBe(401);

    const brief = await lab.ask('mutation ($at: DateTime) { createApiToken(name: "brief", expiresAt: $at) { secret } }', {
      at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    expect((await lab.ask(viewerQuery, {}, brief.data.createApiToken.secret)).status).toBe(200);
    await lab.database.prisma.apiToken.updateMany({ where: { name: 'brief' }, data: { expiresAt: new Date() } });
    expect((await lab.ask(viewerQuery, {}, brief.data.createApiToken.secret)).status).toBe(401);
  });

  it('can have no more than their owner has', async () => {
    const { errors } = await lab.ask('mutation { createApiToken(name: "x", role: ADMIN) { secret } }', {}, lab.member);
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', path: ['role'] });
    const past = await lab.ask('mutation { createApiToken(name: "x", expiresAt: "2020-01-01T00:00:00Z") { secret } }');
    expect(past.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['expiresAt'] });
  });

  it('of others are seen by an ADMIN alone', async () => {
    const { data } = await lab.ask(viewerQuery, {}, lab.member);
    const query = 'query ($id: ID!) { node(id: $id) { ... on User { name tokens { id } } } }';
    expect((await lab.ask(query, { id: data.viewer.id }, lab.viewer)).data.node).toEqual({ name: 'member', tokens: [] });
    const seen = (await lab.ask(query, { id: data.viewer.id }, lab.admin)).data.node.tokens;
    expect(seen.length).toBeGreaterThan(0);
    const one = 'query ($id: ID!) { node(id: $id) { id } }';
    expect((await lab.ask(one, { id: seen[0].id }, lab.viewer)).data.node).toBeNull();
    expect((await lab.ask(one, { id: seen[0].id }, lab.member)).data.node).toEqual({ id: seen[0].id });
  });
});

describe('roles', () => {
  const mutations = [
    'createProject(input: { name: "p" }) { id }',
    'startTraining(input: { project: "p", training: { architecture: RESNET8, dataset: "mnist" } }) { id }',
    'startRift(input: { project: "p", model: { checkpoint: "Checkpoint-1" } }) { id }',
    'startCriticality(input: { project: "p", checkpoint: "Checkpoint-1" }) { id }',
    'startFineTune(input: { project: "p", checkpoint: "Checkpoint-1", fineTune: {} }) { id }',
    'startInterpolation(input: { project: "p", base: "Checkpoint-1", tuned: "Checkpoint-2" }) { id }',
    'startEvaluation(input: { project: "p", checkpoint: "Checkpoint-1", evaluation: {} }) { id }',
    'cancelRun(id: "Run-1") { id }',
    'resumeRun(id: "Run-1") { id }',
    'updateRun(id: "Run-1", name: "x") { id }',
    'inviteUser(email: "a@example.org", name: "A") { address }',
  ];

  it.each(mutations)('a VIEWER may not: %s', async (mutation) => {
    const { errors } = await lab.ask(`mutation { ${mutation} }`, {}, lab.viewer);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    const signedOut = await lab.ask(`mutation { ${mutation} }`, {}, null);
    expect(signedOut.errors.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
  });

  it('a MEMBER may not invite', async () => {
    const { errors } = await lab.ask('mutation { inviteUser(email: "a@example.org", name: "A") { address } }', {}, lab.member);
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('foreign pages', () => {
  it('cannot use another name for this server', async () => {
    const { status, body } = await send({ host: 'rebound.example.com', authorization: `Bearer ${lab.admin}` });
    expect(status).toBe(403);
    expect(JSON.parse(body).errors[0].extensions.code).toBe('FORBIDDEN');
  });

  it('cannot send a signed-in person’s request', async () => {
    const cookie = await signIn();
    const host = new URL(lab.address).host;
    expect((await ask(viewerQuery, { cookie })).data.viewer.name).toBe('Admin');
    expect((await ask(viewerQuery, { cookie, host, origin: `http://${host}` })).data.viewer.name).toBe('Admin');
    for (const origin of ['https://example.com', 'null', `http://localhost:${new URL(lab.address).port}`]) {
      expect((await send({ cookie, host, origin })).status).toBe(403);
    }
    expect((await send({ cookie, host, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect((await send({ cookie, host, 'content-type': type })).status).toBe(415);
    }
    expect((await send({ cookie }, { method: 'GET', path: '/graphql?query=%7Bviewer%7Bname%7D%7D', body: '' })).status).toBe(405);
  });

  it('are told nothing about what is inside', async () => {
    const { headers } = await send({}, { method: 'GET', path: '/healthz', body: '' });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'same-origin' });
  });
});

describe('without signing in', () => {
  it.each(['/healthz', '/readyz', '/metrics'])('%s answers', async (path) => {
    expect((await fetch(lab.address + path)).status).toBe(200);
  });
});
