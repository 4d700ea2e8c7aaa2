/** CIFAR-100 and Tiny-ImageNet-200 through API, queue and worker: a training on each, and an evaluation in every suite. */
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatasets } from '../../../engine/data/catalogue.ts';
import { type Boss, closeBoss, openBoss } from '../../../server/queue/boss.ts';
import { type Supervisor, startSupervisor } from '../../../server/queue/supervisor.ts';
import { moreDatasets } from '../../helpers/datasets.ts';
import { waitForRun, waitUntil } from '../../helpers/runs.ts';
import { startWorker, type TestWorker } from '../../helpers/worker.ts';
import { startLab, type TestLab } from '../api/lab.ts';

const datasets = moreDatasets ?? '';
const collection = join(datasets, 'Tiny-ImageNet-C');

let lab: TestLab;
let boss: Boss;
let supervisor: Supervisor;
let worker: TestWorker;

const work = () => startWorker(lab.databaseUrl, lab.data, 'data', { environment: { RIFTLAB_DATASETS: datasets } });

describe.skipIf(!moreDatasets)('a published dataset', () => {
  beforeAll(async () => {
    await openDatasets(datasets);
    lab = await startLab({ datasets });
    const onError = (error: unknown) => {
      throw error;
    };
    boss = await openBoss(lab.database, { supervise: true, onError });
    supervisor = await startSupervisor(boss, lab.database, onError);
    worker = work();
    await lab.ask('mutation { createProject(input: { name: "data" }) { id } }');
  });
  afterAll(async () => {
    await worker?.end('SIGTERM');
    await supervisor?.stop();
    await closeBoss(boss);
    await lab?.close();
    await rm(collection, { recursive: true, force: true });
  });

  /** Id of the run's row. */
  async function start(kind: 'Training' | 'Evaluation', input: object): Promise<number> {
    const text = `mutation ($input: Start${kind}Input!) { start: start${kind}(input: $input) { id } }`;
    const { data, errors } = await lab.ask(text, { input: { project: 'data', ...input } }, lab.member);
    expect(errors).toEqual([]);
    return Number(data.start.id.slice(4));
  }

  it('is measured by a preset at the severities that the paper’s numbers are of, where nobody says which', async () => {
    const severitiesOf = async (input: object) => {
      const text =
        'mutation ($input: StartStudyInput!) { startStudy(input: $input) { id rows { severities } runs(first: 20) { nodes { config } } } }';
      const { data, errors } = await lab.ask(text, { input: { project: 'data', name: 'severities', scale: 0.01, ...input } }, lab.member);
      expect(errors).toEqual([]);
      await lab.ask('mutation ($id: ID!) { pauseStudy(id: $id) { id } }', { id: data.startStudy.id }, lab.member);
      const { rows, runs } = data.startStudy;
      for (const [index, { severities }] of rows.entries()) {
        const { evaluation } = runs.nodes[index].config;
        expect(evaluation.suites.includes('OOD') ? (evaluation.severities ?? [1, 2, 3, 4, 5]) : []).toEqual(severities);
      }
      return rows.map(({ severities }: { severities: number[] }) => severities);
    };
    const of = (dataset: string) => ({ architecture: 'RESNET18', dataset, trainImages: 100, epochs: 1 });
    const images = { model: { training: of('Tiny-ImageNet') } };
    const all = [1, 2, 3, 4, 5];
    const grid = { 'model.training.dataset': ['cifar100', 'tinyimagenet'] };
    const base = { model: { training: { architecture: 'RESNET18', trainImages: 100, epochs: 1 } } };
    expect(await severitiesOf({ preset: 'TABLE_1', base, grid })).toEqual([all, [1]]);
    expect(await severitiesOf({ preset: 'FIGURE_MRC', base: { ...images, evaluation: { severities: [2, 3] } } })).toEqual([[2, 3]]);
    expect(await severitiesOf({ preset: 'TABLE_3', base: images })).toEqual(Array(4).fill([1]));
    const one = { 'fineTune.select': ['LAST'] };
    expect(await severitiesOf({ base: { ...images, evaluation: { suites: ['STANDARD', 'OOD'] } }, grid: one })).toEqual([all]);
    expect(await severitiesOf({ base: images, grid: one })).toEqual([[]]);
  });

  async function train(dataset: string): Promise<string> {
    const attack = { steps: 1 };
    const training = { architecture: 'RESNET8', dataset, trainImages: 64, epochs: 1, batchSize: 32, milestones: [], attack };
    const run = await start('Training', { training });
    await waitForRun(lab.database, run, ['FINISHED'], 300);
    const { data } = await lab.ask(`{ run(id: "Run-${run}") { outputs { id dataset } } }`);
    const [output] = data.run.outputs;
    expect(output.dataset).toBe(dataset);
    return output.id;
  }

  interface Evaluation {
    id: string;
    suite: string;
    corruption: string | null;
    severity: number | null;
    images: number;
    outcomes: string;
    protocol: string;
  }

  async function measured(run: number): Promise<{ evaluations: Evaluation[]; metrics: { key: string; last: number }[] }> {
    const { data, errors } = await lab.ask(
      `{ run(id: "Run-${run}") { evaluations { id suite corruption severity images outcomes protocol } metrics(keys: ["ood"]) { last } } }`,
    );
    expect(errors).toEqual([]);
    return data.run;
  }

  const every = { suites: ['STANDARD', 'ADVERSARIAL', 'OOD'], attack: { steps: 1 } };

  const corruptions = ['gaussian_noise', 'motion_blur', 'frost', 'elastic_transform', 'jpeg_compression'];

  it('of a hundred classes is measured in every suite, and goes on where a killed worker ended', async () => {
    const checkpoint = await train('cifar100');
    const run = await start('Evaluation', { checkpoint, evaluation: { ...every, images: 10, corruptions, severities: [3] } });
    await waitUntil(async () => (await measured(run)).evaluations.length >= 3, 300);
    await worker.end('SIGKILL');
    const { evaluations: before } = await measured(run);
    worker = work();
    await waitForRun(lab.database, run, ['FINISHED'], 300);
    const { evaluations, metrics } = await measured(run);
    expect(evaluations).toEqual(expect.arrayContaining(before));
    expect(evaluations.map(({ suite }) => suite).toSorted()).toEqual(['ADVERSARIAL', ...new Array(5).fill('OOD'), 'STANDARD']);
    expect(new Set(evaluations.map(({ corruption }) => corruption)).size).toBe(6);
    for (const { suite, outcomes, protocol } of evaluations) {
      expect(outcomes).toMatch(/^[01]{10}$/);
      expect(protocol.includes('corruption computed here')).toBe(suite === 'OOD');
    }
    const corrupted = evaluations.filter(({ suite }) => suite === 'OOD').map(({ outcomes }) => outcomes);
    expect(metrics[0]?.last).toBeCloseTo([...corrupted.join('')].filter((flag) => flag === '1').length / 50, 10);
  });

  it('of two hundred classes and 64 pixels takes published corruptions where they lie in its folder, and each number says so', async () => {
    const checkpoint = await train('tinyimagenet');
    const validation = join(datasets, 'tiny-imagenet-200/val');
    const annotations = (await readFile(join(validation, 'val_annotations.txt'), 'utf8')).trim().split('\n');
    const first = annotations
      .map((line) => line.split('\t') as [string, string])
      .sort(([one], [other]) => Number(/\d+/.exec(one)) - Number(/\d+/.exec(other)))
      .slice(0, 8);
    for (const [file, name] of first) {
      const folder = join(collection, 'fog/1', name);
      await mkdir(folder, { recursive: true });
      await cp(join(validation, 'images', file), join(folder, file));
    }
    const evaluation = { ...every, images: 8, corruptions: ['fog', 'frost'], severities: [1, 5] };
    const run = await start('Evaluation', { checkpoint, evaluation });
    await waitForRun(lab.database, run, ['FINISHED'], 300);
    const { evaluations } = await measured(run);
    const sources = evaluations.flatMap(({ corruption, severity, protocol }) =>
      corruption ? [`${corruption} ${severity}: ${/, corruption (.*)$/.exec(protocol)?.[1]}`] : [],
    );
    expect(sources.sort()).toEqual([
      'fog 1: of Tiny-ImageNet-C',
      'fog 5: computed here',
      'frost 1: computed here',
      'frost 5: computed here',
    ]);
    const more = await start('Evaluation', { checkpoint, evaluation: { ...evaluation, images: 9 } });
    await expect(waitForRun(lab.database, more, ['FINISHED'], 300)).rejects.toThrow(/is missing: Tiny-ImageNet-C is not of these/);
    const { errorResumable } = await lab.database.prisma.run.findUniqueOrThrow({ where: { id: more } });
    expect(errorResumable).toBe(true);
  });
});
