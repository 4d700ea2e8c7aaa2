/** What a token may do with tokens and people: no more than its own role, no longer than its own life. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type TestLab } from './lab.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

const inHours = (hours: number) => new Date(Date.now() + hours * 3600_000).toISOString();

async function create(by: string, role?: string, expiresAt?: string) {
  const { data, errors } = await lab.ask(
    'mutation ($role: Role, $expiresAt: DateTime) { createApiToken(name: "t", role: $role, expiresAt: $expiresAt) { secret token { id role expiresAt } } }',
    { role, expiresAt },
    by,
  );
  return { error: errors[0], secret: data.createApiToken?.secret as string, token: data.createApiToken?.token };
}

const revoke = async (id: string, by: string) =>
  (await lab.ask('mutation ($id: ID!) { revokeApiToken(id: $id) { id } }', { id }, by)).errors[0]?.extensions.code ?? 'revoked';
const works = async (secret: string) => (await lab.ask('{ viewer { name } }', {}, secret)).status === 200;

describe('a token', () => {
  it('of a lesser role ends none of a higher one, and sees none', async () => {
    const viewer = await create(lab.admin, 'VIEWER');
    const member = await create(lab.admin, 'MEMBER');
    const admin = await create(lab.admin, 'ADMIN');
    for (const { token, secret } of [member, admin]) {
      expect(await revoke(token.id, viewer.secret)).toBe('FORBIDDEN');
      expect(await works(secret)).toBe(true);
      expect((await lab.ask('query ($id: ID!) { node(id: $id) { id } }', { id: token.id }, viewer.secret)).data.node).toBeNull();
    }
    const seen = (await lab.ask('{ viewer { tokens { id role } } }', {}, viewer.secret)).data.viewer.tokens;
    expect(new Set(seen.map(({ role }: { role: string }) => role))).toEqual(new Set(['VIEWER']));
    expect(await revoke(viewer.token.id, viewer.secret)).toBe('revoked');
  });

  it('that ends makes none that lives longer, and ends none that does', async () => {
    const at = inHours(1);
    const brief = await create(lab.admin, 'ADMIN', at);
    expect((await create(brief.secret)).token.expiresAt).toBe(at);
    expect((await create(brief.secret, 'VIEWER', inHours(0.5))).error).toBeUndefined();
    expect((await create(brief.secret, 'VIEWER', inHours(2))).error?.extensions).toMatchObject({ code: 'FORBIDDEN', path: ['expiresAt'] });
    const lasting = await create(lab.admin, 'VIEWER');
    expect(await revoke(lasting.token.id, brief.secret)).toBe('FORBIDDEN');
  });

  it('takes along those that it made, and those that they made', async () => {
    const parent = await create(lab.member);
    const child = await create(parent.secret);
    const grandchild = await create(child.secret, 'VIEWER');
    const sibling = await create(lab.member);
    expect(await revoke(parent.token.id, lab.member)).toBe('revoked');
    const all = [parent, child, grandchild, sibling];
    expect(await Promise.all(all.map(({ secret }) => works(secret)))).toEqual([false, false, false, true]);
  });

  it('gives no role that it lacks', async () => {
    const viewer = await create(lab.admin, 'VIEWER');
    expect((await create(viewer.secret, 'ADMIN')).error?.extensions).toMatchObject({ code: 'FORBIDDEN', path: ['role'] });
    expect((await create(viewer.secret)).token.role).toBe('VIEWER');
  });

  it.each([
    'inviteUser(email: "new@example.org", name: "N", role: ADMIN) { address }',
    'renewInvitation(user: "User-x") { address }',
    'setRole(user: "User-x", role: ADMIN) { id }',
    'removeUser(user: "User-x") { id }',
  ])('that ends, or is of a lesser role, does not do what outlasts it: %s', async (mutation) => {
    const brief = await create(lab.admin, 'ADMIN', inHours(1));
    const member = await create(lab.admin, 'MEMBER');
    for (const { secret } of [brief, member]) {
      const { errors } = await lab.ask(`mutation { ${mutation} }`, {}, secret);
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    }
    const { errors } = await lab.ask('{ users { id } }', {}, member.secret);
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
