/** The loss on the adversarial examples: of the network as it is, and as a function of one module's weight. */
import type { Backend, HostArray } from '../backends/backend.ts';
import type { Batch } from '../data/batches.ts';
import { EngineError } from '../errors.ts';
import { weightsHint } from '../evaluation/predictor.ts';
import { modulesOf } from '../models/modules.ts';
import type { Network } from '../models/network.ts';
import { FrozenGradients } from '../training/frozen-gradients.ts';
import type { BatchGradients } from '../training/gradients.ts';
import { untilAborted, type Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';

interface Work {
  backend: Backend;
  network: Network;
  weights: Weights;
  watch: Watch;
}

/** Of the unchanged network. */
export interface RobustOrigin {
  /** Mean loss. */
  loss: number;
  /** A fraction. */
  accuracy: number;
}

/** Loss and accuracy on the examples. Throws EngineError, with image and batch, where a loss is no finite number. */
export async function robustOriginOf({ backend, network, weights, watch }: Work, batches: readonly Batch[]): Promise<RobustOrigin> {
  const source = new FrozenGradients(backend, network, weights, { names: [`${modulesOf(network)[0]?.name}.weight`], from: 0 });
  try {
    const predictions = await untilAborted(watch.signal, source.predictions(batches, weights));
    let [sum, right, images] = [0, 0, 0];
    for (const [batch, { losses, correct }] of predictions.entries())
      for (const [row, loss] of losses.entries()) {
        if (!Number.isFinite(loss))
          throw new EngineError(
            `The loss is ${loss} at adversarial example ${images} (image ${row} of batch ${batch + 1}), before any ascent.`,
            weightsHint,
          );
        sum += loss;
        right += correct[row] as number;
        images += 1;
      }
    return { loss: sum / images, accuracy: right / images };
  } finally {
    await source.dispose();
  }
}

const totalOf = (losses: Float32Array) => losses.reduce((sum, loss) => sum + loss, 0);

/** What the first batch gave, and at which weight. */
export interface Begun {
  weight: HostArray;
  result: Promise<BatchGradients>;
}

/** The loss as a function of one module's weight, on batches of slices that begin in front of the module's block. */
export class ModuleLoss {
  readonly tensor: string;
  private readonly source: FrozenGradients;

  /** begun: what an earlier one had when it was left, to go on from. */
  constructor(
    private readonly work: Work,
    readonly module: string,
    block: number,
    private readonly steps: readonly (readonly Batch[])[],
    public begun?: Begun,
  ) {
    this.tensor = `${module}.weight`;
    this.source = new FrozenGradients(work.backend, work.network, work.weights, { names: [this.tensor], from: block });
  }

  get batches(): number {
    return this.steps.length;
  }

  /** Gradient of a batch's mean loss. The watch advances by its images. */
  async gradient(batch: number, weight: HostArray): Promise<HostArray> {
    const { gradients, losses } = await (batch === 0 && this.begun?.weight === weight ? this.begun.result : this.pass(batch, weight));
    this.work.watch.advance(losses.length);
    return gradients[this.tensor] as HostArray;
  }

  /**
   * Mean loss over all images.
   * @param goesOn whether the first batch's gradient at this weight is wanted next: its pass is then made once for both
   */
  async mean(weight: HostArray, goesOn: boolean): Promise<number> {
    const [first, ...rest] = this.steps as [readonly Batch[], ...(readonly Batch[])[]];
    let sum = 0;
    for (const slices of rest) sum += await this.sumOf(slices, weight);
    if (goesOn) this.begun = { weight, result: this.pass(0, weight) };
    sum += goesOn ? totalOf((await (this.begun as Begun).result).losses) : await this.sumOf(first, weight);
    return sum / this.steps.flat().reduce((images, { count }) => images + count, 0);
  }

  dispose(): Promise<void> {
    return this.source.dispose();
  }

  private at(weight: HostArray): Weights {
    return { ...this.work.weights, [this.tensor]: weight };
  }

  private sumOf(slices: readonly Batch[], weight: HostArray): Promise<number> {
    return untilAborted(this.work.watch.signal, this.source.loss(slices, this.at(weight)));
  }

  private pass(batch: number, weight: HostArray): Promise<BatchGradients> {
    return untilAborted(this.work.watch.signal, this.source.gradientsOfSlices(this.steps[batch] as readonly Batch[], this.at(weight)));
  }
}
