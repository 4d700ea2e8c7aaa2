/** A study that is small enough to be computed in a test. */
import type { TestLab } from './lab.ts';

export const training = {
  ...{ architecture: 'SMALL_CNN', dataset: 'mnist', trainImages: 128, epochs: 1, batchSize: 64, learningRate: 0.02 },
  attack: { epsilon: 0.1, stepSize: 0.05, steps: 2 },
};
export const tiny = {
  model: { training },
  criticality: { images: 32, iterations: 1 },
  fineTune: { epochs: 1 },
  interpolation: { alphas: [0, 1], tolerance: 0.05 },
  evaluation: { images: 32, suites: ['STANDARD', 'ADVERSARIAL'], attack: { epsilon: 0.1, stepSize: 0.05, steps: 2, restarts: 3 } },
};
/** Two cells that share their trainings. */
export const selections = { 'fineTune.select': ['LAST', 'NON_ROBUST_CRITICAL'] };

/** Starts a study in the project `p`. */
export const startStudy = (lab: TestLab, input: object, selection = 'id', token = lab.member) =>
  lab.ask(
    `mutation ($input: StartStudyInput!) { startStudy(input: $input) { ${selection} } }`,
    { input: { project: 'p', name: 's', ...input } },
    token,
  );

export const readStudy = async (lab: TestLab, id: string, selection: string) =>
  (await lab.ask(`query ($id: ID!) { study(id: $id) { ${selection} } }`, { id })).data.study;

/** The number in an id. */
export const numberOf = (id: string) => Number(id.split('-')[1]);
