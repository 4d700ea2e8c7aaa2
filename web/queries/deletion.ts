import { graphql } from '../lib/graphql.ts';

export const deleteRuns = graphql(`mutation DeleteRuns($ids: [ID!]!) { deleteRuns(ids: $ids) { id deletedAt } }`);

export const restoreRuns = graphql(`mutation RestoreRuns($ids: [ID!]!) { restoreRuns(ids: $ids) { id deletedAt } }`);

export const retention = graphql(`query Retention { server { retentionDays } }`);
