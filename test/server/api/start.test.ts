/** The start mutations: what is queued, and every input that is refused, with its code and path. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pgdConfig, readExperiment } from '../../../engine/config.ts';
import { findDataset, modules } from '../../../engine/index.ts';
import { startLab, type TestLab } from './lab.ts';
import { addCheckpoint, addRun } from './records.ts';

let lab: TestLab;
/** Checkpoints by what they are. */
const known: Record<string, string> = {};

beforeAll(async () => {
  lab = await startLab();
  await lab.ask('mutation { createProject(input: { name: "p" }) { id } }');
  known.mnist = await addCheckpoint(lab.database, 'SMALL_CNN', 'mnist');
  known.other = await addCheckpoint(lab.database, 'SMALL_CNN', 'mnist');
  known.resnet = await addCheckpoint(lab.database, 'RESNET8', 'mnist');
  known.cifar = await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
  known.shallow = await addCheckpoint(lab.database, 'RESNET_CIFAR', 'cifar10', 'cifar10', { depth: 20 });
  known.deep = await addCheckpoint(lab.database, 'RESNET_CIFAR', 'cifar10', 'cifar10', { depth: 32 });
  known.normalised = await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
  await lab.database.prisma.checkpoint.update({
    where: { id: Number(known.normalised.slice('Checkpoint-'.length)) },
    data: { normalisation: { mean: [0, 0, 0], deviation: [1, 1, 1] } },
  });
  known.foreign = await addCheckpoint(lab.database, 'SMALL_CNN', 'mnist');
  await lab.database.prisma.checkpoint.update({
    where: { id: Number(known.foreign.slice('Checkpoint-'.length)) },
    data: { trainedHere: false },
  });
  known.strange = await addCheckpoint(lab.database, 'SMALL_CNN', 'mnist');
  await lab.database.prisma.checkpoint.update({
    where: { id: Number(known.strange.slice('Checkpoint-'.length)) },
    data: { architecture: 'CONSTRUCTOR_NET' },
  });
  known.unnamed = await addCheckpoint(lab.database, 'SMALL_CNN', 'mnist', null);
});

afterAll(() => lab.close());

const training = { architecture: 'SMALL_CNN', dataset: 'mnist' };
const count = modules({ architecture: 'SMALL_CNN' }, findDataset('mnist')).length;

type Start = 'startTraining' | 'startRift' | 'startCriticality' | 'startFineTune' | 'startInterpolation' | 'startEvaluation';

/** Sends the input as a variable; names of known checkpoints, as $mnist, stand for their ids. */
function start(mutation: Start, input: object, selection = 'id') {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const filled = JSON.parse(JSON.stringify({ project: 'p', ...input }), (_key, value) =>
    typeof value === 'string' && value.startsWith('$') ? known[value.slice(1)] : value,
  );
  return lab.ask(`mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} } }`, { input: filled }, lab.member);
}

/** What it is, the mutation and its input, the answer's code and path, and what it says. */
type Refused = [string, Start, object, string, (string | number)[], RegExp];

describe('the network of a run', () => {
  it.each<[Start, object, string]>([
    [
      'startTraining',
      { training: { architecture: 'WIDE_RESNET', architectureOptions: { depth: 10, widenFactor: 2 }, dataset: 'mnist' } },
      'WRN10-2',
    ],
    ['startEvaluation', { checkpoint: '$deep', evaluation: {} }, 'ResNet-32 (CIFAR)'],
    ['startRift', { model: { checkpoint: '$shallow' } }, 'ResNet-20 (CIFAR)'],
    ['startInterpolation', { base: '$shallow', tuned: '$shallow' }, 'ResNet-20 (CIFAR)'],
  ])('of %s is said with its options', async (mutation, input, network) => {
    const { data, errors } = await start(mutation, input, 'params(keys: ["network"]) { value } inputs { network }');
    expect(errors).toEqual([]);
    expect(data[mutation].params).toEqual([{ value: network }]);
    for (const checkpoint of data[mutation].inputs) expect(checkpoint).toEqual({ network });
  });
});

