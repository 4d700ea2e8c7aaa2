/** What a block takes in: activations, computed once for many passes through what lies behind it. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Backend, HostArray } from '../backends/backend.ts';
import type { Batch } from '../data/batches.ts';
import { forward, type Network } from '../models/network.ts';
import { untilAborted, type Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';

/** Most bytes of activations that are kept. */
export const mostInputBytes = 512 * 2 ** 20;

/** Batches whose `images` are what the block takes (block 0: images). */
export interface BlockInputs {
  block: number;
  batches: readonly Batch[];
}

const bytesOf = (batches: readonly Batch[], { images, count }: Batch) =>
  (images.data.byteLength / count) * batches.reduce((sum, batch) => sum + batch.count, 0);

interface Origin {
  backend: Backend;
  network: Network;
  weights: Weights;
  /** The images themselves, in slices. */
  images: readonly Batch[];
  /** Blocks that are asked for, in any order. */
  blocks: readonly number[];
  watch: Watch;
}

/**
 * The inputs of blocks, each made from those of the block before it, so that they are the same bit for bit in whatever order they
 * are asked for. The latest are kept, as many as fit into `keptBytes`, and always the last one.
 */
export class KeptInputs {
  private readonly blocks: number[];
  private kept: BlockInputs[] = [];

  constructor(
    private readonly origin: Origin,
    private readonly keptBytes: number,
  ) {
    this.blocks = [...new Set(origin.blocks)].toSorted((first, second) => first - second);
  }

  async of(block: number): Promise<BlockInputs> {
    const { backend, network, weights, images, watch } = this.origin;
    const near = this.kept.filter((inputs) => inputs.block <= block).toSorted((first, second) => second.block - first.block)[0];
    let inputs: BlockInputs = near ?? { block: 0, batches: images };
    for (const next of this.blocks.filter((one) => one > inputs.block && one <= block))
      inputs = await advanceInputs(backend, network, weights, inputs, next, watch);
    this.keep(inputs);
    return inputs;
  }

  private keep(inputs: BlockInputs): void {
    let bytes = 0;
    const latest = [inputs, ...this.kept.filter(({ block }) => block !== inputs.block)];
    this.kept = latest.filter(({ batches }, index) => {
      bytes += index === 0 || !batches[0] ? 0 : bytesOf(batches, batches[0]);
      return bytes <= this.keptBytes;
    });
  }
}

/** What a later block takes in of the same images, in evaluation mode; the inputs as they are when that would take too much memory. */
export async function advanceInputs(
  backend: Backend,
  network: Network,
  weights: Weights,
  inputs: BlockInputs,
  block: number,
  watch: Watch,
  mostBytes = mostInputBytes,
): Promise<BlockInputs> {
  const [first] = inputs.batches;
  if (block === inputs.block || !first) return inputs;
  const step = backend.compile(
    `activations before block ${block} of ${network.architecture}`,
    (taken) => ({ hidden: forward(network, taken, taken.images as Tensor, 'evaluation', { from: inputs.block, to: block }) }),
    { parallelism: 'calls', constants: { ...weights }, rows: { inputs: ['images'], outputs: () => 'rows', exact: true } },
  );
  const advance = async (batch: Batch) => ({ ...batch, images: (await step.run({ images: batch.images })).hidden as HostArray });
  try {
    if (bytesOf(inputs.batches, await untilAborted(watch.signal, advance(first))) > mostBytes) return inputs;
    const batches: Batch[] = [];
    for (let begin = 0; begin < inputs.batches.length; begin += backend.threads) {
      const some = inputs.batches.slice(begin, begin + backend.threads);
      batches.push(...(await untilAborted(watch.signal, Promise.all(some.map(advance)))));
    }
    return { block, batches };
  } finally {
    await step.dispose();
  }
}
