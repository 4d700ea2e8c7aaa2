import { graphql, type ResultOf } from '../lib/graphql.ts';

const studyStatus = graphql(`
  fragment StudyStatus on Study {
    id
    name
    preset
    state
    paused
    scale
    seeds
    createdAt
    project { id name }
    progress { fraction done total etaSeconds }
    estimatedSeconds
  }
`);

export const studies = graphql(
  `
    query Studies($after: String) {
      studies(first: 50, after: $after) { nodes { ...StudyStatus } pageInfo { hasNextPage endCursor } }
    }
  `,
  [studyStatus],
);

const spread = graphql(`fragment SpreadFields on Spread { mean sd seeds }`);

export const studyPage = graphql(
  `
    query StudyPage($id: ID!) {
      study(id: $id) {
        ...StudyStatus
        base
        grid
        createdBy { id name }
        rows {
          cell
          published
          suspect
          unlike
          images
          scale
          severities
          standard { ...SpreadFields }
          ood { ...SpreadFields }
          robust { ...SpreadFields }
          autoAttack { ...SpreadFields }
          alpha { ...SpreadFields }
          base {
            standard { ...SpreadFields }
            ood { ...SpreadFields }
            robust { ...SpreadFields }
            autoAttack { ...SpreadFields }
          }
          runs { id name state seed progress { fraction } error { message } }
        }
      }
    }
  `,
  [studyStatus, spread],
);

export const startStudy = graphql(`mutation StartStudy($input: StartStudyInput!) { startStudy(input: $input) { id } }`);

export const estimateStudy = graphql(`
  mutation EstimateStudy($input: StartStudyInput!) {
    estimateStudy(input: $input) { runs trainings devices { seconds hours device { id name } } }
  }
`);

export const pauseStudy = graphql(`mutation PauseStudy($id: ID!) { pauseStudy(id: $id) { ...StudyStatus } }`, [studyStatus]);
export const resumeStudy = graphql(`mutation ResumeStudy($id: ID!) { resumeStudy(id: $id) { ...StudyStatus } }`, [studyStatus]);

export const extendStudy = graphql(
  `mutation ExtendStudy($id: ID!, $seeds: [Int!]) { extendStudy(id: $id, seeds: $seeds) { ...StudyStatus } }`,
  [studyStatus],
);

export type StudyStatus = ResultOf<typeof studies>['studies']['nodes'][number];
export type Study = NonNullable<ResultOf<typeof studyPage>['study']>;
export type StudyRow = Study['rows'][number];
export type Spread = NonNullable<StudyRow['standard']>;
export type StudyEstimate = ResultOf<typeof estimateStudy>['estimateStudy'];
