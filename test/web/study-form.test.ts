/** What the form of a study means, and which data it takes where the paper's is not there. */
import { describe, expect, it } from 'vitest';
import { asGiven, ownGrid, placedProblems, readStudy, type StudyFields, standInWord, usualDataset } from '../../web/lib/form/study.ts';
import type { Dataset } from '../../web/queries/lab.ts';

const datasetsWith = (...ready: string[]): Dataset[] =>
  ['mnist', 'cifar10', 'cifar100', 'tinyimagenet', 'synthetic'].map((name) => ({
    ...{ name, state: ready.includes(name) ? 'READY' : 'MISSING', classes: 10, shape: [8, 8, 1], hint: null, splits: [] },
  }));

const filled = (change: Partial<StudyFields>): StudyFields => ({
  ...{ preset: 'TABLE_3', name: 'n', project: 'p', seeds: '0', scale: 100, dataset: asGiven, base: '', grid: '' },
  ...change,
});

describe('the data of a study', () => {
  it.each([
    ['TABLE_3', ['mnist', 'cifar10', 'synthetic'], asGiven],
    ['TABLE_3', ['mnist', 'synthetic'], 'mnist'],
    ['TABLE_3', [], asGiven],
    ['TABLE_1', ['mnist', 'cifar10', 'cifar100', 'tinyimagenet'], asGiven],
    ['TABLE_1', ['mnist', 'cifar100'], 'cifar100'],
    ['TABLE_2', ['cifar10', 'cifar100'], asGiven],
    [ownGrid, ['mnist'], asGiven],
  ])('of %s, where %j are ready, is at first %j', (preset, ready, dataset) => {
    expect(usualDataset(preset, datasetsWith(...ready))).toBe(dataset);
  });

  it('is said to be no repetition where it stands in for the paper’s', () => {
    expect(standInWord('TABLE_3', asGiven, datasetsWith('cifar10'))).toBeNull();
    expect(standInWord('TABLE_3', 'mnist', datasetsWith('mnist', 'cifar10'))).toBeNull();
    expect(standInWord('TABLE_3', 'mnist', datasetsWith('mnist'))).toBe(
      "CIFAR-10 is not ready here: choose the paper's data to read what to do. Numbers of MNIST are no repetition of the paper's.",
    );
    expect(standInWord('TABLE_1', 'cifar10', datasetsWith('cifar10'))).toBe(
      "CIFAR-100 and Tiny-ImageNet are not ready here: choose the paper's data to read what to do.",
    );
  });

  it('goes before the preset, and leaves what the settings say', () => {
    const baseOf = (change: Partial<StudyFields>) => readStudy(filled(change)).input.base;
    expect(baseOf({})).toBeUndefined();
    expect(baseOf({ dataset: 'mnist' })).toEqual({ model: { training: { dataset: 'mnist' } } });
    const settings = { model: { training: { architecture: 'RESNET8' } }, seedless: 1 };
    expect(baseOf({ dataset: 'mnist', base: JSON.stringify(settings) })).toEqual({
      model: { training: { architecture: 'RESNET8', dataset: 'mnist' } },
      seedless: 1,
    });
    for (const given of [{ model: { checkpoint: 'Checkpoint-1' } }, { model: { training: { dataset: 'cifar100' } } }])
      expect(baseOf({ dataset: 'mnist', base: JSON.stringify(given) })).toEqual(given);
    expect(baseOf({ dataset: 'mnist', grid: '{"model.training.dataset": ["cifar100"]}' })).toBeUndefined();
  });

  it('has the objections to it at its field, others where they were written', () => {
    const objections = [
      { code: 'BAD_USER_INPUT', message: 'Its files are not here.', path: ['input', 'base', 'model', 'training', 'dataset'] },
      ...[1, 2, 3, 4].map((value) => ({ code: 'BAD_USER_INPUT', message: `input.x: wrong ${value}`, path: ['input', 'grid', 'x'] })),
      { code: 'INTERNAL', message: 'An error of the server.', path: [] },
    ];
    expect(placedProblems(filled({}), objections)).toEqual({
      byField: { dataset: 'Its files are not here.', grid: 'Wrong 1.\nWrong 2.\nWrong 3.\nAnd 1 more of the kind.' },
      other: ['An error of the server.'],
    });
    const base = '{"model": {"training": {"dataset": "cifar10"}}}';
    expect(placedProblems(filled({ base }), objections.slice(0, 1)).byField).toEqual({ base: 'Its files are not here.' });
  });
});
