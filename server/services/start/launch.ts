/** Queues a run that has been checked: its rows, its stages, audit record and notification in one transaction. */
import type { StageName } from '../../../engine/config.ts';
import type { Transaction } from '../../store/database.ts';
import type { RunKind } from '../../store/records.ts';
import { createRun, type NewRun } from '../../store/runs.ts';
import { writeStageWork } from '../../store/stages.ts';
import { act } from '../act.ts';
import { needDevice } from '../devices.ts';
import type { About } from '../networks.ts';
import { permit } from '../permission.ts';
import { needProject } from '../projects.ts';
import type { CheckpointRecord, RunRecord } from '../records.ts';
import type { Session } from '../session.ts';
import { worksOf } from './cost.ts';
import { flatten } from './params.ts';

export interface Launch {
  kind: RunKind;
  mutation: string;
  stages: readonly StageName[];
  project: string;
  name?: string;
  seed: number;
  tags: { key: string; value: string }[];
  device?: number | null;
  /** The whole resolved configuration: the mutation's input with every default, ids as clients know them. */
  config: object;
  about: About;
  inputs: { checkpointId: number; label: 'base' | 'tuned' | `tuned ${number}` }[];
  /** The weights that the run starts from; absent where it trains them first. */
  base?: CheckpointRecord;
}

/** A run as it will be written. */
interface Ready {
  wanted: Launch;
  row: NewRun;
  works: Map<StageName, number>;
}

/** Looks up what the run refers to, and counts its work. */
export async function makeReady(session: Session, wanted: Launch): Promise<Ready> {
  const { user } = permit(session, 'MEMBER');
  const project = await needProject(session, wanted.project, ['input', 'project']);
  if (wanted.device != null) await needDevice(session, wanted.device, ['input', 'device']);
  const { kind, about, config, inputs, seed, tags } = wanted;
  const row = {
    projectId: project.id,
    name: wanted.name ?? null,
    kind,
    createdById: user.id,
    config,
    seed,
    wantedDeviceId: wanted.device ?? null,
    params: flatten(config, about),
    tags: [...new Map(tags.map((tag) => [tag.key, tag])).values()],
    inputs,
  };
  return { wanted, row, works: await worksOf(wanted) };
}

/** trainingOf: the run whose training this one shares. */
export async function queueReady(
  { lab }: Session,
  transaction: Transaction,
  { wanted, row, works }: Ready,
  trainingOf?: number,
): Promise<RunRecord> {
  const run = await createRun(transaction, { ...row, trainingOfId: trainingOf }, (id) => readableName(wanted.kind, wanted.about, id));
  await lab.queue.enqueueRun(transaction, run.id, wanted.stages);
  await writeStageWork(transaction, run.id, works);
  return run;
}

export async function launch(session: Session, wanted: Launch): Promise<RunRecord> {
  const ready = await makeReady(session, wanted);
  return act(session, wanted.mutation, wanted.config, async (transaction) => {
    const run = await queueReady(session, transaction, ready);
    return { result: run, target: `Run-${run.id}`, notifications: [{ type: 'runChanged', run: run.id }] };
  });
}

/** `rift-resnet8-cifar10-12`. */
const readableName = (kind: RunKind, { architecture, dataset }: Launch['about'], id: number) =>
  [kind, architecture, dataset, id].join('-').toLowerCase().replaceAll('_', '-');
