/** The runs that a study's settings mean, each checked as if it were started by itself. */
import { measureOf, readExperiment } from '../../../engine/config.ts';
import { BadInputError, RequestError } from '../../errors.ts';
import { needCheckpoint } from '../checkpoints.ts';
import { knownDataset } from '../networks.ts';
import type { Session } from '../session.ts';
import type { Launch } from '../start/launch.ts';
import { planRift } from '../start/rift.ts';
import { paperSeverities, type Settings } from './presets.ts';
import { type RefusedCell, refusalOf } from './refusal.ts';
import { scaled } from './scale.ts';
import { textOf, valueAt, withValue } from './settings.ts';
import { type Cell, cellsOf, type StudySettings } from './unroll.ts';

export interface PlannedRun {
  cell: Settings;
  seed: number;
  launch: Launch;
  /** Runs of one study with equal keys train the same network; null for a run that trains none. */
  training: string | null;
}

export interface StudyPlan extends StudySettings {
  project: string;
  name: string;
  seeds: readonly number[];
  scale: number;
}

/** Settings as a client writes them become the input of startRift, its ids rows. Throws BadInputError with all that is wrong. */
export type ReadInput = (input: Settings) => { model?: { checkpoint?: number; training?: { dataset?: string } }; dataset?: string };

/** Throws BadInputError, or the error of another kind, where cells of the grid are no runs that could be started. */
export async function planStudy(session: Session, study: StudyPlan, read: ReadInput): Promise<PlannedRun[]> {
  const runs: PlannedRun[] = [];
  const refused: RefusedCell[] = [];
  const cells = cellsOf(study, study.seeds.length);
  for (const cell of cells) {
    const launch = await planCell(session, study, cell, read).catch((error: unknown) => {
      if (!(error instanceof RequestError)) throw error;
      refused.push({ cell: cell.cell, error });
    });
    if (!launch) continue;
    for (const seed of study.seeds) {
      const name = [study.name, ...Object.entries(cell.cell).map(([, value]) => textOf(value)), `seed ${seed}`].join(', ').slice(0, 200);
      const config = { ...launch.config, name, seed };
      runs.push({ cell: cell.cell, seed, launch: { ...launch, name, seed, config }, training: trainingKey(config, seed) });
    }
  }
  if (refused.length > 0)
    throw refusalOf(
      refused,
      cells.map(({ cell }) => cell),
    );
  return runs;
}

async function planCell(session: Session, study: StudyPlan, cell: Cell, read: ReadInput): Promise<Launch> {
  const { scale, project } = study;
  const tags = [{ key: 'study', value: study.name }, ...(scale === 1 ? [] : [{ key: 'scale', value: String(scale) }])];
  const input = (settings: Settings) => read({ ...settings, project, tags });
  const images = await imagesOf(session, input(cell.settings));
  const settings = study.preset === null ? cell.settings : withPaperSeverities(cell.settings, images.dataset.name);
  return planRift(session, input(scale === 1 ? settings : scaled(settings, { scale, given: cell.given, ...images })));
}

/** A preset measures corrupted images at the severities that the paper's numbers are of, where nobody says which. */
function withPaperSeverities(settings: Settings, dataset: string): Settings {
  const severities = paperSeverities[dataset];
  const path = 'evaluation.severities';
  const suites = valueAt(settings, 'evaluation.suites');
  const isMeasured = Array.isArray(suites) && suites.includes('OOD');
  return severities && isMeasured && valueAt(settings, path) === undefined ? withValue(settings, path, severities) : settings;
}

/** What the sizes of the splits depend on. */
async function imagesOf(session: Session, { model, dataset }: ReturnType<ReadInput>) {
  const path = ['input', 'model', 'checkpoint'];
  const checkpoint = model?.checkpoint === undefined ? undefined : await needCheckpoint(session, model.checkpoint, path);
  const trained = model?.training?.dataset;
  const name = dataset ?? trained ?? checkpoint?.dataset;
  if (!name) throw new BadInputError('Which dataset the checkpoint is for is not recorded: name it.', ['input', 'dataset']);
  const place = dataset === undefined && trained !== undefined ? ['input', 'model', 'training', 'dataset'] : ['input', 'dataset'];
  return { dataset: knownDataset(name, place), trainedHere: checkpoint?.trainedHere ?? true };
}

/** The training itself, and what its epoch is chosen by. */
function trainingKey(config: object, seed: number): string | null {
  if (valueAt(config as Settings, 'model.training') === undefined) return null;
  const experiment = readExperiment(config);
  return JSON.stringify([
    experiment.training,
    experiment.protocol,
    measureOf(experiment),
    valueAt(config as Settings, 'device') ?? null,
    seed,
  ]);
}
