/** Attacks that a start mutation takes from another part of its input where they are left out. */

interface Part {
  attack?: Record<string, unknown>;
}

interface Config {
  training?: Part;
  model?: { training?: Part };
  criticality?: Part;
  fineTune?: Part;
  evaluation?: Part;
}

const isSame = (one: Part['attack'], other: Part['attack']) =>
  one !== undefined && other !== undefined && Object.keys(one).every((name) => one[name] === other[name]);

const without = (part: Part | undefined, attack: Part['attack']) => {
  if (!isSame(part?.attack, attack)) return part;
  const { attack: _, ...rest } = part as Part;
  return rest;
};

const single = (attack: Part['attack']) => attack && { ...attack, restarts: 1 };

/**
 * A recorded configuration without the attacks that come out the same when they are left out: the evaluation's is then that of the
 * training in the same run, criticality's and the fine-tuning's one run of the evaluation's. What is changed in one place of a form
 * goes with the others again.
 */
export function withoutTakenAttacks(recorded: unknown): unknown {
  const config = recorded as Config;
  const { criticality, fineTune, evaluation } = config;
  const training = config.training ?? config.model?.training;
  const measured = single(evaluation?.attack);
  return {
    ...config,
    ...(evaluation && { evaluation: without(evaluation, training?.attack) }),
    ...(criticality && { criticality: without(criticality, measured) }),
    ...(fineTune && { fineTune: without(fineTune, measured ?? single(criticality?.attack)) }),
  };
}
