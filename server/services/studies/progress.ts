/** How far studies are. Each run weighs as much as the work that its stages were expected to be. */
import DataLoader from 'dataloader';
import type { StageName } from '../../../engine/config.ts';
import { type StageWork, secondsOfStages } from '../../../engine/index.ts';
import type { Loaders } from '../loaders.ts';
import { type Progress, progressOfRun } from '../progress.ts';
import type { StageRecord } from '../records.ts';
import type { Session } from '../session.ts';
import { computingDevices } from '../start/estimate.ts';
import { runsOfStudy } from './studies.ts';

interface WorkLeft {
  progress: Progress;
  /** Of the whole study on the quickest device. */
  seconds: number | null;
}

/** A training that another run does is none of this run's work. */
function worksOf(stages: readonly StageRecord[], shares: boolean): StageWork[] {
  return stages.flatMap(({ name, work }) => (shares && name === 'TRAINING' ? [] : [{ name: name as StageName, work: work ?? 0 }]));
}

const loaders = new WeakMap<Loaders, DataLoader<number, WorkLeft>>();

/** Studies that one answer asks for are judged by the devices as they are at one moment, each once. */
export function workLeft(session: Session, study: number): Promise<WorkLeft> {
  const known = loaders.get(session.load);
  const loader = known ?? new DataLoader((studies) => judge(session, studies));
  if (!known) loaders.set(session.load, loader);
  return loader.load(study);
}

async function judge(session: Session, studies: readonly number[]): Promise<WorkLeft[]> {
  const quickest = Math.max(0, ...(await computingDevices(session)).map(({ imagesPerSecond }) => imagesPerSecond));
  return Promise.all(studies.map((study) => leftOf(session, study, quickest)));
}

/** speed: images a second of the quickest device; 0 where none is known. */
async function leftOf(session: Session, study: number, speed: number): Promise<WorkLeft> {
  const runs = await runsOfStudy(session, study);
  const stages = await session.load.stages.loadMany(runs.map(({ id }) => id));
  const weighed = runs.map((run, index) => {
    const own = stages[index];
    const all = own instanceof Error || !own ? [] : own;
    const fraction = run.state === 'FINISHED' ? 1 : progressOfRun(all).fraction;
    const works = worksOf(all, run.trainingOfId !== null);
    return { run, fraction, works, work: works.reduce((sum, { work }) => sum + work, 0) };
  });
  const whole = weighed.reduce((sum, { work }) => sum + work, 0);
  const done = weighed.reduce((sum, { work, fraction }) => sum + work * fraction, 0);
  const stagesOfAll = weighed.flatMap(({ works }) => works);
  const seconds = speed > 0 ? (await secondsOfStages(stagesOfAll, speed)).reduce((sum, each) => sum + each.seconds, 0) : null;
  const fraction = whole > 0 ? done / whole : 0;
  const open = weighed.some(({ run: { state } }) => state === 'QUEUED' || state === 'RUNNING');
  return {
    seconds,
    progress: {
      fraction,
      done: weighed.filter(({ run: { state } }) => state === 'FINISHED').length,
      total: weighed.length,
      unit: 'runs',
      rate: null,
      etaSeconds: seconds === null || !open ? null : seconds * (1 - fraction),
    },
  };
}
