/** The table of a study: every cell over its seeds, beside the paper's number. */
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
        severities: severitiesOf(own[0]),
        ...(await numbersOf(session, own)),
      };
    }),
  );
}

async function numbersOf(session: Session, runs: readonly RunRecord[]) {
  const finished = runs.filter(({ state }) => state === 'FINISHED');
  const keys = [...wanted, 'alpha'];
  const values = await Promise.all(
    finished.map(async ({ id }) => new Map((await session.load.metrics.load({ run: id, keys })).map(({ key, last }) => [key, last]))),
  );
  const spread = (key: string) => spreadOf(values.flatMap((of) => numberIn(of.get(key))));
  const spreads = (prefix: string) =>
    Object.fromEntries(names.map(([name, metric]) => [name, spread(prefix + metric)])) as unknown as Spreads;
  const suspect = values.filter((of) => wanted.some((key) => key.includes('suspect.') && of.has(key))).length;
  return { ...spreads(''), base: spreads('base.'), alpha: spread('alpha'), suspect, images: await imagesOf(session, finished[0]) };
}

/** As the configuration has them, which leaves out all five. */
function severitiesOf(run: RunRecord | undefined): number[] {
  const { evaluation } = (run?.config ?? {}) as { evaluation?: { suites?: string[]; severities?: number[] } };
  if (!evaluation?.suites?.includes('OOD')) return [];
  return evaluation.severities ?? [1, 2, 3, 4, 5];
}

/** Runs of a cell have the same settings, so one tells. */
async function imagesOf(session: Session, run: RunRecord | undefined): Promise<number | null> {
  const evaluations = run ? await session.load.evaluationsOfRun.load(run.id) : [];
  return evaluations.find(({ suite }) => suite === 'STANDARD')?.images ?? null;
}

const numberIn = (value: unknown): number[] => (typeof value === 'number' && Number.isFinite(value) ? [value] : []);
