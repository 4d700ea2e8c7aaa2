import { graphql, type ResultOf } from '../lib/graphql.ts';

/** What changes while a run goes on; every live change of the run itself brings it whole. */
const runStatus = graphql(`
  fragment RunStatus on Run {
    id
    name
    kind
    state
    createdAt
    startedAt
    finishedAt
    deletedAt
    notes
    tags { key value }
    device { id name backend kind }
    runsAhead
    error { message stage hint resumable }
    progress { fraction done total unit rate etaSeconds }
    stages { name state startedAt finishedAt progress { fraction done total unit rate etaSeconds } }
    outputs { id name network bytes parameters url changedModules }
    metrics(special: true) { key last lastStep special specialSince min max count }
  }
`);

export const evaluationFields = graphql(`
  fragment EvaluationFields on Evaluation {
    id
    suite
    dataset
    split
    images
    correct
    accuracy
    low
    high
    attack
    corruption
    severity
    protocol
    trust
    findings
    at
    checkpoint { id name chosenOn }
  }
`);

export const runPage = graphql(
  `
    query RunPage($id: ID!) {
      run(id: $id) {
        ...RunStatus
        seed
        config
        params { key value }
        project { id name }
        createdBy { id name }
        inputs { id name network bytes parameters url changedModules }
        artifacts { name sha256 bytes url }
      }
    }
  `,
  [runStatus],
);

export const runRecords = graphql(
  `
    query RunRecords($id: ID!) {
      run(id: $id) {
        id
        config
        mrcScores { module complete score rank robustLoss perturbedLoss epsilon norm losses }
        sweep {
          id
          modules
          base { id name }
          tuned { id name }
          merged { id name }
          points { alpha standard robust ood images split trust findings }
        }
        evaluations { ...EvaluationFields }
      }
    }
  `,
  [evaluationFields],
);

/** The modules of the run's network in network order. */
export const networkOrder = graphql(`
  query NetworkOrder($id: ID!) {
    checkpoint(id: $id) { id modules { name } }
  }
`);

export const runSeries = graphql(`
  query RunSeries($id: ID!, $keys: [String!]!) {
    run(id: $id) { id series(keys: $keys, maxPoints: 800) { key total points { step mean min max } specials { special fromStep toStep } } }
  }
`);

export const runLog = graphql(`
  query RunLog($id: ID!, $after: Long) {
    run(id: $id) { id log(after: $after, first: 1000) { seq at level text } }
  }
`);

export const runUpdates = graphql(
  `
    subscription RunUpdates($id: ID!) {
      runUpdated(id: $id) {
        __typename
        ... on RunSnapshot { run { ...RunStatus } }
        ... on RunChanged { run { ...RunStatus } }
        ... on MetricsLogged { points { key step value } specials { key special fromStep toStep } }
        ... on LinesLogged { lines { seq at level text } }
        ... on MrcScored { score { module complete score rank robustLoss perturbedLoss epsilon norm losses } }
        ... on SweepPointScored { point { alpha standard robust ood images split trust findings } }
        ... on Evaluated { evaluation { ...EvaluationFields } }
      }
    }
  `,
  [runStatus, evaluationFields],
);

export const cancelRun = graphql(`mutation CancelRun($id: ID!) { cancelRun(id: $id) { ...RunStatus } }`, [runStatus]);
export const resumeRun = graphql(`mutation ResumeRun($id: ID!) { resumeRun(id: $id) { ...RunStatus } }`, [runStatus]);

export const updateRun = graphql(`
  mutation UpdateRun(
    $id: ID!
    $name: String
    $notes: String
    $notesBefore: String
    $setTags: [TagInput!]
    $deleteTags: [String!]
  ) {
    updateRun(id: $id, name: $name, notes: $notes, notesBefore: $notesBefore, setTags: $setTags, deleteTags: $deleteTags) {
      id
      name
      notes
      tags { key value }
    }
  }
`);

export const runNotes = graphql(`query RunNotes($id: ID!) { run(id: $id) { id notes } }`);

export type RunPageRun = NonNullable<ResultOf<typeof runPage>['run']>;
export type RunStage = RunPageRun['stages'][number];
export type RunOutput = RunPageRun['outputs'][number];
type Records = NonNullable<ResultOf<typeof runRecords>['run']>;
export type Score = Records['mrcScores'][number];
export type Sweep = NonNullable<Records['sweep']>;
export type SweepPoint = Sweep['points'][number];
export type Evaluation = Records['evaluations'][number];
export type LogLine = NonNullable<ResultOf<typeof runLog>['run']>['log'][number];
export type Update = NonNullable<ResultOf<typeof runUpdates>['runUpdated']>;
