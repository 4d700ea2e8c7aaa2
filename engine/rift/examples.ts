/** The adversarial examples that the criticality of every module is measured on: made once, on the unchanged network. */
import { Ascent, startingPoints } from '../attacks/ascent.ts';
import type { Backend, HostArray } from '../backends/backend.ts';
import type { PgdConfig } from '../config.ts';
import { type Batch, batchOf, cut, inOrder, labelsOf } from '../data/batches.ts';
import type { ImageSet } from '../data/splits.ts';
import { predictionBatch } from '../evaluation/predictor.ts';
import type { Network } from '../models/network.ts';
import { rowsOf } from '../ops/arrays.ts';
import { RandomStream } from '../random.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';

export interface ExampleWork {
  backend: Backend;
  network: Network;
  weights: Weights;
  set: ImageSet;
  /** One run of it; restarts do not count. */
  attack: PgdConfig;
  /** Images of a batch, which is one ascent step. */
  batchSize: number;
  seed: number;
  /** Advances by images x steps. */
  watch: Watch;
}

/** PGD examples of a set in a random order fixed by the seed, cut into batches. */
export async function adversarialExamples(work: ExampleWork): Promise<Batch[]> {
  const { backend, network, weights, set, attack, seed, watch } = work;
  const order = new RandomStream(seed, 'order of adversarial examples').permutation(set.count);
  const images: HostArray = {
    shape: [set.count, ...set.shape],
    dtype: 'float32',
    data: new Float32Array(set.count * set.pixels.imageBytes),
  };
  const pgd = new Ascent(backend, network, attack, weights);
  let written = 0;
  try {
    for (const members of cut(order, predictionBatch)) {
      const clean = batchOf(set, members);
      const stream = (row: number) => new RandomStream(seed, 'PGD start', set.positions[members[row] as number] as number, 0);
      const adversarial = await pgd.perturb(clean, startingPoints(clean.images, attack, stream), watch);
      images.data.set(adversarial.data, written);
      written += adversarial.data.length;
    }
  } finally {
    await pgd.dispose();
  }
  return ascentBatches(images, labelsOf(set, order), work.batchSize);
}

/** Cuts examples into the batches of the ascent steps. */
export function ascentBatches(images: HostArray, labels: HostArray, batchSize: number): Batch[] {
  return cut(inOrder(labels.data.length), batchSize).map((members) => {
    const begin = members[0] as number;
    const end = begin + members.length;
    return { images: rowsOf(images, begin, end), labels: rowsOf(labels, begin, end), count: members.length };
  });
}
