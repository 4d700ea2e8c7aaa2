/** Activations in front of a block, computed once for many passes through what lies behind it. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Backend, HostArray } from '../backends/backend.ts';
import type { Batch } from '../data/batches.ts';
import { forward, type Network } from '../models/network.ts';
import { untilAborted, type Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';

/** Most bytes of activations that are kept. */
export const mostPrefixBytes = 512 * 2 ** 20;

/** Batches whose `images` are what block `block` takes (0: images). */
export interface Prefix {
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
 * Activations in front of blocks, each made from those in front of the block before it, so that they are the same bit for bit
 * in whatever order they are asked for. The latest are kept, as many as fit into `keptBytes`, and always the last one.
 */
export class Prefixes {
  private readonly blocks: number[];
  private kept: Prefix[] = [];

  constructor(
    private readonly origin: Origin,
    private readonly keptBytes: number,
  ) {
    this.blocks = [...new Set(origin.blocks)].toSorted((first, second) => first - second);
  }

  async before(block: number): Promise<Prefix> {
    const { backend, network, weights, images, watch } = this.origin;
    const near = this.kept.filter((prefix) => prefix.block <= block).toSorted((first, second) => second.block - first.block)[0];
    let prefix: Prefix = near ?? { block: 0, batches: images };
    for (const next of this.blocks.filter((one) => one > prefix.block && one <= block))
      prefix = await advancePrefix(backend, network, weights, prefix, next, watch);
    this.keep(prefix);
    return prefix;
  }

  private keep(prefix: Prefix): void {
    let bytes = 0;
    const latest = [prefix, ...this.kept.filter(({ block }) => block !== prefix.block)];
    this.kept = latest.filter(({ batches }, index) => {
      bytes += index === 0 || !batches[0] ? 0 : bytesOf(batches, batches[0]);
      return bytes <= this.keptBytes;
    });
  }
}

/** The same images in front of a later block, in evaluation mode; the prefix as it is when that would take too much memory. */
export async function advancePrefix(
  backend: Backend,
  network: Network,
  weights: Weights,
  prefix: Prefix,
  block: number,
  watch: Watch,
  mostBytes = mostPrefixBytes,
): Promise<Prefix> {
  const [first] = prefix.batches;
  if (block === prefix.block || !first) return prefix;
  const step = backend.compile(
    `activations before block ${block} of ${network.architecture}`,
    (inputs) => ({ hidden: forward(network, inputs, inputs.images as Tensor, 'evaluation', { from: prefix.block, to: block }) }),
    { parallelism: 'calls', constants: { ...weights }, rows: { inputs: ['images'], outputs: () => 'rows', exact: true } },
  );
  const advance = async (batch: Batch) => ({ ...batch, images: (await step.run({ images: batch.images })).hidden as HostArray });
  try {
    if (bytesOf(prefix.batches, await untilAborted(watch.signal, advance(first))) > mostBytes) return prefix;
    const batches: Batch[] = [];
    for (let begin = 0; begin < prefix.batches.length; begin += backend.threads) {
      const some = prefix.batches.slice(begin, begin + backend.threads);
      batches.push(...(await untilAborted(watch.signal, Promise.all(some.map(advance)))));
    }
    return { block, batches };
  } finally {
    await step.dispose();
  }
}
