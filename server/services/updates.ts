/** What the subscriptions tell: a run's own changes, changes of runs in a project, devices. */

import { NotFoundError } from '../errors.ts';
import { readLineRange } from '../store/lines.ts';
import { readPoints } from '../store/metrics.ts';
import { listDevices } from './devices.ts';
import type { Change } from './live.ts';
import { createLoaders } from './loaders.ts';
import { permit } from './permission.ts';
import { findProject } from './projects.ts';
import type {
  DeviceRecord,
  EvaluationRecord,
  LineRecord,
  MetricPointRecord,
  MrcScoreRecord,
  RunRecord,
  Special,
  SpecialSpanRecord,
  SweepPointRecord,
} from './records.ts';
import type { Session } from './session.ts';

export type RunUpdate =
  | { type: 'RunSnapshot'; run: RunRecord }
  | { type: 'RunChanged'; run: RunRecord }
  | { type: 'MetricsLogged'; points: MetricPointRecord[]; specials: SpecialSpanRecord[] }
  | { type: 'LinesLogged'; lines: LineRecord[] }
  | { type: 'MrcScored'; score: MrcScoreRecord }
  | { type: 'SweepPointScored'; point: SweepPointRecord }
  | { type: 'Evaluated'; evaluation: EvaluationRecord };

/** More than this at once is left to queries: the client asks for a downsampled series or a part of the log anyway. */
const mostAtOnce = 5000;

/**
 * Every event is read anew, once for all who hear of it: nothing that an earlier event loaded may be served again. They get the
 * same objects, so that what is made of one can be shared too.
 */
function readOnce<Events>(session: Session, what: string, read: () => Promise<Events>): Promise<Events> {
  const { live, database } = session.lab;
  session.load = live.sinceChange('loaders', () => createLoaders(database));
  return live.sinceChange(what, read);
}

/** Throws NotFoundError for an unknown run. */
export async function runUpdates(session: Session, id: number | null): Promise<AsyncIterableIterator<RunUpdate>> {
  permit(session, 'VIEWER');
  if (id === null || !(await session.load.run.load(id))) throw new NotFoundError('There is no such run.', ['id']);
  const now = async (type: 'RunSnapshot' | 'RunChanged'): Promise<RunUpdate[]> => {
    const run = await session.load.run.load(id);
    return run ? [{ type, run }] : [];
  };
  return session.lab.live.subscribe<RunUpdate>({
    wanted: (change) => 'run' in change && change.run === id,
    first: () => now('RunSnapshot'),
    async read(batch) {
      const read = (change: Change) => readOnce(session, `${id} ${JSON.stringify(change)}`, () => describe(session, id, change, now));
      return (await Promise.all(batch.map(read))).flat();
    },
  });
}

async function describe(
  session: Session,
  run: number,
  change: Change,
  now: (type: 'RunSnapshot' | 'RunChanged') => Promise<RunUpdate[]>,
): Promise<RunUpdate[]> {
  const { database } = session.lab;
  switch (change.type) {
    case 'resynchronise':
    case 'runGrew':
      return now('RunSnapshot');
    case 'runChanged':
      return now('RunChanged');
    case 'metricsLogged': {
      const points = await readPoints(database, run, change.keys, change.fromStep, change.toStep, mostAtOnce);
      return points.length > 0 ? [metricsLogged(points)] : [];
    }
    case 'linesLogged': {
      const lines = await readLineRange(database, run, change.fromSeq, change.toSeq, mostAtOnce);
      return lines.length > 0 ? [{ type: 'LinesLogged', lines }] : [];
    }
    case 'mrcScored': {
      const score = (await session.load.mrcScores.load(run)).find(({ module }) => module === change.module);
      return score ? [{ type: 'MrcScored', score }] : [];
    }
    case 'sweepPointScored': {
      const [sweep] = await session.load.sweepsOfRun.load(run);
      const points = sweep ? await session.load.sweepPoints.load(sweep.id) : [];
      const point = points.find(({ alpha }) => alpha === change.alpha);
      return point ? [{ type: 'SweepPointScored', point }] : [];
    }
    case 'evaluated': {
      const evaluation = await session.load.evaluation.load(change.evaluation);
      return evaluation ? [{ type: 'Evaluated', evaluation }] : [];
    }
    case 'devicesChanged':
    case 'accessChanged':
      return [];
  }
}

function metricsLogged(points: readonly MetricPointRecord[]): RunUpdate {
  const isNumber = ({ value }: MetricPointRecord) => Number.isFinite(value);
  const specials = points
    .filter((point) => !isNumber(point))
    .map(({ key, step, value }) => ({ key, special: String(value) as Special, fromStep: step, toStep: step, count: 1 }));
  return { type: 'MetricsLogged', points: points.filter(isNumber), specials };
}

/** Runs that changed, in a project or anywhere. Throws NotFoundError for an unknown project. */
export async function changedRuns(session: Session, project: string | null): Promise<AsyncIterableIterator<RunRecord>> {
  permit(session, 'VIEWER');
  const inProject = project === null ? null : await findProject(session, project);
  if (project !== null && !inProject) throw new NotFoundError(`There is no project "${project}".`, ['project']);
  return session.lab.live.subscribe<RunRecord>({
    wanted: ({ type }) => type === 'runChanged' || type === 'evaluated',
    async read(batch) {
      const ids = [...new Set(batch.flatMap((change) => ('run' in change ? [change.run] : [])))];
      const runs = await readOnce(session, `runs ${ids}`, () => session.load.run.loadMany(ids));
      return runs.filter(
        (run): run is RunRecord => run !== null && !(run instanceof Error) && (!inProject || run.projectId === inProject.id),
      );
    },
  });
}

/** All devices, at once and whenever one changes. */
export async function deviceLists(session: Session): Promise<AsyncIterableIterator<DeviceRecord[]>> {
  permit(session, 'VIEWER');
  // Never shared: a device goes offline by silence, which nothing tells of.
  const now = async () => {
    session.load = createLoaders(session.lab.database);
    return [await listDevices(session)];
  };
  return session.lab.live.subscribe<DeviceRecord[]>({ wanted: ({ type }) => type === 'devicesChanged', first: now, read: now });
}
