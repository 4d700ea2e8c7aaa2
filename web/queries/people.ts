import { graphql, type ResultOf } from '../lib/graphql.ts';

const personFields = graphql(`fragment PersonFields on User { id name email role active lastSeenAt }`);

export const people = graphql(`query People { viewer { id role } users { ...PersonFields } }`, [personFields]);

export const inviteUser = graphql(
  `
    mutation InviteUser($email: String!, $name: String!, $role: Role!) {
      inviteUser(email: $email, name: $name, role: $role) { address expiresAt user { ...PersonFields } }
    }
  `,
  [personFields],
);

export const renewInvitation = graphql(
  `mutation RenewInvitation($user: ID!) { renewInvitation(user: $user) { address expiresAt user { ...PersonFields } } }`,
  [personFields],
);

export const setRole = graphql(`mutation SetRole($user: ID!, $role: Role!) { setRole(user: $user, role: $role) { ...PersonFields } }`, [
  personFields,
]);

export const removeUser = graphql(`mutation RemoveUser($user: ID!) { removeUser(user: $user) { ...PersonFields } }`, [personFields]);

export type Person = ResultOf<typeof people>['users'][number];
export type Invitation = ResultOf<typeof inviteUser>['inviteUser'];
