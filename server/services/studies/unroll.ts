/** From a study's settings to its runs: every cell of the grid with every seed. */
import { z } from 'zod';
import { BadInputError } from '../../errors.ts';
import { type Grid, type Preset, type PresetName, presetNames, presets, type Settings } from './presets.ts';
import { merged, valueAt, withValue } from './settings.ts';

/** Runs of a study, all cells and seeds together. */
export const mostRuns = 200;

const fieldPath = /^[a-z]\w*(\.[a-z]\w*)*$/i;
const value = z.unknown().refine((given) => given !== null && given !== undefined, 'A value is missing.');
const seed = z.int().min(0).max(2_147_483_647);
export const seeds = z
  .array(seed)
  .min(1)
  .max(mostRuns)
  .refine((all) => new Set(all).size === all.length, 'A seed is named twice.');
export const grid = z
  .record(
    z.string(),
    z
      .array(value)
      .min(1, 'A field needs at least one value.')
      .max(mostRuns)
      .refine((all) => new Set(all.map((one) => JSON.stringify(one))).size === all.length, 'A value is named twice.'),
  )
  .superRefine((axes, context) => {
    for (const path of Object.keys(axes).filter((name) => !fieldPath.test(name)))
      context.addIssue({ code: 'custom', path: [path], message: 'A field path is names of StartRiftInput with dots: fineTune.select.' });
  });

export const studyRequest = z.object({
  project: z.string().describe('Name of the project that the study and its runs belong to.'),
  name: z.string().trim().normalize().min(1).max(200).describe('Name of the study.'),
  preset: z
    .enum(presetNames)
    .optional()
    .describe(`Table or figure of the paper: ${presetNames.join(', ')}; none with a grid of your own.`),
  base: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Settings that all runs have, as in StartRiftInput; they go before those of the preset.'),
  grid: grid
    .optional()
    .describe('Field path of StartRiftInput to its values: {"fineTune.k": [1, 2]}. It goes before the grid of the preset.'),
  seeds: seeds.default([0]).describe('Every cell runs once with each.'),
  scale: z.number().gt(0).max(1).default(1).describe('Share of the images and epochs that base and grid leave open; 1 as in the paper.'),
});
export type StudyRequest = z.infer<typeof studyRequest>;

/** What is recorded of a study. */
export interface StudySettings {
  preset: PresetName | null;
  base: Settings;
  grid: Grid;
}

export interface Cell {
  /** Field paths and their values. */
  cell: Settings;
  /** Of a run of the cell, without project, name and seed; nothing is scaled. */
  settings: Settings;
  /** What the person gave of them. */
  given: Settings;
}

/** Fields that a study decides itself. */
const own = ['project', 'name', 'seed', 'tags'];

/** The grid of the preset without the fields that base settles, with the study's own. */
export function axesOf({ preset, base, grid: given }: StudySettings): Grid {
  const inherited: Grid = preset === null ? {} : presets[preset].grid;
  const left = Object.entries(inherited).filter(
    ([path]) => valueAt(base, path) === undefined && !(isTraining(path) && givesCheckpoint(base)),
  );
  return { ...Object.fromEntries(left), ...given };
}

/** Names of the datasets that the networks of a preset are trained on. */
export function datasetsOfPreset(name: PresetName): readonly string[] {
  const path = 'model.training.dataset';
  const { base, grid }: Preset = presets[name];
  return (grid[path] ?? [valueAt(base, path)]) as string[];
}

const isTraining = (path: string) => path.startsWith('model.training');
const givesCheckpoint = (settings: Settings) => valueAt(settings, 'model.checkpoint') !== undefined;

/** Throws BadInputError where one field lies within another, which would set it too. given: the study's own grid. */
function checkApart(paths: readonly string[], given: Grid): void {
  for (const path of paths) {
    const outer = paths.find((one) => path.startsWith(`${one}.`));
    if (outer)
      throw new BadInputError(`${path} lies within ${outer}: one of the two would be ignored.`, [
        ...['input', 'grid', given[path] ? path : outer],
      ]);
  }
}

/** Throws BadInputError for more runs than a study may have, and for fields that are not the grid's to set. */
export function cellsOf(study: StudySettings, seedCount: number): Cell[] {
  const axes = Object.entries(axesOf(study));
  for (const name of own) {
    const path = axes.find(([field]) => field === name || field.startsWith(`${name}.`))?.[0];
    if (path) throw new BadInputError(`${name} is the study's own: give it there.`, ['input', 'grid', path]);
    if (study.base[name] !== undefined) throw new BadInputError(`${name} is the study's own: give it there.`, ['input', 'base', name]);
  }
  checkApart(
    axes.map(([path]) => path),
    study.grid,
  );
  const runs = axes.reduce((product, [, values]) => product * values.length, seedCount);
  if (runs > mostRuns)
    throw new BadInputError(`This makes ${runs} runs; a study has at most ${mostRuns}. Leave out values or seeds.`, ['input', 'grid']);
  const preset = study.preset === null ? {} : presets[study.preset].base;
  const under = givesCheckpoint(study.base) ? { ...preset, model: {} } : preset;
  const cells = axes.reduce<Settings[]>(
    (all, [path, values]) => all.flatMap((cell) => values.map((one) => ({ ...cell, [path]: one }))),
    [{}],
  );
  return cells.map((cell) => {
    const given = Object.entries(cell).reduce((settings, [path, one]) => withValue(settings, path, one), study.base);
    return { cell, given, settings: merged(under, given) };
  });
}
