/** What an attack is: it looks for a point near an image that the network gets wrong, one pass through the network after another. */
import type { RobustnessRule } from '../config.ts';
import type { RandomStream } from '../random.ts';
import type { AttackDescription } from './description.ts';
import type { AttackTools } from './tools.ts';

/** An image to attack. */
export interface Target {
  /** height x width x channels, in [0, 1]. */
  image: Float32Array;
  label: number;
  /** The image's own random streams, one a purpose, so that neither its batch nor its neighbours matter. */
  streamOf(purpose: string, ...indices: number[]): RandomStream;
}

/** What a pass, or several in one call, found out about an image. */
export interface Finding {
  /** OPEN: the attack goes on. The other two are final. */
  answer: 'OPEN' | 'FOOLED' | 'SURVIVED';
  /** Loss of the last point that was looked at, or of an earlier one that is no finite number: the search ends there. */
  loss: number;
  /** Passes that were taken; 1 when absent. */
  passes?: number;
  /** The gradient of the attack's own loss was exactly zero at a point that is classified correctly. */
  vanished?: boolean;
  /** A step of the attack left every pixel of such a point where it was: there is no gradient at all. */
  stuck?: boolean;
  /** After all steps the loss was lower than before the first. */
  lowered?: boolean;
  /** Of an attack that is several in turn: which one took the pass. */
  part?: string;
}

/**
 * An attack on images that do not depend on each other. State is what an image carries from pass to pass: its points, step sizes,
 * target classes, queries left. Stages, restarts and targets are the attack's own affair; which images share a call is not.
 */
export interface Attack<State = unknown> {
  /** Names of the attacks that it takes in turn, where it is several. */
  readonly parts?: readonly string[];
  /** The state of an image before its first pass. */
  begin(target: Target): State;
  /** Name of the pass that the image takes next; images that take the same pass may share a call. */
  passOf(state: State): string;
  /** Takes this pass with these images and moves their states on; one finding each. */
  advance(pass: string, states: readonly State[]): Promise<Finding[]>;
}

/** A kind of attack: what can be said of it before it is made, and its making. */
export interface AttackKind<Config> {
  /** Classes that it needs at least. */
  classes: number;
  /** Passes through the network that one image takes at most. */
  passes(config: Config): number;
  /** How many of these need no gradient. */
  looks(config: Config): number;
  /** As protocols state it: settings without effect are left out. */
  describe(config: Config): AttackDescription;
  create(tools: AttackTools, config: Config, rule: RobustnessRule): Attack;
}
