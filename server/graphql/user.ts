/** People and their API tokens. */

import { recordOf, rowOf } from '../services/identity.ts';
import type { TokenRecord } from '../services/records.ts';
import { createApiToken, maySeeToken, revokeApiToken, tokensOf } from '../services/tokens.ts';
import { builder } from './builder.ts';
import { Role } from './enums.ts';
import { ApiToken, User } from './objects.ts';

builder.node(User, {
  description: 'A member of the lab.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { load }) => load.user.load(id),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As others see it.' }),
    email: t.exposeString('email', { nullable: true, description: 'What they sign in with.' }),
    role: t.field({
      type: Role,
      description: 'What they may do; of the viewer, what this session or token may do.',
      resolve: (user, _args, { viewer }) => (viewer?.user.id === user.id ? viewer.role : user.role),
    }),
    active: t.boolean({ description: 'False once they have left the lab.', resolve: ({ removedAt }) => removedAt === null }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', nullable: true, description: 'When they were here last, to the minute.' }),
    tokens: t.field({
      type: [ApiToken],
      description:
        'Their API tokens that are not revoked; empty unless they are yours or you are an ADMIN. To a token, those of at most its role and life.',
      resolve: ({ id }, _args, session) => tokensOf(session, id),
    }),
  }),
});

builder.node(ApiToken, {
  description: "A script's credential.",
  id: { resolve: ({ id }) => id },
  loadOne: async (id, session) => {
    const token = await recordOf('ApiToken', `ApiToken-${id}`, session.load.token);
    return token && maySeeToken(session, token) ? token : null;
  },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is for.' }),
    role: t.field({ type: Role, description: 'What it may do, at most what its owner may.', resolve: ({ role }) => role }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'When it was used last, to the minute.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it stops working; never when null.' }),
  }),
});

const NewApiToken = builder.objectRef<{ token: TokenRecord; secret: string }>('NewApiToken').implement({
  description: 'A token that was just made. secret is shown this once.',
  fields: (t) => ({
    token: t.expose('token', { type: ApiToken, description: 'The token.' }),
    secret: t.exposeString('secret', { description: 'What a script sends as "Authorization: Bearer SECRET". It is not kept.' }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({ type: User, description: 'You.', resolve: (_root, _args, { viewer }) => (viewer as NonNullable<typeof viewer>).user }),
);

builder.mutationFields((t) => ({
  createApiToken: t.field({
    type: NewApiToken,
    description:
      'Makes an API token of yours. A token that makes one gives it at most its own role and life, and takes it along when it ends. Needs the role VIEWER.',
    args: {
      name: t.arg.string({ required: true, description: 'What it is for.' }),
      role: t.arg({ type: Role, description: 'What it may do; your own role when absent.' }),
      expiresAt: t.arg({ type: 'DateTime', description: 'When it stops working; when absent never, or with the token that makes it.' }),
    },
    resolve: (_root, args, session) => createApiToken(session, args),
  }),
  revokeApiToken: t.field({
    type: ApiToken,
    description: 'Ends a token of yours and those that it made; an ADMIN ends anybody’s. Needs the role VIEWER.',
    args: { id: t.arg.id({ required: true, description: 'The token.' }) },
    resolve: (_root, { id }, session) => revokeApiToken(session, rowOf('ApiToken', id)),
  }),
}));
