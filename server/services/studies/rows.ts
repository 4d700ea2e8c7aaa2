/** The table of a study: every cell over its seeds, beside the paper's number. */
import { readExperiment } from '../../../engine/config.ts';
import { canonicalJson, suiteMetrics } from '../../../engine/index.ts';
import type { RunRecord, StudyRecord } from '../records.ts';
import type { Session } from '../session.ts';
import type { PresetName, Settings } from './presets.ts';
import { publishedOf } from './published.ts';
import { merged } from './settings.ts';
import { runsOfStudy } from './studies.ts';
import { cellsOf, type StudySettings } from './unroll.ts';

/** Fractions. sd: of the sample; null for a single seed. */
export interface Spread {
  mean: number;
  sd: number | null;
  seeds: number;
}

export interface Spreads {
  standard: Spread | null;
  ood: Spread | null;
  robust: Spread | null;
  autoAttack: Spread | null;
}

export interface StudyRow extends Spreads {
  cell: Settings;
  runs: RunRecord[];
  /** Of the network before RiFT. */
  base: Spreads;
  alpha: Spread | null;
  published: object | null;
  /** Test images behind standard accuracy; null while no run has finished. */
  images: number | null;
  scale: number;
  /** Of the corruptions that accuracies out of distribution are the mean over; empty where none are measured. */
  severities: number[];
  /** Runs with a number that is suspect; it is in no mean. */
  suspect: number;
  /** Finished runs of other settings, or measured otherwise, than most; they are in no mean. */
  unlike: number;
}

export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)), seeds: values.length };
}

const metrics = {
  standard: suiteMetrics.STANDARD,
  ood: suiteMetrics.OOD,
  robust: suiteMetrics.ADVERSARIAL,
  autoAttack: `${suiteMetrics.ADVERSARIAL}.AUTO_ATTACK`,
};
const names = Object.entries(metrics) as [keyof Spreads, string][];
const wanted = names.flatMap(([, name]) => [name, `base.${name}`, `suspect.${name}`, `base.suspect.${name}`]);

/** In the order of the grid. A run counts once it has finished. */
export async function rowsOfStudy(session: Session, study: StudyRecord): Promise<StudyRow[]> {
  const members = await session.load.studyRuns.load(study.id);
  const runs = new Map((await runsOfStudy(session, study.id)).map((run) => [run.id, run]));
  const settings: StudySettings = {
    preset: study.preset as PresetName | null,
    base: study.base as Settings,
    grid: study.grid as StudySettings['grid'],
  };
  return Promise.all(
    cellsOf(settings, 1).map(async ({ cell, settings: all }) => {
      const own = members
        .filter((member) => canonicalJson(member.cell) === canonicalJson(cell))
        .flatMap(({ runId }) => runs.get(runId) ?? []);
      return {
        cell,
        runs: own,
        published: publishedOf(settings.preset, merged(all, {})),
        scale: study.scale,
        ...(await numbersOf(session, own)),
      };
    }),
  );
}

async function numbersOf(session: Session, runs: readonly RunRecord[]) {
  const finished = runs.filter(({ state }) => state === 'FINISHED');
  const counted = await mostAlike(session, finished);
  const keys = [...wanted, 'alpha'];
  const values = await Promise.all(
    counted.map(async ({ id }) => new Map((await session.load.metrics.load({ run: id, keys })).map(({ key, last }) => [key, last]))),
  );
  const spread = (key: string) => spreadOf(values.flatMap((of) => numberIn(of.get(key))));
  const spreads = (prefix: string) =>
    Object.fromEntries(names.map(([name, metric]) => [name, spread(prefix + metric)])) as unknown as Spreads;
  const suspect = values.filter((of) => wanted.some((key) => key.includes('suspect.') && of.has(key))).length;
  return {
    ...{ ...spreads(''), base: spreads('base.'), alpha: spread('alpha'), suspect },
    unlike: finished.length - counted.length,
    images: (counted[0] && (await session.load.measured.load(counted[0].id))?.images) ?? null,
    severities: severitiesOf(counted[0] ?? runs[0]),
  };
}

/**
 * The runs whose numbers may be one mean: those of the same settings that measured the same way, as many as there are; of as many, the
 * newest. A cell has others where a preset, the images or the engine changed between a study and its extension.
 */
async function mostAlike(session: Session, runs: readonly RunRecord[]): Promise<RunRecord[]> {
  const groups = new Map<string, RunRecord[]>();
  const measured = await Promise.all(runs.map(({ id }) => session.load.measured.load(id)));
  for (const [index, run] of runs.entries()) {
    const key = canonicalJson([settingsOf(run.config), measured[index]?.fingerprints]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const newest = (group: readonly RunRecord[]) => Math.max(...group.map(({ id }) => id));
  return [...groups.values()].sort((one, other) => other.length - one.length || newest(other) - newest(one))[0] ?? [];
}

/** Everything that the engine reads, with the defaults of today; what it can no longer read as it was recorded. */
function settingsOf(config: unknown): unknown {
  try {
    return readExperiment(config);
  } catch {
    return config;
  }
}

/** As the configuration has them, which leaves out all five. */
function severitiesOf(run: RunRecord | undefined): number[] {
  const { evaluation } = (run?.config ?? {}) as { evaluation?: { suites?: string[]; severities?: number[] } };
  if (!evaluation?.suites?.includes('OOD')) return [];
  return evaluation.severities ?? [1, 2, 3, 4, 5];
}

const numberIn = (value: unknown): number[] => (typeof value === 'number' && Number.isFinite(value) ? [value] : []);
