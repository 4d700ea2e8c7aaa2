import { graphql, type ResultOf } from '../lib/graphql.ts';

/** The key results of a run, as the server names them when its evaluation stage ends. */
const runRow = graphql(`
  fragment RunRow on Run {
    id
    name
    kind
    state
    createdAt
    startedAt
    finishedAt
    deletedAt
    project { id name }
    runsAhead
    progress { fraction etaSeconds }
    stages { name state }
    params(keys: ["architecture", "network", "dataset", "variant"]) { key value }
    metrics(keys: ["standard", "robust", "base.standard", "base.robust", "suspect.standard", "suspect.robust"], special: true) { key last special }
  }
`);

export const runs = graphql(
  `
    query Runs($project: String, $filter: String, $deleted: Boolean, $orderBy: [RunOrder!], $first: Int!, $after: String) {
      runs(project: $project, filter: $filter, deleted: $deleted, orderBy: $orderBy, first: $first, after: $after) {
        nodes { ...RunRow }
        totalCount
        hints { name nearest message }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [runRow],
);

/** Cursors of the page that ends before a place in the list. */
export const runsBefore = graphql(`
  query RunsBefore($project: String, $filter: String, $deleted: Boolean, $orderBy: [RunOrder!], $last: Int!, $before: String!) {
    runs(project: $project, filter: $filter, deleted: $deleted, orderBy: $orderBy, last: $last, before: $before) { edges { cursor } }
  }
`);

export const runsUpdates = graphql(`subscription RunsUpdates($project: String) { runsUpdated(project: $project) { ...RunRow } }`, [runRow]);

export const projects = graphql(`
  query Projects($search: String) {
    projects(search: $search, first: 100) { nodes { id name description } totalCount }
  }
`);

export const createProject = graphql(`
  mutation CreateProject($input: CreateProjectInput!) { createProject(input: $input) { id name description } }
`);

export const runFields = graphql(`
  query RunFields($project: String, $search: String) { runFields(project: $project, search: $search, first: 200) { name type runs } }
`);

export type RunRow = ResultOf<typeof runs>['runs']['nodes'][number];
