/** Clean predictions of one network whose weights may change. */
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Backend, CompiledStep, HostArray, Step } from '../backends/backend.ts';
import { batchOf, cut, inOrder } from '../data/batches.ts';
import type { ImageSet } from '../data/splits.ts';
import { EngineError } from '../errors.ts';
import { classify } from '../models/differentiate.ts';
import type { Network } from '../models/network.ts';
import { untilAborted, type Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';

/** Images of one forward pass. */
export const predictionBatch = 128;

/** What to do about a network whose outputs are no finite numbers. */
export const weightsHint =
  'The weights themselves give infinite or undefined outputs: take the weights of an earlier epoch, or train again with a lower learning rate.';

function predictionStep(network: Network): Step {
  return (inputs) => {
    const hidden = inputs.images as Tensor;
    const { losses, correct, output } = classify(network, {
      hidden,
      labels: inputs.labels as Tensor1D,
      weights: inputs,
      mode: 'evaluation',
    });
    return { losses, correct, logits: output };
  };
}

/** The cross-entropy is finite exactly where the logits are and their spread is. */
function checkLosses(losses: Float32Array, { description }: ImageSet, batch: number): void {
  const row = losses.findIndex((loss) => !Number.isFinite(loss));
  if (row < 0) return;
  const image = batch * predictionBatch + row;
  throw new EngineError(
    `The network's outputs for image ${image} of ${description} (batch ${batch + 1}) are no finite numbers: its loss is ${losses[row]}.`,
    weightsHint,
  );
}

/** One entry an image: 1 where the label wins, and the cross-entropy. */
export interface Predictions {
  correct: Uint8Array;
  losses: Float32Array;
}

/** Predictions with their logits [images, classes]. */
export interface View extends Predictions {
  logits: HostArray;
}

export class Predictor {
  private readonly step: CompiledStep;

  constructor(backend: Backend, network: Network, weights: Weights) {
    this.step = backend.compile(`prediction of ${network.architecture}`, predictionStep(network), {
      parallelism: 'images',
      constants: { ...weights },
    });
  }

  setWeights(weights: Weights): Promise<void> {
    return this.step.setConstants({ ...weights });
  }

  /** Images [count, height, width, channels] in [0, 1], labels int32 [count]. */
  async predict(images: HostArray, labels: HostArray): Promise<View> {
    const { correct, losses, logits } = await this.step.run({ images, labels });
    return {
      correct: Uint8Array.from(correct?.data as Int32Array),
      losses: losses?.data as Float32Array,
      logits: logits as HostArray,
    };
  }

  /** Predictions of a whole set; the watch advances by images. Throws EngineError where the network's outputs are no finite numbers. */
  async predictAll(set: ImageSet, watch: Watch): Promise<Predictions> {
    const all: Predictions = { correct: new Uint8Array(set.count), losses: new Float32Array(set.count) };
    for (const [batch, members] of cut(inOrder(set.count), predictionBatch).entries()) {
      const { images, labels } = batchOf(set, members);
      const { correct, losses } = await untilAborted(watch.signal, this.predict(images, labels));
      checkLosses(losses, set, batch);
      all.correct.set(correct, members[0] as number);
      all.losses.set(losses, members[0] as number);
      watch.advance(members.length);
    }
    return all;
  }

  dispose(): Promise<void> {
    return this.step.dispose();
  }
}
