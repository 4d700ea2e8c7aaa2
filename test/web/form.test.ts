/** The forms are made from the API's own input types; what they mean is what the API takes. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, introspectionFromSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { riftRequest } from '../../server/services/start/requests.ts';
import { settle } from '../../server/services/start/settle.ts';
import { repeatedValues } from '../../web/components/new/initial.ts';
import { fieldProblems } from '../../web/components/new/send.ts';
import { accuracyOf, attackOf, measuredAs } from '../../web/lib/attacks.ts';
import { readAttack, writeAttack } from '../../web/lib/form/attacks.ts';
import { defaultWord } from '../../web/lib/form/defaults.ts';
import { pathLabel } from '../../web/lib/form/labels.ts';
import { numberOf } from '../../web/lib/form/numbers.ts';
import { presetOf, presets, withPreset } from '../../web/lib/form/presets.ts';
import { asCurl, asGraphql, asPython } from '../../web/lib/form/request.ts';
import { startMutations, tableOf, unwrap } from '../../web/lib/form/types.ts';
import { build, type Values, valuesOf } from '../../web/lib/form/values.ts';
import { enumWord, fieldWord } from '../../web/lib/form/words.ts';
import { cellWord, ownSettingsWord, smallerScale } from '../../web/lib/studies.ts';
import { spaced } from '../../web/lib/words.ts';
import type { InputField, IntrospectedType } from '../../web/queries/start.ts';

const schema = buildSchema(readFileSync(join(import.meta.dirname, '../../server/graphql/schema.graphql'), 'utf8'));
const introspection = introspectionFromSchema(schema, { oneOf: true });
const types = tableOf(introspection.__schema.types as unknown as IntrospectedType[]);
const starts = startMutations(types);
const rift = starts[0] ?? { mutation: '', input: '', kind: '' };
const origin = 'http://127.0.0.1:4000';

const trained: Values = { project: 'lab', 'model.training.architecture': 'RESNET18', 'model.training.dataset': 'cifar10' };

describe('the forms', () => {
  it('are one for every start mutation', () => {
    expect(starts.map(({ mutation }) => mutation).sort()).toEqual(
      Object.keys(schema.getMutationType()?.getFields() ?? {})
        .filter((name) => name.startsWith('start') && name !== 'startStudy')
        .sort(),
    );
    expect(rift.kind).toBe('RIFT');
  });

  it('have words for every field and for every value of a choice', () => {
    const plainWords = ['Standard', 'Adversarial', 'Sequential', 'All', 'Frozen'];
    const wordless: string[] = [];
    const met = new Set<string>();
    const visit = (name: string) => {
      const type = types.get(name);
      if (!type || met.has(name)) return;
      met.add(name);
      for (const { name: value } of type.enumValues ?? []) {
        const word = enumWord(name, value);
        if (word === spaced(value) && !plainWords.includes(word)) wordless.push(`${name}.${value}`);
      }
      for (const field of type.inputFields ?? []) {
        if (!fieldWord(name, field.name)) wordless.push(`${name}.${field.name}`);
        visit(unwrap(field.type).name);
      }
    };
    for (const { input } of starts) visit(input);
    for (const name of types.keys()) if (name.endsWith(' options')) visit(name);
    expect(met.size).toBeGreaterThan(20);
    // Items of lists with a control of their own.
    expect(wordless.filter((name) => !/^(TagInput|AttackInput)\./.test(name))).toEqual([]);
  });

  it.each([
    ['fineTune.select', 'LAST', 'The last one'],
    ['fineTune.k', 3, 'Number of modules k: 3'],
    ['model.training.dataset', 'mnist', 'MNIST'],
    ['criticality.norm', 'LINF', 'Norm of the ball: ℓ∞'],
    ['criticality.epsilon', 0.2, 'Module robust criticality, Radius ε: 0.2'],
    ['criticality.until', 'LEAST', 'Module robust criticality, Score: Until the choice is made (same choice, less work)'],
    ['interpolation.until', 'ALL', 'Interpolation, Measure: Every point'],
    ['fineTune.epochs', 2, 'Fine-tune, Epochs: 2'],
    ['fineTune.variant', 'PGD_AT', 'Fine-tune, Objective: PGD-AT'],
    ['model.training.attack.epsilon', 4 / 255, 'Training, Attack, Radius ε: 4/255'],
    ['interpolation.ood', true, 'Interpolation, Measure corrupted images at every alpha: yes'],
    ['interpolation.alphas', [0, 1], 'Interpolation, Alphas: [0,1]'],
    ['protocol', 'PAPER', 'Choices are made on: Test images, as in the paper'],
    ['unknown.field', 'x', 'Unknown, Field: x'],
  ])('a cell of a study says %s %j in the words of the form', (path, value, words) => {
    expect(cellWord(path, value)).toBe(words);
  });

  it.each([
    [1, 90 * 86_400, 0.1],
    [1, 2 * 86_400, 0.7],
    [0.5, 4 * 86_400, 0.2],
    [0.02, 30 * 86_400, 0.003],
    [1, 10_000 * 86_400, 0.01],
  ])('offer a study of scale %d that takes %d seconds the scale %d', (scale, seconds, smaller) => {
    expect(smallerScale(scale, seconds, 86_400)).toBe(smaller);
  });

  it('name what a study sets instead of its preset', () => {
    const base = { model: { training: { architecture: 'RESNET8' } }, interpolation: { alphas: [0, 1] } };
    expect(ownSettingsWord('TABLE_1', base)).toBe("Given here, and not the paper's: architecture, alphas of interpolation.");
    const many = { ...base, fineTune: { epochs: 1, batchSize: 2, learningRate: 3 } };
    expect(ownSettingsWord('TABLE_1', many)).toBe("Given here, and not the paper's: 5 settings, see below.");
    expect(ownSettingsWord('TABLE_1', {})).toBeNull();
    expect(ownSettingsWord(null, base)).toBeNull();
  });

  it('send only what differs from the defaults', () => {
    expect(build(types, rift.input, trained)).toEqual({
      input: { project: 'lab', model: { training: { architecture: 'RESNET18', dataset: 'cifar10' } } },
      problems: {},
    });
  });

  it('understand fractions, lists and whole numbers, and say where they do not', () => {
    const values = {
      ...trained,
      'model.training.attack.epsilon': '8/255',
      'interpolation.alphas': '0, 0.5 1',
      'model.training.epochs': '2.5',
      'criticality.images': 'many',
    };
    const { input, problems } = build(types, rift.input, values);
    expect(input).toMatchObject({ model: { training: { attack: { epsilon: 8 / 255 } } }, interpolation: { alphas: [0, 0.5, 1] } });
    expect(Object.keys(problems).sort()).toEqual(['criticality.images', 'model.training.epochs']);
    expect(['+5', '.5', '5.', '-0', '1e3'].map(numberOf)).toEqual([5, 0.5, 5, -0, 1000]);
    expect(['0x10', '0b1', '1_000', '1,000', 'Infinity', 'NaN', '1e999', '8/0x10', '8/'].map(numberOf)).toEqual(Array(9).fill(null));
    expect(['1e-3', ' 8 / 255 ', '1/0', '1/2/3', '', 'x'].map(numberOf)).toEqual([0.001, 8 / 255, null, null, null, null]);
  });

  it('ask for what is needed, of the chosen branch alone', () => {
    expect(Object.keys(build(types, rift.input, { project: 'lab' }).problems).sort()).toEqual([
      'model.training.architecture',
      'model.training.dataset',
    ]);
    expect(Object.keys(build(types, rift.input, { ...trained, 'model?': 'checkpoint' }).problems)).toEqual(['model.checkpoint']);
  });

  it('leave out what means nothing under another choice', () => {
    const k = { ...trained, 'fineTune.k': '3' };
    expect(build(types, rift.input, k).input).not.toHaveProperty('fineTune');
    expect(build(types, rift.input, { ...k, 'fineTune.select': 'TOP_K' }).input).toHaveProperty('fineTune', { select: 'TOP_K', k: 3 });
  });

  it('have the options of the chosen objective as fields of their own', () => {
    const score = {
      ...trained,
      'model.training.variant': 'SCORE',
      'model.training.options.beta': '3',
      'model.training.options.form': 'DDPM',
    };
    const { input, problems } = build(types, rift.input, { ...score, 'fineTune.options.gamma': '0.02', 'fineTune.variant': 'AWP' });
    expect(problems).toEqual({});
    expect(input).toMatchObject({
      model: { training: { variant: 'SCORE', options: { form: 'DDPM', beta: 3 } } },
      fineTune: { variant: 'AWP', options: { gamma: 0.02 } },
    });
    expect(build(types, rift.input, { ...score, 'model.training.variant': 'MART' }).input).toHaveProperty('model.training.options', {
      beta: 3,
    });
    expect(build(types, rift.input, { ...score, 'model.training.variant': 'PGD_AT' }).input).not.toHaveProperty('model.training.options');
    expect(build(types, rift.input, { ...score, 'model.training.options.beta': 'much' }).problems).toHaveProperty([
      'model.training.options.beta',
    ]);
    const values = valuesOf(types, rift.input, { ...input, fineTune: { variant: 'AWP', options: { gamma: 0.02, warmup: 0 } } });
    expect(build(types, rift.input, values).input).toMatchObject({ fineTune: { variant: 'AWP', options: { gamma: 0.02 } } });
    expect(values).not.toHaveProperty(['fineTune.options.warmup']);
    expect(asGraphql(types, { start: rift, input, newProject: null, origin })).toMatch(/options: {\s+form: "DDPM"/);
  });

  it('leave a part out that is switched off', () => {
    const values = { project: 'lab', 'training.architecture': 'RESNET8', 'training.dataset': 'mnist' };
    expect(build(types, 'StartTrainingInput', values).input).toHaveProperty('evaluation', {});
    expect(build(types, 'StartTrainingInput', { ...values, 'evaluation?': false }).input).not.toHaveProperty('evaluation');
  });

  it('open with the settings of a recorded run and mean the same again', () => {
    const config = {
      project: 'lab',
      seed: 3,
      protocol: 'PAPER',
      model: {
        training: {
          architecture: 'RESNET8',
          variant: 'PGD_AT',
          dataset: 'cifar10',
          epochs: 110,
          attack: { epsilon: 8 / 255, steps: 7, randomStart: false },
        },
      },
      interpolation: { alphas: [0, 0.5, 1], tolerance: 0.001 },
      tags: [{ key: 'a', value: 'b' }],
    };
    const { input, problems } = build(types, rift.input, valuesOf(types, rift.input, config));
    expect(problems).toEqual({});
    expect(input).toEqual({
      project: 'lab',
      seed: 3,
      protocol: 'PAPER',
      model: { training: { architecture: 'RESNET8', dataset: 'cifar10', attack: { steps: 7, randomStart: false } } },
      interpolation: { alphas: [0, 0.5, 1] },
      tags: [{ key: 'a', value: 'b' }],
    });
  });
});

describe('an attack that is taken from another part', () => {
  const attack = { epsilon: 8 / 255, stepSize: 2 / 255, steps: 10, randomStart: true, restarts: 1 };
  const own = { epsilon: 0.2, stepSize: 0.05, steps: 5, randomStart: true, restarts: 3 };
  const once = { ...own, restarts: 1 };
  const training = { architecture: 'RESNET8', dataset: 'mnist', attack: once };
  /** What would be recorded of the run that the form of a recorded run starts. */
  const again = (config: object) => settle(riftRequest, build(types, rift.input, repeatedValues(types, rift.input, config, 'lab')).input);

  it.each([
    ['the same everywhere', once, once],
    ['more runs of it for the evaluation', own, once],
    ['a default in the place of another', attack, attack],
    ['another in every part', { ...own, steps: 6 }, { ...own, steps: 7, restarts: 1 }],
    ['its own for criticality alone', own, { ...attack, epsilon: 0.1 }],
  ])('means the same when the run is started again: %s', (_, evaluation, criticality) => {
    const config = { model: { training }, evaluation: { attack: evaluation }, criticality: { attack: criticality } };
    expect(again(config)).toMatchObject({ evaluation: { attack: evaluation }, criticality: { attack: criticality } });
  });

  it('goes with the one that it was taken from', () => {
    const config = { model: { training }, evaluation: { attack: once, images: 500 }, criticality: { attack: once } };
    const values = repeatedValues(types, rift.input, config, 'lab');
    expect(Object.keys(values).filter((path) => /^(evaluation|criticality)\.attack/.test(path))).toEqual([]);
    expect(values).toMatchObject({ 'evaluation.images': '500', 'model.training.attack.epsilon': '0.2' });
  });

  it('has no number of runs where only one is taken', () => {
    const at = (path: string) => build(types, rift.input, { ...trained, [`${path}.restarts`]: '3' }).input;
    for (const path of ['model.training.attack', 'criticality.attack', 'fineTune.attack']) expect(at(path), path).toEqual(at('nowhere'));
    expect(at('evaluation.attack')).toMatchObject({ evaluation: { attack: { restarts: 3 } } });
  });

  it('has no grey value until the server has decided it', () => {
    const field = types.get('PgdInput')?.inputFields?.find(({ name }) => name === 'epsilon') as InputField;
    const word = (path: string, resolved?: unknown) => defaultWord('PgdInput', field, path, resolved);
    expect([word('criticality.attack.epsilon'), word('model.training.attack.epsilon'), word('training.attack.epsilon')]).toEqual([
      undefined,
      '8/255',
      '8/255',
    ]);
    expect(word('criticality.attack.epsilon', { criticality: { attack: own } })).toBe('0.2');
    expect(word('criticality.attack.epsilon', { criticality: { attack } })).toBe('8/255');
  });
});

