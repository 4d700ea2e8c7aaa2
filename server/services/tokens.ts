/** API tokens for scripts. */
import { z } from 'zod';
import { BadInputError, ForbiddenError, NotFoundError } from '../errors.ts';
import * as store from '../store/tokens.ts';
import { act } from './act.ts';
import { check } from './input.ts';
import { atLeast, permit } from './permission.ts';
import type { Role, TokenRecord } from './records.ts';
import type { Session } from './session.ts';

const newToken = z.object({
  name: z.string().trim().min(1, 'A token needs a name, to recognise it by.').max(100),
  role: z.enum(['VIEWER', 'MEMBER', 'ADMIN']).optional(),
  expiresAt: z.date().optional(),
});

/** Everybody makes tokens for themselves, of at most their own role. The secret is returned this once. */
export async function createApiToken(session: Session, input: unknown): Promise<{ token: TokenRecord; secret: string }> {
  const viewer = permit(session, 'VIEWER');
  const { name, role = viewer.role, expiresAt = null } = check(newToken, input, []);
  if (!atLeast(viewer.role, role)) throw new ForbiddenError(`Your role is ${viewer.role}; a token of yours cannot have ${role}.`, ['role']);
  if (expiresAt && expiresAt <= new Date()) throw new BadInputError('The token would have expired already.', ['expiresAt']);
  return act(session, 'createApiToken', { name, role, expiresAt }, async (transaction) => {
    const result = await store.createToken(transaction, { userId: viewer.user.id, name, role: role as Role, expiresAt });
    return { result, target: `ApiToken-${result.token.id}` };
  });
}

/** Ends a token of one's own; an ADMIN ends anybody's. */
export async function revokeApiToken(session: Session, id: number | null): Promise<TokenRecord> {
  const viewer = permit(session, 'VIEWER');
  const token = id === null ? null : await session.load.token.load(id);
  const visible = token && (token.userId === viewer.user.id || viewer.role === 'ADMIN');
  if (!visible) throw new NotFoundError('There is no such token.', ['id']);
  return act(session, 'revokeApiToken', { id: token.id }, async (transaction) => ({
    result: token.revokedAt ? token : await store.revokeToken(transaction, token.id),
    target: `ApiToken-${token.id}`,
  }));
}

/** The tokens of a user that the viewer may see: their own, or anybody's for an ADMIN. */
export async function tokensOf(session: Session, userId: string): Promise<TokenRecord[]> {
  const { viewer } = session;
  if (!viewer || (viewer.user.id !== userId && viewer.role !== 'ADMIN')) return [];
  return session.load.tokensOfUser.load(userId);
}
