/** Documents typed by the server's own schema; `npm run generate` renews the types. */
import { initGraphQLTada } from 'gql.tada';
import type { introspection } from '../queries/generated/schema.d.ts';

export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { DateTime: string; JSON: unknown; Sha256: string; Long: number };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