describe('presets', () => {
  it('are inputs that the API takes, known again, and keep what is not theirs', () => {
    for (const { name } of presets) {
      const values = withPreset({ project: 'lab', name: 'mine', 'criticality.images': '7' }, name, 'cifar10');
      const { input, problems } = build(types, rift.input, values);
      expect(problems).toEqual({});
      expect(input).toMatchObject({ project: 'lab', name: 'mine' });
      expect(validate(schema, parse(asGraphql(types, { start: rift, input, newProject: null, origin })))).toEqual([]);
      expect(presetOf(values, 'cifar10')).toBe(name);
      expect(presetOf({ ...values, 'interpolation.tolerance': '0.5' }, 'cifar10')).toBeNull();
    }
  });

  it('say with PAPER what differs from the defaults', () => {
    const { input } = build(types, rift.input, withPreset({ project: 'lab' }, 'paper', 'cifar10'));
    expect(input).toMatchObject({ protocol: 'PAPER', fineTune: { batchNorm: 'UPDATE' }, evaluation: { rule: 'LAST_STEP' } });
    expect(build(types, rift.input, withPreset({ project: 'lab' }, 'held-out', 'cifar10')).input).not.toHaveProperty('protocol');
  });
});

describe('a value of JSON', () => {
  const values = {
    ...trained,
    'model.training.architecture': 'RESNET_CIFAR',
    'model.training.architectureOptions': '{"depth": 20, "why": ["a", {"b": null}]}',
  };
  const options = { depth: 20, why: ['a', { b: null }] };

  it('is sent as what it is, in every language', () => {
    const { input, problems } = build(types, rift.input, values);
    expect(problems).toEqual({});
    expect(input).toMatchObject({ model: { training: { architectureOptions: options } } });
    const request = { start: rift, input, newProject: null, origin };
    expect(validate(schema, parse(asGraphql(types, request)))).toEqual([]);
    expect(asGraphql(types, request)).toMatch(/architectureOptions: \{\s+depth: 20/);
    expect(valuesOf(types, rift.input, input)['model.training.architectureOptions']).toBe(JSON.stringify(options));
  });

  it('is refused at its field when it is none, and left out where it means nothing', () => {
    const broken = build(types, rift.input, { ...values, 'model.training.architectureOptions': '{depth: 20}' });
    expect(broken.problems['model.training.architectureOptions']).toMatch(/^This is not JSON/);
    const { input } = build(types, rift.input, { ...values, 'model.training.architecture': 'RESNET8' });
    expect(input).not.toHaveProperty('model.training.architectureOptions');
  });
});

describe('objections', () => {
  it('all stand at their fields, in words', () => {
    const at = (path: (string | number)[], message: string) => ({ path: ['input', ...path], message, code: 'BAD_USER_INPUT' });
    const { byPath, other } = fieldProblems(types, rift.input, [
      at(['model', 'training', 'epochs'], 'input.model.training.epochs: must be at least 1 (got 0)'),
      at(['interpolation', 'alphas', 1], 'input.interpolation.alphas[1]: An alpha lies in [0, 1]. (got 1.5)'),
      at(['model', 'training', 'options', 'beta'], 'input.model.training.options.beta: must be at least 0 (got -1)'),
      at([], 'Not now.'),
    ]);
    expect(byPath).toEqual({
      'model.training.options.beta': 'Must be at least 0 (got -1).',
      'model.training.epochs': 'Must be at least 1 (got 0).',
      'interpolation.alphas': 'An alpha lies in [0, 1] (got 1.5).',
    });
    expect(other).toEqual(['Not now.']);
    expect(pathLabel(types, rift.input, 'model.training.epochs')).toBe('Adversarially trained network, Epochs');
    expect(pathLabel(types, rift.input, 'model.training.options.beta')).toBe(
      'Adversarially trained network, Options of the objective, Weight β',
    );
    expect(pathLabel(types, rift.input, 'interpolation.alphas')).toBe('Interpolation, Alphas');
  });
});

describe('the same request from elsewhere', () => {
  const values = {
    ...trained,
    'fineTune.select': 'ALL',
    name: 'it\'s "quoted"',
    'evaluation.suites': ['STANDARD'],
    tags: [{ key: 'a', value: 'b' }],
  };
  const { input } = build(types, rift.input, values);
  const request = { start: rift, input, newProject: 'lab', origin };

  it('is GraphQL that the schema accepts', () => {
    expect(validate(schema, parse(asGraphql(types, request)))).toEqual([]);
    expect(asGraphql(types, request)).toContain('select: ALL');
  });

  it('is one curl command a step, safe in single quotes', () => {
    const bodies = [...asCurl({ ...request, newProject: null }).matchAll(/-d '([\s\S]*)'$/g)].map(([, body = '']) =>
      body.replaceAll("'\\''", "'"),
    );
    expect(bodies).toHaveLength(1);
    const { query, variables } = JSON.parse(bodies[0] ?? '');
    expect(validate(schema, parse(query))).toEqual([]);
    expect(variables).toEqual({ input });
    expect(asCurl(request).match(/^curl /gm)).toHaveLength(2);
  });

  it('is Python with its own names for true and false', () => {
    const script = asPython({ ...request, input: { randomStart: false, restarts: 1 } });
    expect(script).toContain('"randomStart": False');
    expect(script).toContain(`"${origin}/graphql"`);
  });
});

describe('attacks of an evaluation', () => {
  it('are written as a person does, with fractions and with settings that only some have', () => {
    const attack = readAttack(' square queries=1000  epsilon=4/255');
    expect(attack).toEqual({ name: 'SQUARE', queries: 1000, epsilon: 4 / 255 });
    expect(readAttack('PGD stepSize=1/255 randomStart=false steps=50')).toEqual({
      name: 'PGD',
      steps: 50,
      options: { stepSize: 1 / 255, randomStart: false },
    });
    for (const text of ['SQUARE queries=1000 epsilon=4/255', 'PGD steps=50 stepSize=1/255 randomStart=false', 'AUTO_ATTACK'])
      expect(writeAttack(readAttack(text))).toBe(text);
  });

  it("do not stand for a suite's own number", () => {
    const one = (id: number, suite: string, attack: unknown, images: number, split = 'test') => ({ id, suite, attack, images, split });
    const all = [
      one(1, 'ADVERSARIAL', { name: 'SQUARE' }, 5000),
      one(2, 'ADVERSARIAL', { name: 'PGD' }, 500),
      one(3, 'ADVERSARIAL', { name: 'PGD' }, 1000),
      one(4, 'ADVERSARIAL', { name: 'PGD' }, 1000),
      one(5, 'ADVERSARIAL', { name: 'PGD', label: 'PGD.steps:50' }, 9000),
      one(6, 'ADVERSARIAL', { name: 'PGD' }, 9000, 'holdout'),
      one(7, 'STANDARD', null, 100),
    ];
    expect([accuracyOf(all, 'ADVERSARIAL')?.id, accuracyOf(all, 'STANDARD')?.id]).toEqual([4, 7]);
    expect(accuracyOf(all.slice(0, 1), 'ADVERSARIAL')).toBeUndefined();
  });

  it('are named with what tells them apart', () => {
    expect(measuredAs({ suite: 'ADVERSARIAL', attack: { name: 'PGD' } })).toBe('Adversarial');
    expect(measuredAs({ suite: 'ADVERSARIAL', attack: { name: 'SQUARE', label: 'SQUARE.eps:4/255' } })).toBe(
      'Adversarial, Square (eps 4/255)',
    );
    expect(attackOf({ name: 'AUTO_ATTACK', stages: { APGD_CE: 5 }, warnings: ['x'] })).toEqual({
      name: 'AutoAttack',
      stages: [{ name: 'APGD, cross-entropy', correct: 5 }],
      warnings: ['x'],
    });
    expect(attackOf('PGD-20').name).toBeUndefined();
  });
});
