/** How fast a device is, roughly: enough to choose between devices and to plan an afternoon. */
import { Ascent } from '../attacks/ascent.ts';
import type { Backend } from '../backends/backend.ts';
import type { Batch } from '../data/batches.ts';
import type { ImageShape } from '../data/dataset.ts';
import { buildNetwork } from '../models/architectures.ts';
import { sizeOf } from '../ops/arrays.ts';
import { RandomStream } from '../random.ts';
import { initialWeights } from '../weights/initial.ts';

const shape: ImageShape = [32, 32, 3];
/** A batch that a slow CPU does in a second, and one that fills a GPU. */
const small = 16;
const large = 128;
/** A device that does the small batch in less time has room for the large one. */
const quickMilliseconds = 25;
const enoughMilliseconds = 300;

function batchOf(count: number): Batch {
  const pixels = new Float32Array(count * sizeOf(shape));
  return {
    images: { shape: [count, ...shape], dtype: 'float32', data: new RandomStream(0, 'speed').fillUniform(pixels, 0, 1) },
    labels: { shape: [count], dtype: 'int32', data: new Int32Array(count) },
    count,
  };
}

/** Milliseconds of the quickest step, of at least three and 0.3 s, after one that does not count: other work only slows down. */
async function stepMilliseconds(pgd: Ascent, batch: Batch): Promise<number> {
  let { adversarial } = await pgd.advance(batch, batch.images);
  const times: number[] = [];
  for (let sum = 0; times.length < 3 || sum < enoughMilliseconds; ) {
    const began = performance.now();
    adversarial = (await pgd.advance(batch, adversarial)).adversarial;
    times.push(performance.now() - began);
    sum += times.at(-1) as number;
  }
  return Math.min(...times);
}

/** Images a second of a PGD step of ResNet18 on images of 32 x 32; other work on the machine makes it less. Takes about a second. */
export async function measureSpeed(backend: Backend): Promise<number> {
  const network = buildNetwork('RESNET18', {}, { shape, classes: 10, normalisation: undefined });
  const attack = { epsilon: 8 / 255, stepSize: 2 / 255, steps: 1, randomStart: false, restarts: 1 };
  const pgd = new Ascent(backend, network, attack, initialWeights(network, 0));
  try {
    const milliseconds = await stepMilliseconds(pgd, batchOf(small));
    if (milliseconds > quickMilliseconds) return (1000 * small) / milliseconds;
    return (1000 * large) / (await stepMilliseconds(pgd, batchOf(large)));
  } finally {
    await pgd.dispose();
  }
}
