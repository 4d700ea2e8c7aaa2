/** Checkpoints of other people's repositories come in through the API and are measured as PyTorch measured them: on the first images, all of which test/golden measures. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitForRun } from '../../helpers/runs.ts';
import { startWorker, type TestWorker } from '../../helpers/worker.ts';
import { startLab, type TestLab } from './lab.ts';

const shared = join(import.meta.dirname, '../../../../shared');
const isThere = existsSync(join(shared, 'goldens/evaluation.json'));

interface Golden {
  file: string;
  architecture: string;
  mean?: number[];
  sd?: number[];
  clean_correct?: string;
  pgd20_correct?: string;
}

const goldens: Golden[] = isThere ? JSON.parse(readFileSync(join(shared, 'goldens/evaluation.json'), 'utf8')).checkpoints : [];
const pictures = goldens.filter(({ mean }) => mean);

/** What the files of these families are, by structure. */
const expected: Record<string, object> = {
  'TRADES_model_mnist_smallcnn.pt': { architecture: 'SMALL_CNN', dataset: 'mnist', format: 'pytorch-legacy' },
  'akamaster_resnet20-12fca82f.th': { architecture: 'RESNET_CIFAR', dataset: 'cifar10', format: 'pytorch-legacy' },
};

let lab: TestLab;
let worker: TestWorker;

beforeAll(async () => {
  lab = await startLab();
  worker = startWorker(lab.databaseUrl, lab.data);
  await lab.ask('mutation { createProject(input: { name: "public" }) { id } }');
});
afterAll(async () => {
  await worker?.end('SIGTERM');
  await lab?.close();
});

async function importFile({ file, mean, sd }: Pick<Golden, 'file' | 'mean' | 'sd'>) {
  const headers = { authorization: `Bearer ${lab.member}` };
  const body = new Uint8Array(readFileSync(join(shared, 'data/checkpoints', file)));
  const { upload } = (await (await fetch(`${lab.address}/api/uploads`, { method: 'PUT', body, headers })).json()) as { upload: string };
  const normalisation = mean && sd ? { mean, sd } : undefined;
  const { data, errors } = await lab.ask(
    `mutation ($input: ImportCheckpointInput!) { importCheckpoint(input: $input) {
      id architecture architectureOptions dataset format normalisation { mean sd } } }`,
    { input: { upload, name: file, normalisation } },
    lab.member,
  );
  expect(errors).toEqual([]);
  return data.importCheckpoint;
}

/** One character an image, 1 where it was classified right. */
async function measure(checkpoint: string, evaluation: object): Promise<Record<string, string>> {
  const input = { project: 'public', checkpoint, evaluation };
  const { data, errors } = await lab.ask('mutation ($input: StartEvaluationInput!) { startEvaluation(input: $input) { id } }', { input });
  expect(errors).toEqual([]);
  await waitForRun(lab.database, Number(data.startEvaluation.id.slice(4)), ['FINISHED'], 300);
  const { data: answer } = await lab.ask(`{ run(id: "${data.startEvaluation.id}") { evaluations { suite outcomes } } }`);
  return Object.fromEntries(answer.run.evaluations.map(({ suite, outcomes }: { suite: string; outcomes: string }) => [suite, outcomes]));
}

interface RiftAnswer {
  stages: { state: string }[];
  outputs: { changedModules: string[]; base: { id: string } | null }[];
  mrcScores: { module: string; rank: number }[];
  evaluations: { suite: string; accuracy: number }[];
}

async function rift(model: object): Promise<RiftAnswer> {
  const input = {
    ...{ project: 'public', model, criticality: { images: 16, iterations: 1 }, fineTune: { trainImages: 64, epochs: 1 } },
    ...{ interpolation: { alphas: [0, 1], tolerance: 0.05 }, evaluation: { images: 64, attack: { epsilon: 2 / 255, steps: 2 } } },
  };
  const { data, errors } = await lab.ask('mutation ($input: StartRiftInput!) { startRift(input: $input) { id } }', { input }, lab.member);
  expect(errors).toEqual([]);
  const { id } = data.startRift;
  await waitForRun(lab.database, Number(id.slice(4)), ['FINISHED'], 300);
  const selection =
    'stages { state } outputs { changedModules base { id } } mrcScores { module rank } evaluations(split: "test") { suite accuracy }';
  return (await lab.ask(`{ run(id: "${id}") { ${selection} } }`)).data.run;
}

