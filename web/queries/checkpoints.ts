import { graphql, type ResultOf } from '../lib/graphql.ts';
import { evaluationFields } from './run.ts';

export const checkpoints = graphql(`
  query Checkpoints($filter: String, $first: Int!, $after: String) {
    checkpoints(filter: $filter, first: $first, after: $after) {
      nodes {
        id
        name
        network
        dataset
        variant
        parameters
        bytes
        createdAt
        url
        changedModules
        producedBy { id name }
        evaluations { id suite accuracy split images trust attack protocol }
      }
      totalCount
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** Cursors of the page that ends before a place in the list. */
export const checkpointsBefore = graphql(`
  query CheckpointsBefore($filter: String, $last: Int!, $before: String!) {
    checkpoints(filter: $filter, last: $last, before: $before) { edges { cursor } }
  }
`);

export const checkpointPage = graphql(
  `
    query CheckpointPage($id: ID!) {
      checkpoint(id: $id) {
        id
        sha256
        name
        network
        architectureOptions
        normalisation { mean sd }
        robustBenchEntry
        dataset
        variant
        parameters
        bytes
        createdAt
        url
        changedModules
        producedBy { id name }
        base { id name }
        chosenOn
        trainedOn
        damage
        modules { name shape parameters norm }
        evaluations { ...EvaluationFields }
      }
    }
  `,
  [evaluationFields],
);

/** What a picker of weights shows. */
export const checkpointChoices = graphql(`
  query CheckpointChoices($filter: String) {
    checkpoints(filter: $filter, first: 100) {
      nodes { id name network dataset variant createdAt modules { name } producedBy { id name } }
      totalCount
    }
  }
`);

/** A chosen one that the picker's list may not reach. */
export const checkpointChoice = graphql(`
  query CheckpointChoice($id: ID!) {
    checkpoint(id: $id) { id name network dataset variant createdAt modules { name } producedBy { id name } }
  }
`);

export type CheckpointRow = ResultOf<typeof checkpoints>['checkpoints']['nodes'][number];
export type CheckpointPage = NonNullable<ResultOf<typeof checkpointPage>['checkpoint']>;
export type CheckpointChoice = ResultOf<typeof checkpointChoices>['checkpoints']['nodes'][number];