describe('the device of a start mutation', () => {
  const training = { architecture: 'SMALL_CNN', dataset: 'mnist', epochs: 1 };
  const device = async (state: string, changes: object = {}) => {
    const about = { worker: `w-${state}`, name: `GPU of ${state}`, backend: 'onnx', kind: 'cuda', label: 'cuda:1', lastSeenAt: new Date() };
    const { id } = await lab.database.prisma.device.create({ data: { ...about, state, ...changes } });
    return `Device-${id}`;
  };

  it.each(['idle', 'busy', 'testing'])('is kept when it is %s, and no other device takes the run', async (state) => {
    const id = await device(state);
    const { data, errors } = await start('startTraining', { training, device: id }, 'id config');
    expect(errors).toEqual([]);
    expect(data.startTraining.config.device).toBe(id);
    const run = await lab.database.prisma.run.findUniqueOrThrow({ where: { id: Number(data.startTraining.id.slice('Run-'.length)) } });
    expect(`Device-${run.wantedDeviceId}`).toBe(id);
    const jobs = await lab.database.pool.query('SELECT name FROM pgboss.job WHERE singleton_key = $1', [String(run.id)]);
    expect(jobs.rows).toEqual([{ name: `stages-device-${run.wantedDeviceId}` }]);
  });

  it.each([
    ['failed', { problem: 'CUDA failure 719.' }, /^GPU of failed cannot compute: CUDA failure 719\. Choose another device/],
    ['standby', {}, /on standby.*--device cuda:1/],
    ['offline', {}, /is offline: its worker w-offline was heard last at 20/],
  ])('is refused with the reason when it is %s', async (state, changes, reason) => {
    const { errors } = await start('startTraining', { training, device: await device(state, changes) });
    expect(errors).toMatchObject([{ message: expect.stringMatching(reason), extensions: { code: 'CONFLICT', path: ['input', 'device'] } }]);
  });

  it('is refused when its worker has been silent, whatever it said last', async () => {
    const id = await device('idle', { worker: 'silent', lastSeenAt: new Date(Date.now() - 60_000) });
    const { errors } = await start('startTraining', { training, device: id });
    expect(errors).toMatchObject([{ message: expect.stringMatching(/is offline/), extensions: { code: 'CONFLICT' } }]);
  });
});

