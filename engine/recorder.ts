/**
 * The interface through which results leave the engine.
 * Every method resolves when the result is kept, so that a stage that dies afterwards need not repeat it.
 */
import type { RobustnessRule, Split, Suite, Trust, WeightNorm } from './config.ts';

/** Work done so far within the running stage; total and unit ("images", "batches") say of what. */
export interface Progress {
  done: number;
  total: number;
  unit: string;
}

/** One value of a time series; step counts optimiser steps or epochs, as the key says. */
export interface MetricPoint {
  key: string;
  step: number;
  value: number;
}

/**
 * Robust criticality of one module (paper, definition 3.1). Losses are means over the images. A score that is not complete is a
 * lower bound: the largest that an ascent has found which was not followed to its end.
 */
export interface MrcScore {
  module: string;
  complete: boolean;
  score: number;
  robustLoss: number;
  perturbedLoss: number;
  /** Radius of the weight's ball, a fraction of its norm; `norm` says which. */
  epsilon: number;
  norm: WeightNorm;
  /** The robust loss after every epoch of ascent. */
  losses: number[];
}

/** What the sanity checks of an attack said about a number; UNCHECKED where it is absent. */
export interface Verdict {
  trust: Trust;
  /** Why it is SUSPECT, one sentence each. */
  findings: string[];
}

/** Accuracies of the weights (1 - alpha) base + alpha tuned, as fractions in [0, 1]. The verdict is on the robust one. */
export interface SweepPoint extends Partial<Verdict> {
  alpha: number;
  standard: number;
  /** Null where it was not measured, because the point could not be the selected one. */
  robust: number | null;
  /** Mean over the corruptions and severities of the measure; absent where the sweep has none. */
  ood?: number;
  images: number;
  split: Split;
}

/** Accuracy of one checkpoint in one measurement: `correct` of `images`, counted as `protocol` says. */
export interface EvaluationResult extends Partial<Verdict> {
  suite: Suite;
  dataset: string;
  split: Split;
  images: number;
  correct: number;
  /** The attack's settings, its seed and its rule. */
  attack?: { name: string; rule?: RobustnessRule; seed?: number } & Record<string, unknown>;
  corruption?: string;
  severity?: number;
  protocol: string;
  /** What makes two numbers comparable, as a hash; one row for each of a checkpoint's. */
  fingerprint: string;
  /** One entry an image in the set's order, 1 where it counted as right. */
  outcomes: Uint8Array;
}

export type LogLevel = 'info' | 'warning' | 'error';

export interface Recorder {
  progress(progress: Progress): void;
  metrics(points: MetricPoint[]): Promise<void>;
  line(text: string, level?: LogLevel): Promise<void>;
  mrcScore(score: MrcScore): Promise<void>;
  sweepPoint(point: SweepPoint): Promise<void>;
  evaluation(result: EvaluationResult): Promise<void>;
  /** A param of the run that its configuration does not say: what the device left no choice about, or what the run itself decided. */
  setting(key: string, value: number): Promise<void>;
  /** State that a later execution of the same stage continues from; replaces the one before. */
  resumeState(state: Uint8Array): Promise<void>;
}
