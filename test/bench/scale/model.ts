/**
 * What to expect at sizes that cannot be tried here: arithmetic over what was measured, and a simulation of devices that take
 * stages from one queue.
 */

/** Seconds of one image on one two-core worker. */
export interface ImageCosts {
  /** One step of PGD. */
  attack: number;
  /** One step of the optimiser on every parameter. */
  training: number;
  /** One step of the ascent, or of fine-tuning, on one module, the mean over modules. */
  module: number;
}

export interface RunShape {
  trainImages: number;
  trainEpochs: number;
  fineTuneEpochs: number;
  /** Images that module, epoch and α are chosen on. */
  selectionImages: number;
  testImages: number;
  modules: number;
  iterations: number;
  alphas: number;
  attackSteps: number;
}

export type StageSeconds = Record<'TRAINING' | 'CRITICALITY' | 'FINE_TUNE' | 'INTERPOLATION' | 'EVALUATION', number>;

/** A clean pass is taken to cost half an attack step, which goes forward and back to the images. An image is attacked to the end. */
export function stageSeconds(shape: RunShape, { attack, training, module }: ImageCosts): StageSeconds {
  const clean = attack / 2;
  const measured = shape.attackSteps * attack + 2 * clean;
  return {
    TRAINING: shape.trainEpochs * (shape.trainImages * (shape.attackSteps * attack + training) + shape.selectionImages * measured),
    CRITICALITY: shape.selectionImages * (shape.attackSteps * attack + shape.modules * shape.iterations * module),
    FINE_TUNE: shape.fineTuneEpochs * (shape.trainImages * module + shape.selectionImages * clean),
    INTERPOLATION: shape.alphas * shape.selectionImages * measured,
    EVALUATION: 2 * shape.testImages * measured,
  };
}

export interface Fleet {
  workers: number;
  /** Seconds between a stage's end and the next one's first step: the queue's poll, the process, the weights. */
  startSeconds: number;
  /** Bytes that a stage reads from storage that all share, and what that storage gives a second to all together. */
  stageBytes: number;
  storageBytesPerSecond: number;
}

/** A stage of a simulated run. shared: idle workers take slices of it. */
export interface SimulatedStage {
  seconds: number;
  shared?: boolean;
}

/**
 * Seconds until all runs are done. Stages of a run follow each other; a free worker takes the next stage of the earliest run that
 * has one, as the queue does, and shares it with the workers that are idle then; reads of the shared storage wait for each other.
 */
export function simulate(runs: readonly (readonly SimulatedStage[])[], fleet: Fleet): number {
  const free = Array.from({ length: fleet.workers }, () => 0);
  const next = runs.map(() => ({ stage: 0, from: 0 }));
  let storage = 0;
  let end = 0;
  for (let left = runs.flat().length; left > 0; left--) {
    const worker = free.indexOf(Math.min(...free));
    const at = free[worker] as number;
    const open = next
      .map(({ stage, from }, run) => ({ run, stage, from }))
      .filter(({ run, stage }) => stage < (runs[run] as readonly SimulatedStage[]).length);
    const soonest = Math.min(...open.map(({ from }) => from));
    const taken = open.find(({ from }) => from <= Math.max(at, soonest)) as (typeof open)[number];
    const begun = Math.max(at, taken.from) + fleet.startSeconds;
    const { seconds, shared } = (runs[taken.run] as readonly SimulatedStage[])[taken.stage] as SimulatedStage;
    const waiting = open.filter(({ from }) => from <= begun).length - 1;
    const idle = free.flatMap((from, other) => (other !== worker && from <= begun ? [other] : [])).slice(waiting);
    const takers = shared ? [worker, ...idle] : [worker];
    let done = begun;
    for (const taker of takers) {
      storage = Math.max(storage, begun) + fleet.stageBytes / fleet.storageBytesPerSecond;
      free[taker] = storage + seconds / takers.length;
      done = Math.max(done, free[taker]);
    }
    next[taken.run] = { stage: taken.stage + 1, from: done };
    end = Math.max(end, done);
  }
  return end;
}

/** Something that does not grow without end. */
export interface Limit {
  name: string;
  /** In one unit: the most that works, and what a hundred times today's size asks for. */
  most: number;
  wanted: number;
  unit: string;
  /** What happens there. */
  effect: string;
  /** measured: it was driven there on this machine. modelled: it follows from the code and from measured sizes. */
  source: 'measured' | 'modelled';
}

/** The tightest first: what fits least of what is asked for. */
export const tightestFirst = (limits: readonly Limit[]) =>
  limits.toSorted((one, other) => one.most / one.wanted - other.most / other.wanted);
