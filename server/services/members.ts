/** The members of the lab, whom an ADMIN invites, gives roles to and removes. */
import { z } from 'zod';
import { BadInputError, ConflictError, ForbiddenError, NotFoundError } from '../errors.ts';
import type { Transaction } from '../store/database.ts';
import { endSignIns } from '../store/sign-in.ts';
import { revokeTokensOf } from '../store/tokens.ts';
import { changeUser, createUser, findUser, findUserByEmail, listUsers, lockAdmins } from '../store/users.ts';
import { act } from './act.ts';
import { check } from './input.ts';
import { type OneTimeAddress, oneTimeAddress } from './people.ts';
import { permit } from './permission.ts';
import type { Role, UserRecord } from './records.ts';
import type { Session, Viewer } from './session.ts';

export interface Invitation extends OneTimeAddress {
  user: UserRecord;
}

const validHours = 7 * 24;
const mostListed = 5000;
const role = z.enum(['VIEWER', 'MEMBER', 'ADMIN']);

const invitation = z.object({
  email: z.email('This is not an e-mail address.').max(200),
  name: z.string().trim().min(1, 'A person needs a name.').max(100),
  role: role.default('MEMBER'),
});

/** An ADMIN. What they do to people outlasts a token that ends, so such a token can't do it. */
function permitManaging(session: Session): Viewer {
  const viewer = permit(session, 'ADMIN');
  if (!viewer.token?.expiresAt) return viewer;
  throw new ForbiddenError('This token ends, and what it would do to people stays. Sign in, or use a token without an end.');
}

const accessChanged = (user: string) => [{ type: 'accessChanged', user } as const];

/** Everybody who is or was a member. */
export async function listMembers(session: Session): Promise<UserRecord[]> {
  permit(session, 'ADMIN');
  return listUsers(session.lab.database, mostListed);
}

/** Adds a person, or takes one in again who was removed; the address signs them in once, within a week. */
export async function inviteUser(session: Session, input: unknown): Promise<Invitation> {
  permitManaging(session);
  const person = check(invitation, input, []);
  return act(session, 'inviteUser', person, async (transaction) => {
    const known = await findUserByEmail(transaction, person.email);
    if (known && !known.removedAt) {
      const message = `${person.email} is a member already. If they lost their address, make a new one (renewInvitation).`;
      throw new ConflictError(message, ['email']);
    }
    const user = known
      ? await changeUser(transaction, known.id, { name: person.name, role: person.role, removedAt: null })
      : await createUser(transaction, person);
    const result = { user, ...(await oneTimeAddress(transaction, user.id, session.home, validHours)) };
    return { result, target: `User-${user.id}` };
  });
}

/** A new one-time address for another member. Their password, their sessions and earlier addresses end; their API tokens stay. */
export async function renewInvitation(session: Session, id: string | null): Promise<Invitation> {
  const viewer = permitManaging(session);
  const user = await memberOf(session, id);
  if (user.id === viewer.user.id) {
    throw new ConflictError('This is you. Change your password on the account page; "npm start -- --sign-in" prints an address.', ['user']);
  }
  return act(session, 'renewInvitation', { user: user.id }, async (transaction) => {
    await endSignIns(transaction, user.id);
    const result = { user, ...(await oneTimeAddress(transaction, user.id, session.home, validHours)) };
    return { result, target: `User-${user.id}`, notifications: accessChanged(user.id) };
  });
}

/** What a member may do from now on. Their tokens can't do more than they can. */
export async function setRole(session: Session, id: string | null, wanted: unknown): Promise<UserRecord> {
  permitManaging(session);
  const next: Role = check(role, wanted, ['role']);
  const { id: user } = await memberOf(session, id);
  return act(session, 'setRole', { user, role: next }, async (transaction) => {
    if (next !== 'ADMIN') await keepAdmin(transaction, session, user, 'take the role ADMIN from');
    return { result: await changeUser(transaction, user, { role: next }), target: `User-${user}`, notifications: accessChanged(user) };
  });
}

/** Ends a membership, with every session, address, password and token. Runs of theirs stay. */
export async function removeUser(session: Session, id: string | null): Promise<UserRecord> {
  permitManaging(session);
  const { id: user } = await memberOf(session, id);
  return act(session, 'removeUser', { user }, async (transaction) => {
    await keepAdmin(transaction, session, user, 'remove');
    await endSignIns(transaction, user);
    await revokeTokensOf(transaction, user);
    const result = await changeUser(transaction, user, { removedAt: new Date() });
    return { result, target: `User-${user}`, notifications: accessChanged(user) };
  });
}

async function memberOf(session: Session, id: string | null): Promise<UserRecord> {
  const user = id === null ? null : await findUser(session.lab.database.prisma, id);
  if (!user) throw new NotFoundError('There is no such person.', ['user']);
  if (user.removedAt) throw new BadInputError(`${user.name} is no member. Invite them again with the same e-mail address.`, ['user']);
  return user;
}

/** Throws where the change would shut administrators out: of themselves, or of the lab. */
async function keepAdmin(transaction: Transaction, session: Session, user: string, doing: string): Promise<void> {
  const admins = await lockAdmins(transaction);
  if (user === session.viewer?.user.id) throw new ConflictError(`You can't ${doing} yourself; another ADMIN can.`, ['user']);
  if (admins.length === 1 && admins[0] === user) {
    throw new ConflictError(`You can't ${doing} the only ADMIN; make somebody else one first.`, ['user']);
  }
}
