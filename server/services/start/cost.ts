/** What a run that is about to start will cost, from the engine's model of its stages. */
import type {
  ArchitectureName,
  CriticalityConfig,
  FineTuneConfig,
  InterpolationConfig,
  MeasureConfig,
  PgdConfig,
  SelectionProtocol,
  StageName,
  TrainingConfig,
} from '../../../engine/config.ts';
import { criticalityConfig, fineTuneConfig, interpolationConfig, measureConfig } from '../../../engine/config.ts';
import { type Plan, type StageWork, workOfStages } from '../../../engine/index.ts';
import type { CheckpointRecord } from '../records.ts';
import type { Session } from '../session.ts';

/** The parts that start mutations have in common; each has some. */
export interface Settings {
  training?: TrainingConfig;
  model?: { training?: TrainingConfig };
  protocol?: SelectionProtocol;
  criticality?: CriticalityConfig;
  fineTune?: FineTuneConfig;
  interpolation?: InterpolationConfig;
  evaluation?: MeasureConfig;
  attack?: PgdConfig;
}

/** base: the weights that the run starts from; none where it trains them first. */
export async function planOf(
  session: Session,
  { stages, about }: { stages: readonly StageName[]; about: { architecture: string; dataset: string } },
  settings: Settings,
  base?: CheckpointRecord,
): Promise<Plan> {
  const training = settings.training ?? settings.model?.training;
  const measure = settings.evaluation ?? measureConfig.parse({ attack: training?.attack });
  return {
    stages,
    architecture: about.architecture as ArchitectureName,
    dataset: about.dataset,
    trainedHere: base?.trainedHere ?? true,
    protocol: settings.protocol ?? 'HOLD_OUT',
    training,
    criticality: settings.criticality ?? criticalityConfig.parse({}),
    fineTune: settings.fineTune ?? fineTuneConfig.parse({}),
    interpolation: settings.interpolation ?? interpolationConfig.parse({}),
    measure,
    attack: settings.attack ?? measure.attack,
    trainImages: training?.trainImages ?? (base && (await trainImagesOf(session, base))),
    evaluated: stages.includes('INTERPOLATION') ? 2 : 1,
  };
}

/** How many images the weights were trained on here; undefined for all of them, or where that is not recorded. */
async function trainImagesOf(session: Session, { producedById }: CheckpointRecord): Promise<number | undefined> {
  const run = producedById === null ? null : await session.load.run.load(producedById);
  const config = run?.config as Settings | undefined;
  const images = (config?.training ?? config?.model?.training)?.trainImages;
  return typeof images === 'number' ? images : undefined;
}

/** Multiply-adds by stage. */
export async function worksOf(plan: Plan): Promise<Map<StageName, number>> {
  const works: StageWork[] = await workOfStages(plan);
  return new Map(works.map(({ name, work }) => [name, work]));
}
