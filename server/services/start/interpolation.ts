/** startInterpolation: the way from a base to fine-tuned weights, or to several that are merged. */
import { isDeepStrictEqual } from 'node:util';
import { normalisationOf } from '../../../engine/index.ts';
import { BadInputError } from '../../errors.ts';
import { formOf } from '../../store/network-form.ts';
import type { Path } from '../input.ts';
import { permit } from '../permission.ts';
import type { RunRecord } from '../records.ts';
import type { Session } from '../session.ts';
import { type CheckedCheckpoint, checkCheckpoint, checkMeasure, checkPoints, checkRead, checkSelection } from './checks.ts';
import { type Launch, launch } from './launch.ts';
import { interpolationRequest } from './requests.ts';
import { settle } from './settle.ts';
import { measuringOf, planned } from './single.ts';

/** Measures the weights between checkpoints of one network, of several fine-tuned ones what they give together. */
export async function startInterpolation(session: Session, input: unknown): Promise<RunRecord> {
  permit(session, 'MEMBER');
  return launch(session, await planInterpolation(session, input));
}

export async function planInterpolation(session: Session, input: unknown): Promise<Launch> {
  const request = settle(interpolationRequest, input);
  const base = await checkCheckpoint(session, request.base, request.dataset, ['input', 'base']);
  const merge = (request.merge ?? []).map((id, index): [number, Path] => [id, ['input', 'merge', index]]);
  const tuned: CheckedCheckpoint[] = [];
  for (const [id, path] of [[request.tuned, ['input', 'tuned']] as [number, Path], ...merge]) {
    const checked = await checkCheckpoint(session, id, base.dataset.name, path);
    checkTuned(checked, base, tuned, path);
    tuned.push(checked);
  }
  checkSelection(measuringOf(request, base), ['input', 'dataset']);
  checkPoints(request.evaluation, ['input', 'evaluation']);
  checkMeasure(request.evaluation, measuringOf(request, base), ['input', 'evaluation']);
  checkRead(request.evaluation, request.interpolation, ['input', 'evaluation']);
  const run = { kind: 'INTERPOLATION' as const, mutation: 'startInterpolation', stages: ['INTERPOLATION' as const] };
  return planned(request, base, { ...run, tuned: tuned.map(({ checkpoint }) => checkpoint.id) });
}

/** before: those that it is merged with. */
function checkTuned(tuned: CheckedCheckpoint, base: CheckedCheckpoint, before: readonly CheckedCheckpoint[], path: Path): void {
  const [at, end] = [base.checkpoint, tuned.checkpoint];
  if (at.architecture !== end.architecture)
    throw new BadInputError(
      `Base is a ${at.architecture} and tuned a ${end.architecture}: only weights of one architecture can be interpolated.`,
      path,
    );
  const differs = differenceOf(base, tuned);
  if (differs) throw new BadInputError(`Base and tuned differ in their ${differs}: only weights of one network can be interpolated.`, path);
  if (before.some(({ checkpoint }) => checkpoint.id === end.id) || (before.length > 0 && end.id === at.id))
    throw new BadInputError(`Checkpoint "${end.name}" would be merged with itself or its base.`, path);
}

/** What two networks of one architecture differ in; undefined where they are the same. */
function differenceOf(base: CheckedCheckpoint, tuned: CheckedCheckpoint): string | undefined {
  const [one, other] = [formOf(base.checkpoint), formOf(tuned.checkpoint)];
  if (!isDeepStrictEqual(one.architectureOptions, other.architectureOptions)) return 'architecture options';
  const normalisations = [one, other].map((form) => normalisationOf(form, base.dataset));
  return isDeepStrictEqual(normalisations[0], normalisations[1]) ? undefined : 'normalisation';
}
