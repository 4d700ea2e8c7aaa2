/** Points that fool the network that another one comes from: they may fool that one too, but no more than an attack on itself does. */
import { Ascent, startingPoints } from '../attacks/ascent.ts';
import type { Backend, HostArray } from '../backends/backend.ts';
import type { PgdConfig } from '../config.ts';
import { batchOf, inOrder } from '../data/batches.ts';
import { type ImageSet, partOf } from '../data/splits.ts';
import type { Network } from '../models/network.ts';
import { RandomStream } from '../random.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { count } from './flags.ts';
import { probedImages } from './probes.ts';

/** Ends of one run of PGD on a network of these weights, for the images that probes are tried on. The watch advances by images x steps. */
export async function transferPoints(
  { backend, network, weights, attack, seed }: { backend: Backend; network: Network; weights: Weights; attack: PgdConfig; seed: number },
  set: ImageSet,
  watch: Watch,
): Promise<HostArray> {
  const few = partOf(set, 0, probedImages(set.count));
  const batch = batchOf(few, inOrder(few.count));
  const ascent = new Ascent(backend, network, attack, weights);
  try {
    const stream = (row: number) => new RandomStream(seed, 'PGD start', few.positions[row] as number, 0);
    return await ascent.perturb(batch, startingPoints(batch.images, attack, stream), watch);
  } finally {
    await ascent.dispose();
  }
}

/** What is wrong with a number where points of another network fool images that its own attack left. */
export function transferFinding(right: Uint8Array, robust: Uint8Array): string | undefined {
  const left = robust.slice(0, right.length);
  const survivors = count(left);
  const fooled = left.filter((flag, image) => flag === 1 && right[image] === 0).length;
  if (fooled <= Math.max(1, survivors / 20)) return undefined;
  return `${fooled} of ${survivors} images that survive the attack are fooled by points that were made for the base network.`;
}