describe('a start mutation', () => {
  it('records what a variant adds, resolved, and gives an adversarial fine-tuning the attack of the evaluation', async () => {
    const model = { training: { ...training, variant: 'SCORE', options: { form: 'DDPM', beta: 3 }, emaDecay: 0.995, patience: 5 } };
    const fineTune = { select: 'ROBUST_CRITICAL', variant: 'AWP' };
    const { data, errors } = await start(
      'startRift',
      { model, fineTune, evaluation: { attack: { epsilon: 0.2, restarts: 3 } } },
      'config params { key value }',
    );
    expect(errors).toEqual([]);
    const { config, params } = data.startRift;
    expect(config.model.training).toMatchObject({
      options: { form: 'DDPM', beta: 3, labelSmoothing: 0.1, clip: 0 },
      emaDecay: 0.995,
      patience: 5,
    });
    expect(config.fineTune).toMatchObject({
      variant: 'AWP',
      options: { gamma: 0.01, warmup: 0 },
      attack: { epsilon: 0.2, steps: 10, restarts: 1 },
    });
    expect(params).toContainEqual({ key: 'training.options.beta', value: '3' });
    expect(params).toContainEqual({ key: 'variant', value: 'SCORE' });
  });

  it('queues a RiFT run with its stages, configuration, params, tags, audit record', async () => {
    const input = {
      dataset: 'MNIST',
      model: { training: { ...training, epochs: 2, attack: { epsilon: 0.2 } } },
      tags: [{ key: 'why', value: 'test' }],
    };
    const { data, errors } = await start(
      'startRift',
      input,
      'id name kind state seed config stages { name state progress { fraction } } params { key value } tags { key value } createdBy { name } progress { fraction unit total } project { name } inputs { id } device { id }',
    );
    expect(errors).toEqual([]);
    const run = data.startRift;
    expect(run).toMatchObject({
      kind: 'RIFT',
      state: 'QUEUED',
      seed: 0,
      tags: [{ key: 'why', value: 'test' }],
      createdBy: { name: 'member' },
      project: { name: 'p' },
      progress: { fraction: 0, unit: 'stages', total: 5 },
      inputs: [],
      device: null,
    });
    expect(run.name).toMatch(/^rift-small-cnn-mnist-\d+$/);
    expect(run.stages.map(({ name }: { name: string }) => name)).toEqual([
      'TRAINING',
      'CRITICALITY',
      'FINE_TUNE',
      'INTERPOLATION',
      'EVALUATION',
    ]);
    const attack = { epsilon: 0.2, stepSize: 2 / 255, steps: 10, randomStart: true, restarts: 1 };
    expect(run.config).toEqual({
      project: 'p',
      seed: 0,
      dataset: 'mnist',
      model: {
        training: {
          ...{ architecture: 'SMALL_CNN', variant: 'PGD_AT', dataset: 'mnist', epochs: 2, batchSize: 128, learningRate: 0.1 },
          ...{ schedule: 'MILESTONES', milestones: [100, 105], momentum: 0.9, weightDecay: 0.0005, attack },
        },
      },
      protocol: 'HOLD_OUT',
      criticality: { epsilon: 0.1, norm: 'L2', iterations: 10, until: 'ALL', learningRate: 1, batchSize: 512, attack },
      fineTune: {
        select: 'NON_ROBUST_CRITICAL',
        variant: 'STANDARD',
        epochs: 10,
        batchSize: 128,
        learningRate: 0.001,
        weightDecay: 0.0005,
        batchNorm: 'FROZEN',
      },
      interpolation: { alphas: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], tolerance: 0.001, until: 'ALL', ood: false },
      evaluation: { suites: ['STANDARD', 'ADVERSARIAL'], attack, rule: 'ANY_STEP' },
      tags: [{ key: 'why', value: 'test' }],
    });
    const params = Object.fromEntries(run.params.map(({ key, value }: { key: string; value: string }) => [key, value]));
    expect(params).toMatchObject({
      architecture: 'SMALL_CNN',
      dataset: 'mnist',
      variant: 'PGD_AT',
      epsilon: '0.2',
      'training.epochs': '2',
    });
    const audit = await lab.database.prisma.auditRecord.findFirst({ where: { action: 'startRift', target: run.id } });
    expect(audit?.arguments).toMatchObject({ project: 'p', dataset: 'mnist' });
    const jobs = await lab.database.pool.query('SELECT data FROM pgboss.job WHERE data->>$1 = $2', ['run', run.id.slice(4)]);
    expect(jobs.rows).toEqual([{ data: { run: Number(run.id.slice(4)), stage: 'TRAINING' } }]);
  });

  it('queues the same run again from its configuration', async () => {
    const first = await start('startRift', { model: { checkpoint: '$mnist' }, seed: 7, evaluation: { images: 100 } }, 'id config');
    const again = await start('startRift', first.data.startRift.config, 'id config inputs { id }');
    expect(again.errors).toEqual([]);
    expect(again.data.startRift.config).toEqual(first.data.startRift.config);
    expect(again.data.startRift.inputs).toEqual([{ id: known.mnist }]);
  });

  it.each<[Start, object, string[]]>([
    ['startTraining', { training }, ['TRAINING']],
    ['startTraining', { training, evaluation: {} }, ['TRAINING', 'EVALUATION']],
    ['startRift', { model: { checkpoint: '$mnist' } }, ['CRITICALITY', 'FINE_TUNE', 'INTERPOLATION', 'EVALUATION']],
    ['startCriticality', { checkpoint: '$mnist' }, ['CRITICALITY']],
    ['startFineTune', { checkpoint: '$mnist', fineTune: {} }, ['CRITICALITY', 'FINE_TUNE']],
    ['startFineTune', { checkpoint: '$mnist', fineTune: { select: 'LAST' } }, ['FINE_TUNE']],
    ['startInterpolation', { base: '$mnist', tuned: '$other' }, ['INTERPOLATION']],
    ['startInterpolation', { base: '$mnist', tuned: '$other', merge: ['$foreign'] }, ['INTERPOLATION']],
    ['startEvaluation', { checkpoint: '$unnamed', dataset: 'mnist', evaluation: {} }, ['EVALUATION']],
  ])('%s queues its stages, and records all that they read', async (mutation, input, stages) => {
    const { data, errors } = await start(mutation, input, 'state config stages { name }');
    expect(errors).toEqual([]);
    const { config, ...queued } = data[mutation];
    expect(queued).toEqual({ state: 'QUEUED', stages: stages.map((name) => ({ name })) });
    const experiment: Record<string, unknown> = readExperiment(config);
    for (const section of ['criticality', 'fineTune', 'interpolation', 'evaluation']) expect(experiment[section]).toEqual(config[section]);
    expect(experiment).toMatchObject({ dataset: 'mnist', protocol: 'HOLD_OUT' });
    for (const stage of stages) expect(experiment).toHaveProperty(stage === 'FINE_TUNE' ? 'fineTune' : stage.toLowerCase());
    const again = await start(mutation, config, 'config');
    expect(again.data[mutation].config).toEqual(config);
  });

  it.each<[string, Start, object, object]>([
    ['of the training', 'startRift', { model: { training: { ...training, attack: { steps: 3 } } } }, { steps: 3 }],
    [
      'of the evaluation',
      'startRift',
      { model: { checkpoint: '$mnist' }, evaluation: { attack: { steps: 4, restarts: 3 } } },
      { steps: 4 },
    ],
    [
      'of its own',
      'startRift',
      { model: { checkpoint: '$mnist' }, evaluation: { attack: { steps: 4 } }, criticality: { attack: { steps: 5 } } },
      { steps: 5 },
    ],
    ['given beside it', 'startCriticality', { checkpoint: '$mnist', attack: { steps: 6 } }, { steps: 6 }],
    ['that is everyone’s default', 'startFineTune', { checkpoint: '$mnist', fineTune: {} }, {}],
  ])('records the attack %s with criticality', async (_what, mutation, input, attack) => {
    const { data } = await start(mutation, input, 'config');
    expect(data[mutation].config.criticality.attack).toEqual({ ...pgdConfig.parse(attack), restarts: 1 });
    expect(data[mutation].config).not.toHaveProperty('attack');
  });

  const input = (...path: (string | number)[]) => ['input', ...path];

  it.each<Refused>([
    ['an unknown project', 'startTraining', { project: 'nowhere', training }, 'NOT_FOUND', input('project'), /nowhere/],
    ['an unknown checkpoint', 'startCriticality', { checkpoint: 'Checkpoint-999' }, 'NOT_FOUND', input('checkpoint'), /no such checkpoint/],
    ['an id that is none', 'startCriticality', { checkpoint: 'nonsense' }, 'NOT_FOUND', input('checkpoint'), /no such checkpoint/],
    ['the id of a run', 'startCriticality', { checkpoint: 'Run-1' }, 'BAD_USER_INPUT', input('checkpoint'), /Run/],
    [
      'an unknown checkpoint of a model',
      'startRift',
      { model: { checkpoint: 'Checkpoint-999' } },
      'NOT_FOUND',
      input('model', 'checkpoint'),
      /no such/,
    ],
    [
      'an unknown dataset',
      'startTraining',
      { training: { ...training, dataset: 'imagenet' } },
      'NOT_FOUND',
      input('training', 'dataset'),
      /imagenet.*mnist/,
    ],
    [
      'options of another architecture',
      'startTraining',
      { training: { ...training, architectureOptions: { depth: 20 } } },
      'BAD_USER_INPUT',
      input('training', 'architectureOptions', 'depth'),
      /depth/,
    ],
    [
      'no options where some are needed',
      'startTraining',
      { training: { ...training, architecture: 'RESNET_CIFAR' } },
      'BAD_USER_INPUT',
      input('training', 'architectureOptions', 'depth'),
      /depth/,
    ],
    [
      'an option out of bounds',
      'startRift',
      { model: { training: { ...training, architecture: 'RESNET_CIFAR', architectureOptions: { depth: 21 } } } },
      'BAD_USER_INPUT',
      input('model', 'training', 'architectureOptions', 'depth'),
      /20.*110/,
    ],
    [
      'layers that do not fit',
      'startTraining',
      {
        training: {
          ...training,
          architecture: 'SEQUENTIAL',
          architectureOptions: { layers: [{ type: 'flatten' }, { type: 'conv', filters: 8 }] },
        },
      },
      'BAD_USER_INPUT',
      input('training', 'architectureOptions', 'layers', 1),
      /needs maps, and gets 784 numbers/,
    ],
    [
      'two networks of other options',
      'startInterpolation',
      { base: '$shallow', tuned: '$deep' },
      'BAD_USER_INPUT',
      input('tuned'),
      /architecture options/,
    ],
    [
      'two networks of other normalisation',
      'startInterpolation',
      { base: '$cifar', tuned: '$normalised' },
      'BAD_USER_INPUT',
      input('tuned'),
      /differ in their normalisation/,
    ],
    [
      'a dataset of another shape',
      'startCriticality',
      { checkpoint: '$cifar', dataset: 'mnist' },
      'BAD_USER_INPUT',
      input('dataset'),
      /28×28×1/,
    ],
    ['no dataset at all', 'startEvaluation', { checkpoint: '$unnamed', evaluation: {} }, 'BAD_USER_INPUT', input('dataset'), /name it/],
    [
      'an alpha above 1',
      'startInterpolation',
      { base: '$mnist', tuned: '$other', interpolation: { alphas: [0, 0.5, 1.5] } },
      'BAD_USER_INPUT',
      input('interpolation', 'alphas', 2),
      /1\.5/,
    ],
    [
      'an alpha below 0',
      'startRift',
      { model: { checkpoint: '$mnist' }, interpolation: { alphas: [-0.1] } },
      'BAD_USER_INPUT',
      input('interpolation', 'alphas', 0),
      /-0\.1/,
    ],
    [
      'no alphas',
      'startRift',
      { model: { checkpoint: '$mnist' }, interpolation: { alphas: [] } },
      'BAD_USER_INPUT',
      input('interpolation', 'alphas'),
      /alphas/,
    ],
    [
      'k beyond the modules',
      'startRift',
      { model: { checkpoint: '$mnist' }, fineTune: { select: 'TOP_K', k: 99 } },
      'BAD_USER_INPUT',
      input('fineTune', 'k'),
      new RegExp(`99.*${count}`),
    ],
    [
      'k beyond those scored',
      'startRift',
      { model: { checkpoint: '$mnist' }, criticality: { modules: ['classifier.fc1'] }, fineTune: { select: 'TOP_K', k: 2 } },
      'BAD_USER_INPUT',
      input('fineTune', 'k'),
      /only 1/,
    ],
    [
      'TOP_K without k',
      'startFineTune',
      { checkpoint: '$mnist', fineTune: { select: 'TOP_K' } },
      'BAD_USER_INPUT',
      input('fineTune', 'k'),
      /TOP_K needs k/,
    ],
    [
      'NAMED without names',
      'startFineTune',
      { checkpoint: '$mnist', fineTune: { select: 'NAMED' } },
      'BAD_USER_INPUT',
      input('fineTune', 'modules'),
      /NAMED/,
    ],
    [
      'an unknown module',
      'startFineTune',
      { checkpoint: '$resnet', fineTune: { select: 'NAMED', modules: ['conv1', 'layer1.0.conv3'] } },
      'BAD_USER_INPUT',
      input('fineTune', 'modules', 1),
      /layer1\.0\.conv[12]/,
    ],
    [
      'an unknown module to score',
      'startCriticality',
      { checkpoint: '$mnist', criticality: { modules: ['con1'] } },
      'BAD_USER_INPUT',
      input('criticality', 'modules', 0),
      /conv1/,
    ],
    [
      'unordered milestones',
      'startTraining',
      { training: { ...training, milestones: [10, 5] } },
      'BAD_USER_INPUT',
      input('training', 'milestones', 1),
      /increasing/,
    ],
    [
      'milestones of another schedule',
      'startTraining',
      { training: { ...training, schedule: 'COSINE', milestones: [5, 8] } },
      'BAD_USER_INPUT',
      input('training', 'milestones'),
      /COSINE would ignore them/,
    ],
    [
      'too many training images',
      'startTraining',
      { training: { ...training, trainImages: 1_000_000 } },
      'BAD_USER_INPUT',
      input('training', 'trainImages'),
      /training images/,
    ],
    [
      'modules that nobody would train',
      'startFineTune',
      { checkpoint: '$mnist', fineTune: { modules: ['fc1'] } },
      'BAD_USER_INPUT',
      input('fineTune', 'modules'),
      /Only NAMED takes modules; NON_ROBUST_CRITICAL/,
    ],
    [
      'k that nobody would read',
      'startRift',
      { model: { checkpoint: '$mnist' }, fineTune: { select: 'LAST', k: 2 } },
      'BAD_USER_INPUT',
      input('fineTune', 'k'),
      /Only TOP_K takes k/,
    ],
    [
      'a module twice',
      'startCriticality',
      { checkpoint: '$mnist', criticality: { modules: ['conv1', 'conv1'] } },
      'BAD_USER_INPUT',
      input('criticality', 'modules', 1),
      /twice/,
    ],
    [
      'more images to measure than there are',
      'startEvaluation',
      { checkpoint: '$mnist', evaluation: { images: 10_001 } },
      'BAD_USER_INPUT',
      input('evaluation', 'images'),
      /mnist has 10000 test images \(got 10001\)/,
    ],
    [
      'more images to score on than there are',
      'startRift',
      { model: { checkpoint: '$mnist' }, criticality: { images: 6001 } },
      'BAD_USER_INPUT',
      input('criticality', 'images'),
      /mnist has 6000 held-out images/,
    ],
    [
      'more images than the half of test that is left',
      'startRift',
      { model: { checkpoint: '$foreign' }, evaluation: { images: 5001 } },
      'BAD_USER_INPUT',
      input('evaluation', 'images'),
      /mnist has 5000 images in the other half of test/,
    ],
    [
      'more images to fine-tune on than there are',
      'startFineTune',
      { checkpoint: '$mnist', fineTune: { select: 'LAST', trainImages: 54_001 } },
      'BAD_USER_INPUT',
      input('fineTune', 'trainImages'),
      /mnist has 54000 training images/,
    ],
    [
      'an attack that nobody knows',
      'startEvaluation',
      { checkpoint: '$mnist', evaluation: { attacks: [{ name: 'SQUARE' }, { name: 'CW' }] } },
      'BAD_USER_INPUT',
      input('evaluation', 'attacks', 1, 'name'),
      /one of PGD, PGD_MARGIN/,
    ],
    [
      'a setting that the attack does not have',
      'startRift',
      { model: { checkpoint: '$mnist' }, evaluation: { attacks: [{ name: 'SQUARE', steps: 10 }] } },
      'BAD_USER_INPUT',
      input('evaluation', 'attacks', 0, 'steps'),
      /SQUARE has no setting steps; it has epsilon, queries/,
    ],
    [
      'an option that the attack does not have',
      'startEvaluation',
      { checkpoint: '$mnist', evaluation: { attacks: [{ name: 'PGD_DLR', options: { momentum: 0.9 } }] } },
      'BAD_USER_INPUT',
      input('evaluation', 'attacks', 0, 'options', 'momentum'),
      /PGD_DLR has no setting momentum/,
    ],
    [
      'the same attack twice',
      'startEvaluation',
      { checkpoint: '$mnist', evaluation: { autoAttack: true, attacks: [{ name: 'AUTO_ATTACK' }] } },
      'BAD_USER_INPUT',
      input('evaluation', 'autoAttack'),
      /is measured already/,
    ],
    [
      'AutoAttack without the suite that attacks',
      'startEvaluation',
      { checkpoint: '$mnist', evaluation: { suites: ['STANDARD'], autoAttack: true } },
      'BAD_USER_INPUT',
      input('evaluation', 'autoAttack'),
      /would be ignored/,
    ],
    [
      'more attacks on the points of a sweep',
      'startInterpolation',
      { base: '$mnist', tuned: '$other', evaluation: { autoAttack: true } },
      'BAD_USER_INPUT',
      input('evaluation', 'autoAttack'),
      /under one attack/,
    ],
    [
      'an attack that is given twice',
      'startCriticality',
      { checkpoint: '$mnist', attack: { steps: 2 }, criticality: { attack: { steps: 3 } } },
      'BAD_USER_INPUT',
      input('attack'),
      /given twice/,
    ],
    [
      'runs of the attack of criticality that would not be taken',
      'startRift',
      { model: { checkpoint: '$mnist' }, criticality: { attack: { restarts: 2 } } },
      'BAD_USER_INPUT',
      input('criticality', 'attack', 'restarts'),
      /2 would be ignored/,
    ],
    [
      'the highest score where only the lowest are wanted',
      'startRift',
      { model: { checkpoint: '$mnist' }, criticality: { until: 'LEAST' }, fineTune: { select: 'ROBUST_CRITICAL' } },
      'BAD_USER_INPUT',
      input('criticality', 'until'),
      /needs the scores of all modules/,
    ],
    [
      'scores that no choice needs',
      'startFineTune',
      { checkpoint: '$mnist', fineTune: { select: 'ALL' }, criticality: { images: 10 } },
      'BAD_USER_INPUT',
      input('criticality'),
      /ALL chooses without scores/,
    ],
    [
      'runs of an attack that would not be taken',
      'startTraining',
      { training: { ...training, attack: { restarts: 3 } } },
      'BAD_USER_INPUT',
      input('training', 'attack', 'restarts'),
      /3 would be ignored/,
    ],
    [
      'weights of an architecture that is not known here',
      'startEvaluation',
      { checkpoint: '$strange', evaluation: {} },
      'BAD_USER_INPUT',
      input('checkpoint'),
      /is a CONSTRUCTOR_NET, which cannot be computed here/,
    ],
    ['no epochs', 'startTraining', { training: { ...training, epochs: 0 } }, 'BAD_USER_INPUT', input('training', 'epochs'), /0/],
    [
      'a negative radius',
      'startRift',
      { model: { training: { ...training, attack: { epsilon: -1 } } } },
      'BAD_USER_INPUT',
      input('model', 'training', 'attack', 'epsilon'),
      /-1/,
    ],
    ['a model of both kinds', 'startRift', { model: { checkpoint: '$mnist', training } }, 'BAD_USER_INPUT', input('model'), /one/],
    ['a model of no kind', 'startRift', { model: {} }, 'BAD_USER_INPUT', input('model'), /one/],
    [
      'a merging of different architectures',
      'startInterpolation',
      { base: '$mnist', tuned: '$other', merge: ['$resnet'] },
      'BAD_USER_INPUT',
      input('merge', 0),
      /SMALL_CNN.*RESNET8/,
    ],
    [
      'a merging with itself',
      'startInterpolation',
      { base: '$mnist', tuned: '$other', merge: ['$other'] },
      'BAD_USER_INPUT',
      input('merge', 0),
      /itself or its base/,
    ],
    [
      'a merging with the base',
      'startInterpolation',
      { base: '$mnist', tuned: '$other', merge: ['$mnist'] },
      'BAD_USER_INPUT',
      input('merge', 0),
      /itself or its base/,
    ],
    [
      'a merging with what is not there',
      'startInterpolation',
      { base: '$mnist', tuned: '$other', merge: ['Checkpoint-987654'] },
      'NOT_FOUND',
      input('merge', 0),
      /no such checkpoint/,
    ],
    [
      'different architectures',
      'startInterpolation',
      { base: '$mnist', tuned: '$resnet' },
      'BAD_USER_INPUT',
      input('tuned'),
      /SMALL_CNN.*RESNET8/,
    ],
    [
      'another dataset than the training’s',
      'startRift',
      { dataset: 'cifar10', model: { training } },
      'BAD_USER_INPUT',
      input('dataset'),
      /mnist/,
    ],
    [
      'a corruption that nobody knows',
      'startEvaluation',
      { checkpoint: '$mnist', evaluation: { suites: ['OOD'], corruptions: ['fog', 'rain'] } },
      'BAD_USER_INPUT',
      input('evaluation', 'corruptions', 1),
      /no corruption "rain"\. Known: fifteen, official_code, gaussian_noise/,
    ],
    [
      'a corruption twice, once in a list',
      'startEvaluation',
      { checkpoint: '$mnist', evaluation: { suites: ['OOD'], corruptions: ['fifteen', 'fog'] } },
      'BAD_USER_INPUT',
      input('evaluation', 'corruptions', 1),
      /fog is named twice/,
    ],
    [
      'a severity beyond five',
      'startEvaluation',
      { checkpoint: '$mnist', evaluation: { suites: ['OOD'], severities: [6] } },
      'BAD_USER_INPUT',
      input('evaluation', 'severities', 0),
      /5/,
    ],
    ...(
      [
        ['startEvaluation', { checkpoint: '$mnist', evaluation: { corruptions: ['fog'] } }, 'corruptions'],
        ['startTraining', { training, evaluation: { severities: [1] } }, 'severities'],
        ['startRift', { model: { training }, evaluation: { corruptions: ['fog'] } }, 'corruptions'],
        ['startEvaluation', { checkpoint: '$mnist', evaluation: { suites: ['STANDARD'], attack: { steps: 3 } } }, 'attack'],
        ['startEvaluation', { checkpoint: '$mnist', evaluation: { suites: ['STANDARD'], rule: 'LAST_STEP' } }, 'rule'],
      ] as const
    ).map(
      ([mutation, value, setting]): Refused => [
        `${setting} that nothing of a ${mutation} reads`,
        mutation,
        value,
        'BAD_USER_INPUT',
        input('evaluation', setting),
        new RegExp(`${setting} would be ignored`),
      ],
    ),
    ['an unknown device', 'startTraining', { training, device: 'Device-99' }, 'NOT_FOUND', input('device'), /device/],
    ['a negative seed', 'startTraining', { training, seed: -1 }, 'BAD_USER_INPUT', input('seed'), /-1/],
    [
      'a wrong enum',
      'startTraining',
      { training: { ...training, architecture: 'RESNET9' } },
      'BAD_USER_INPUT',
      input('training', 'architecture'),
      /RESNET9/,
    ],
    [
      'a variant that there is none of',
      'startTraining',
      { training: { ...training, variant: 'FGSM' } },
      'BAD_USER_INPUT',
      input('training', 'variant'),
      /FGSM/,
    ],
    [
      'an option of another variant',
      'startTraining',
      { training: { ...training, variant: 'TRADES', options: { gamma: 0.01 } } },
      'BAD_USER_INPUT',
      input('training', 'options', 'gamma'),
      /TRADES has no option gamma: its options are beta/,
    ],
    [
      'an option that is out of bounds',
      'startRift',
      { model: { training: { ...training, variant: 'AWP', options: { gamma: -1 } } } },
      'BAD_USER_INPUT',
      input('model', 'training', 'options', 'gamma'),
      /must be at least 0 \(got -1\)/,
    ],
    [
      'options that are no object',
      'startTraining',
      { training: { ...training, variant: 'TRADES', options: 6 } },
      'BAD_USER_INPUT',
      input('training', 'options'),
      /must be an object/,
    ],
    [
      'an attack that would not leave the image',
      'startTraining',
      { training: { ...training, variant: 'SCORE', attack: { randomStart: false } } },
      'BAD_USER_INPUT',
      input('training', 'attack', 'randomStart'),
      /no slope at the image itself/,
    ],
    [
      'an attack for a fine-tuning on clean images',
      'startRift',
      { model: { training }, fineTune: { attack: { epsilon: 0.1 } } },
      'BAD_USER_INPUT',
      input('fineTune', 'attack'),
      /STANDARD has none/,
    ],
    [
      'several runs of the attack of a fine-tuning',
      'startRift',
      { model: { training }, fineTune: { variant: 'PGD_AT', attack: { restarts: 2 } } },
      'BAD_USER_INPUT',
      input('fineTune', 'attack', 'restarts'),
      /One run of this attack/,
    ],
    ['a missing field', 'startTraining', { training: { dataset: 'mnist' } }, 'BAD_USER_INPUT', input('training'), /architecture/],
    ['an unknown field', 'startTraining', { training: { ...training, epoch: 3 } }, 'BAD_USER_INPUT', input('training'), /epoch/],
    [
      'a string for a number',
      'startTraining',
      { training: { ...training, epochs: 'ten' } },
      'BAD_USER_INPUT',
      input('training', 'epochs'),
      /ten/,
    ],
  ])('refuses %s', async (_what, mutation, wrong, code, path, message) => {
    const before = await lab.database.prisma.run.count();
    const { status, errors } = await start(mutation, wrong);
    expect(status).toBeLessThan(500);
    expect(Object.keys(errors[0]?.extensions ?? {})).toEqual(['code', 'path']);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toMatch(message);
    expect(errors[0]?.extensions).toMatchObject({ code, path });
    expect(await lab.database.prisma.run.count()).toBe(before);
  });

  it.each([
    ['architecture: RESNET9, dataset: "mnist"', ['input', 'training', 'architecture']],
    ['architecture: RESNET8, dataset: "mnist", milestones: [1, "x"]', ['input', 'training', 'milestones', 1]],
    ['architecture: RESNET8, dataset: 3', ['input', 'training', 'dataset']],
  ])('refuses a literal that does not fit: %s', async (literal, path) => {
    const { status, errors } = await lab.ask(`mutation { startTraining(input: { project: "p", training: { ${literal} } }) { id } }`);
    expect(status).toBe(400);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path });
  });

  it('refuses a dataset whose files are missing', async () => {
    const folder = lab.api.lab.datasetsFolder;
    lab.api.lab.datasetsFolder = '/nowhere';
    const { errors } = await start('startTraining', { training: { ...training, dataset: 'CIFAR-10' } });
    lab.api.lab.datasetsFolder = folder;
    expect(errors[0]?.message).toMatch(/^The files of CIFAR-10 are not here\. Fetch it with npm run data -- cifar10 --datasets \/nowhere,/);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['input', 'training', 'dataset'] });
  });
});

