/** API tokens for scripts. */
import { z } from 'zod';
import { BadInputError, ForbiddenError, NotFoundError } from '../errors.ts';
import * as store from '../store/tokens.ts';
import { act } from './act.ts';
import { check } from './input.ts';
import { atLeast, lesser, permit } from './permission.ts';
import type { Role, TokenRecord } from './records.ts';
import type { Session, Viewer } from './session.ts';

const newToken = z.object({
  name: z.string().trim().min(1, 'A token needs a name, to recognise it by.').max(100),
  role: z.enum(['VIEWER', 'MEMBER', 'ADMIN']).optional(),
  expiresAt: z.date().optional(),
});

/**
 * Everybody makes tokens for themselves, of at most their own role. A token that makes one gives it at most its own life, which is
 * also what it gets when no end is asked for, and takes it along when it is revoked. The secret is returned this once.
 */
export async function createApiToken(session: Session, input: unknown): Promise<{ token: TokenRecord; secret: string }> {
  const viewer = permit(session, 'VIEWER');
  const own = viewer.token?.expiresAt ?? null;
  const { name, role = viewer.role, expiresAt = own } = check(newToken, input, []);
  if (!atLeast(viewer.role, role)) throw new ForbiddenError(`Your role is ${viewer.role}; a token of yours cannot have ${role}.`, ['role']);
  if (expiresAt && expiresAt <= new Date()) throw new BadInputError('The token would have expired already.', ['expiresAt']);
  if (endsLater(expiresAt, own))
    throw new ForbiddenError(`This token ends at ${own?.toISOString()}; one that it makes ends then.`, ['expiresAt']);
  const parentId = viewer.token?.id ?? null;
  return act(session, 'createApiToken', { name, role, expiresAt }, async (transaction) => {
    const result = await store.createToken(transaction, { userId: viewer.user.id, name, role: role as Role, expiresAt, parentId });
    return { result, target: `ApiToken-${result.token.id}` };
  });
}

const endsLater = (one: Date | null, other: Date | null) => other !== null && (one === null || one > other);

/** Whether the token is within the viewer's power: theirs, or anybody's for an ADMIN; for a token only what it could have made. */
function isWithin({ user, role, token: own }: Viewer, token: TokenRecord): boolean {
  if (token.userId !== user.id && role !== 'ADMIN') return false;
  if (!own) return true;
  const effective = token.userId === user.id ? lesser(user.role, token.role) : token.role;
  return atLeast(role, effective) && !endsLater(token.expiresAt, own.expiresAt);
}

/** Whether the viewer may know of the token. */
export const maySeeToken = ({ viewer }: Session, token: TokenRecord) => viewer !== null && isWithin(viewer, token);

/** Ends a token that is within the viewer's power, and those that it made. */
export async function revokeApiToken(session: Session, id: number | null): Promise<TokenRecord> {
  const viewer = permit(session, 'VIEWER');
  const token = id === null ? null : await session.load.token.load(id);
  if (!token || (token.userId !== viewer.user.id && viewer.role !== 'ADMIN')) throw new NotFoundError('There is no such token.', ['id']);
  if (!isWithin(viewer, token)) {
    throw new ForbiddenError('This token has a lesser role or a shorter life than the one that it would end. Sign in to end that.', ['id']);
  }
  return act(session, 'revokeApiToken', { id: token.id }, async (transaction) => ({
    result: token.revokedAt ? token : await store.revokeToken(transaction, token.id),
    target: `ApiToken-${token.id}`,
    notifications: [{ type: 'accessChanged', user: token.userId }],
  }));
}

/** The tokens of a user that are within the viewer's power. */
export async function tokensOf(session: Session, userId: string): Promise<TokenRecord[]> {
  const { viewer } = session;
  if (!viewer || (viewer.user.id !== userId && viewer.role !== 'ADMIN')) return [];
  return (await session.load.tokensOfUser.load(userId)).filter((token) => isWithin(viewer, token));
}
