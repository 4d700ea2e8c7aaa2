/** From the flags of a measurement to its result: what was measured how, and whether it can be trusted. */
import type { Survivors } from '../attacks/survivors.ts';
import type { ImageSet } from '../data/splits.ts';
import type { EvaluationResult, Recorder, Verdict } from '../recorder.ts';
import type { Watch } from '../watch.ts';
import { count } from './flags.ts';
import { isMain, type Planned } from './measurement.ts';
import type { Meter } from './meter.ts';
import { probe } from './probes.ts';
import { protocolOf } from './protocol.ts';
import { transferFinding } from './transfer.ts';
import { verdictOf, warningsOf } from './trust.ts';

/** A measurement that was taken on all images of a set. */
export interface Measured {
  planned: Planned;
  set: ImageSet;
  /** 1 where the network is right without an attack. */
  clean: Uint8Array;
  /** Of a measurement under attack. */
  survivors?: Survivors | undefined;
}

export interface Judge {
  meter: Meter;
  recorder: Recorder;
  seed: number;
  /** Advances by the measurement's probePasses. */
  watch: Watch;
  /** Whether the first images of the set are classified correctly where points made for the base network stand for them. */
  transferred?: Uint8Array | undefined;
}

/** The result, with the verdict of the attack's own checks and of the probes. Warnings of the attack become lines of the log. */
export async function conclude({ planned, set, clean, survivors }: Measured, judge: Judge): Promise<EvaluationResult> {
  const { suite, corruption, severity } = planned.measurement;
  const outcomes = survivors?.robust ?? clean;
  const { text, fingerprint } = protocolOf(planned.measurement, set);
  return {
    ...{ suite, dataset: set.dataset, split: set.split, images: set.count, correct: count(outcomes), outcomes },
    ...{ protocol: text, fingerprint, corruption, severity },
    ...(survivors && (await attackResult({ planned, set, clean, survivors }, judge))),
  };
}

type Attacked = Measured & { survivors: Survivors };

async function attackResult(
  { planned, set, clean, survivors }: Attacked,
  { meter, recorder, seed, watch, transferred }: Judge,
): Promise<Verdict & Pick<EvaluationResult, 'attack'>> {
  const { measurement, attack, label } = planned;
  const { robust } = survivors;
  const doubts = await probe(planned, { set, clean, robust }, (...tried) => meter.robust(...tried), watch);
  const transfer = transferred && isMain(planned) ? transferFinding(transferred, robust) : undefined;
  if (transfer) doubts.push(transfer);
  const warnings = warningsOf(survivors, set.classes);
  for (const warning of warnings) await recorder.line(`${attack?.name}: ${warning}`, 'warning');
  const several = Object.keys(survivors.parts).length > 0;
  return {
    attack: {
      ...{ name: '', ...measurement.attack, rule: measurement.rule, seed },
      ...(label !== undefined && { label }),
      ...(several && { stages: robustAfter(clean, survivors), warnings }),
    },
    ...verdictOf(clean, survivors, attack?.config.epsilon ?? 0, doubts),
  };
}

/** Of an attack that is several in turn: how many images are left after each. */
function robustAfter(clean: Uint8Array, { parts }: Survivors): Record<string, number> {
  const fooled = Object.values(parts).map((part) => part.fooled);
  const left = (index: number) => fooled.slice(0, index + 1).reduce((sum, images) => sum - images, count(clean));
  return Object.fromEntries(Object.keys(parts).map((name, index) => [name, left(index)]));
}