describe('a run', () => {
  it('is renamed, noted and tagged', async () => {
    const id = `Run-${await addRun(lab.database, { tags: { keep: '1', drop: '2' } })}`;
    const { data, errors } = await lab.ask(
      `mutation ($id: ID!) {
        updateRun(id: $id, name: "better", notes: "why", setTags: [{ key: "new", value: "x" }, { key: "keep", value: "3" }], deleteTags: ["drop"]) {
          name notes tags { key value }
        }
      }`,
      { id },
      lab.member,
    );
    expect(errors).toEqual([]);
    expect(data.updateRun).toEqual({
      name: 'better',
      notes: 'why',
      tags: [
        { key: 'keep', value: '3' },
        { key: 'new', value: 'x' },
      ],
    });
    const nothing = await lab.ask('mutation ($id: ID!) { updateRun(id: $id, notes: null) { name notes } }', { id });
    expect(nothing.data.updateRun).toEqual({ name: 'better', notes: 'why' });
    const empty = await lab.ask('mutation ($id: ID!) { updateRun(id: $id, name: " ") { name } }', { id });
    expect(empty.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['name'] });
  });

  it('is cancelled and resumed', async () => {
    const { data } = await start('startTraining', { training });
    const { id } = data.startTraining;
    const turn = (mutation: string) => lab.ask(`mutation ($id: ID!) { ${mutation}(id: $id) { state } }`, { id }, lab.member);
    expect((await turn('resumeRun')).errors[0]?.extensions.code).toBe('CONFLICT');
    expect((await turn('cancelRun')).data.cancelRun).toEqual({ state: 'CANCELLED' });
    expect((await turn('cancelRun')).errors[0]).toMatchObject({
      message: `${id} is CANCELLED: only a QUEUED or RUNNING run can be cancelled.`,
      extensions: { code: 'CONFLICT' },
    });
    expect((await turn('resumeRun')).data.resumeRun).toEqual({ state: 'QUEUED' });
  });

  it.each(['cancelRun', 'resumeRun', 'updateRun'])('must exist for %s', async (mutation) => {
    const { errors } = await lab.ask(`mutation { ${mutation}(id: "Run-99999") { id } }`);
    expect(errors[0]?.extensions).toMatchObject({ code: 'NOT_FOUND', path: ['id'] });
  });
});

describe('a project', () => {
  it('has a name of its own', async () => {
    const make = (name: string) =>
      lab.ask(
        'mutation ($name: String!) { createProject(input: { name: $name, description: "d" }) { name description runs { totalCount } } }',
        { name },
      );
    expect((await make('vision 2')).data.createProject).toEqual({ name: 'vision 2', description: 'd', runs: { totalCount: 0 } });
    expect((await make('vision 2')).errors[0]?.extensions).toMatchObject({ code: 'CONFLICT', path: ['input', 'name'] });
    expect((await make('')).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['input', 'name'] });
    expect((await make('<script>')).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['input', 'name'] });
  });
});
