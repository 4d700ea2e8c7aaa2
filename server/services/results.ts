/** What a run made: checkpoints, scores, files. */
import { checkpointUrl } from './checkpoints.ts';
import type { CheckpointRecord, MrcScoreRecord } from './records.ts';
import type { Session } from './session.ts';

export interface RunArtifact {
  name: string;
  sha256: string;
  bytes: bigint;
  url: string;
}

export async function labelled(session: Session, run: number, role: 'INPUT' | 'OUTPUT') {
  const links = (await session.load.runCheckpoints.load(run)).filter((link) => link.role === role);
  const found = await session.load.checkpoint.loadMany(links.map(({ checkpointId }) => checkpointId));
  return links.flatMap(({ label }, index) => {
    const checkpoint = found[index];
    return checkpoint && !(checkpoint instanceof Error) ? [{ label, checkpoint }] : [];
  });
}

/** Each once, the oldest first. */
export async function checkpointsOfRun(session: Session, run: number, role: 'INPUT' | 'OUTPUT'): Promise<CheckpointRecord[]> {
  const links = await labelled(session, run, role);
  return [...new Map(links.map(({ checkpoint }) => [checkpoint.id, checkpoint])).values()];
}

export async function artifactsOfRun(session: Session, run: number): Promise<RunArtifact[]> {
  const links = await labelled(session, run, 'OUTPUT');
  return links.map(({ label, checkpoint: { id, sha256, bytes } }) => ({
    name: `${label}.safetensors`,
    sha256,
    bytes,
    url: checkpointUrl(session, id),
  }));
}

/** In network order, with the rank of each: 1 is the lowest score, equal scores in network order. */
export async function rankedScores(session: Session, run: number): Promise<(MrcScoreRecord & { rank: number })[]> {
  const scores = await session.load.mrcScores.load(run);
  const sorted = scores.toSorted((one, other) => one.score - other.score);
  const ranks = new Map(sorted.map((score, index) => [score, index + 1]));
  return scores.map((score) => ({ ...score, rank: ranks.get(score) as number }));
}
