/** What an ADMIN does with the members of the lab. */
import { userIdOf } from '../services/identity.ts';
import * as members from '../services/members.ts';
import { builder } from './builder.ts';
import { Role } from './enums.ts';
import { User } from './objects.ts';

const Invitation = builder.objectRef<members.Invitation>('Invitation').implement({
  description: 'How a person gets in.',
  fields: (t) => ({
    user: t.expose('user', { type: User, description: 'The person.' }),
    address: t.exposeString('address', { description: 'Signs them in once; then they set a password.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the address stops working: a week after it was made.' }),
  }),
});

builder.queryField('users', (t) =>
  t.field({
    type: [User],
    description: 'Everybody who is or was a member of the lab. Needs the role ADMIN.',
    resolve: (_root, _args, session) => members.listMembers(session),
  }),
);

builder.mutationFields((t) => ({
  inviteUser: t.field({
    type: Invitation,
    description: 'Adds a lab member, or takes one in again who was removed. Needs the role ADMIN.',
    args: {
      email: t.arg.string({ required: true, description: 'What they will sign in with.' }),
      name: t.arg.string({ required: true, description: 'As others will see it.' }),
      role: t.arg({ type: Role, required: true, defaultValue: 'MEMBER', description: 'What they may do.' }),
    },
    resolve: (_root, args, session) => members.inviteUser(session, args),
  }),
  renewInvitation: t.field({
    type: Invitation,
    description:
      'A new one-time address for a member who lost theirs or their password. Earlier addresses, the password and sessions end at once; API tokens stay. Needs the role ADMIN.',
    args: { user: t.arg.id({ required: true, description: 'The member, who is not you.' }) },
    resolve: (_root, { user }, session) => members.renewInvitation(session, userIdOf(user, ['user'])),
  }),
  setRole: t.field({
    type: User,
    description: 'Changes what a member may do, on connections that are open too. Needs the role ADMIN.',
    args: {
      user: t.arg.id({ required: true, description: 'The member.' }),
      role: t.arg({
        type: Role,
        required: true,
        description: 'What they may do. The only ADMIN stays one, and nobody demotes themselves.',
      }),
    },
    resolve: (_root, { user, role }, session) => members.setRole(session, userIdOf(user, ['user']), role),
  }),
  removeUser: t.field({
    type: User,
    description: 'Ends a membership, with every session, password and token. Runs stay. Needs the role ADMIN.',
    args: { user: t.arg.id({ required: true, description: 'The member, who is neither you nor the only ADMIN.' }) },
    resolve: (_root, { user }, session) => members.removeUser(session, userIdOf(user, ['user'])),
  }),
}));