const few = 100;
const differing = (one: string, other: string) => [...one].filter((flag, index) => flag !== other[index]).length;

describe.skipIf(!isThere)('a public checkpoint', () => {
  it('of MNIST is as robust as its authors say', async () => {
    const imported = await importFile({ file: 'TRADES_model_mnist_smallcnn.pt' });
    expect(imported).toMatchObject({ ...expected['TRADES_model_mnist_smallcnn.pt'], normalisation: { mean: [0], sd: [1] } });
    const { STANDARD = '' } = await measure(imported.id, { images: 1000, suites: ['STANDARD'] });
    expect([...STANDARD].filter((flag) => flag === '1').length / 1000).toBeGreaterThan(0.985);
    const attack = { epsilon: 0.3, stepSize: 0.01, steps: 40, randomStart: false };
    const { ADVERSARIAL = '' } = await measure(imported.id, { images: few, suites: ['ADVERSARIAL'], attack });
    expect([...ADVERSARIAL].filter((flag) => flag === '1').length / few).toBeGreaterThan(0.91);
  });

  it.each(pictures)('$architecture gives the flags of its golden file, image by image', async (golden) => {
    const { file, mean, sd, clean_correct: clean = '', pgd20_correct: robust = '' } = golden;
    const imported = await importFile(golden);
    expect(imported).toMatchObject({ dataset: 'cifar10', normalisation: { mean, sd }, ...expected[file] });
    const attack = { epsilon: 8 / 255, stepSize: 2 / 255, steps: 20, randomStart: false };
    const measured = await measure(imported.id, { images: few, attack, rule: 'LAST_STEP' });
    expect(measured.STANDARD).toHaveLength(few);
    expect(measured.ADVERSARIAL).toHaveLength(few);
    expect(differing(measured.STANDARD ?? '', clean)).toBeLessThanOrEqual(1);
    expect(differing(measured.ADVERSARIAL ?? '', robust)).toBeLessThanOrEqual(1);
  });

  it('is where RiFT begins, trained on clean images or robust; so is a transformer trained here', async () => {
    const standard = pictures.find(({ file }) => file.startsWith('akamaster')) as Golden;
    const robust = pictures.find(({ file }) => file.includes('resnet2b')) as Golden;
    const options = { patch: 8, dim: 32, depth: 2, heads: 2, mlpRatio: 2 };
    const training = {
      ...{ architecture: 'VIT', architectureOptions: options, dataset: 'cifar10' },
      trainImages: 64,
      epochs: 1,
      batchSize: 32,
    };
    const models = [
      { checkpoint: (await importFile(standard)).id },
      { checkpoint: (await importFile(robust)).id },
      { training: { ...training, attack: { steps: 2 } } },
    ];
    for (const model of models) {
      const { stages, outputs, mrcScores, evaluations } = await rift(model);
      expect(stages.every(({ state }) => state === 'FINISHED')).toBe(true);
      const [least] = mrcScores.filter(({ rank }) => rank === 1);
      const tuned = outputs.find(({ changedModules }) => changedModules.length > 0);
      expect(tuned?.changedModules).toEqual([least?.module]);
      if (model.checkpoint) expect(tuned?.base?.id).toBe(model.checkpoint);
      // At alpha 0 the selected weights are those of the base, which are measured once.
      expect([2, 4]).toContain(evaluations.length);
      const clean = evaluations.filter(({ suite }) => suite === 'STANDARD').map(({ accuracy }) => accuracy);
      if (model === models[0]) expect(Math.min(...clean)).toBeGreaterThan(0.75);
      if (model === models[1]) expect(Math.min(...clean)).toBeGreaterThan(0.5);
    }
  });
});
