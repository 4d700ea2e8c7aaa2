/** Roles: VIEWER reads, MEMBER also starts and changes runs, ADMIN also manages people. */
import { ForbiddenError, UnauthenticatedError } from '../errors.ts';
import type { Role } from '../store/records.ts';
import type { Session, Viewer } from './session.ts';

const ranks: Record<Role, number> = { VIEWER: 0, MEMBER: 1, ADMIN: 2 };

export const atLeast = (role: Role, needed: Role) => ranks[role] >= ranks[needed];
export const lesser = (one: Role, other: Role): Role => (ranks[one] < ranks[other] ? one : other);

/** The viewer, when the role suffices; throws UnauthenticatedError or ForbiddenError otherwise. */
export function permit(session: Session, needed: Role): Viewer {
  const { viewer } = session;
  if (!viewer) throw new UnauthenticatedError('Sign in, or send "Authorization: Bearer TOKEN".');
  if (atLeast(viewer.role, needed)) return viewer;
  throw new ForbiddenError(`This needs the role ${needed}; you have ${viewer.role}. Ask an ADMIN of your lab.`);
}
