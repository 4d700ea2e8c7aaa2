/** The schema builder: plugins, scalars and the roots. */
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { LimitExceededError, UnauthenticatedError } from '../errors.ts';
import { globalId, splitGlobalId } from '../services/identity.ts';
import type { Session } from '../services/session.ts';
import { DateTimeScalar, JsonScalar, LongScalar, Sha256Scalar } from './scalars.ts';

/** Values that one operation may ask for, judged by the lengths of its lists. */
const mostValues = 250_000;

export const builder = new SchemaBuilder<{
  Context: Session;
  DefaultFieldNullability: false;
  AuthScopes: { signedIn: boolean };
  Scalars: {
    ID: { Input: string; Output: string | number };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
    Long: { Input: number; Output: number | bigint };
    Sha256: { Input: string; Output: string };
  };
}>({
  plugins: [ScopeAuthPlugin, RelayPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  relay: {
    encodeGlobalID: globalId,
    decodeGlobalID: splitGlobalId,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: 'Something with an id that is unique in the whole lab.' },
    idFieldOptions: { description: 'Unique in the whole lab; node(id) finds the object again.' },
    nodeQueryOptions: {
      description: 'Any object by its id; null when there is none.',
      args: { id: { description: 'As another query returned it.' } },
      resolve: (_root, { id }, _session, { schema }, resolveNode) => {
        const type = schema.getType(id.typename);
        const isNode = type && 'getInterfaces' in type && type.getInterfaces().some(({ name }) => name === 'Node');
        return isNode ? resolveNode(id) : null;
      },
    },
    pageInfoTypeOptions: { description: 'Where a page lies in its list.' },
    hasNextPageFieldOptions: { description: 'Whether there is more after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether there is something before this page.' },
    startCursorFieldOptions: { description: 'Cursor of the first edge.' },
    endCursorFieldOptions: { description: 'Cursor of the last edge; pass it as after to get the next page.' },
  },
  complexity: {
    defaultListMultiplier: 5,
    limit: { complexity: mostValues },
    complexityError: (_kind, { complexity }) =>
      new LimitExceededError(`This asks for about ${complexity} values at once, and ${mostValues} are the most: ask for shorter lists.`),
  },
  scopeAuth: {
    authScopes: ({ viewer }) => ({ signedIn: viewer !== null }),
    unauthorizedError: () => new UnauthenticatedError('Sign in, or send "Authorization: Bearer TOKEN".'),
  },
});

builder.addScalarType('DateTime', DateTimeScalar);
builder.addScalarType('JSON', JsonScalar);
builder.addScalarType('Long', LongScalar);
builder.addScalarType('Sha256', Sha256Scalar);

builder.queryType({ description: 'What can be read. Needs the role VIEWER.', authScopes: { signedIn: true } });
builder.mutationType({
  description: 'What can be changed. Needs the role MEMBER where nothing else is said.',
  authScopes: { signedIn: true },
});
builder.subscriptionType({ description: 'What happens, as it happens, over graphql-transport-ws.', authScopes: { signedIn: true } });
