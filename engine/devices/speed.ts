/** How fast a device is, roughly: enough to choose between devices and to plan an afternoon. */
import { Pgd } from '../attacks/pgd.ts';
import type { Backend } from '../backends/backend.ts';
import type { Batch } from '../data/batches.ts';
import type { ImageShape } from '../data/dataset.ts';
import { buildNetwork } from '../models/architectures.ts';
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
  const pixels = new Float32Array(count * shape.reduce((product, length) => product * length, 1));
  return {
    images: { shape: [count, ...shape], dtype: 'float32', data: new RandomStream(0, 'speed').fillUniform(pixels, 0, 1) },
    labels: { shape: [count], dtype: 'int32', data: new Int32Array(count) },
    count,
  };
}

/** Milliseconds of a step, the mean over at least two and 0.3 s, after one that does not count. */
async function stepMilliseconds(pgd: Pgd, batch: Batch): Promise<number> {
  let { adversarial } = await pgd.advance(batch, batch.images);
  const began = performance.now();
  for (let steps = 1; ; steps += 1) {
    adversarial = (await pgd.advance(batch, adversarial)).adversarial;
    const milliseconds = performance.now() - began;
    if (steps > 1 && milliseconds > enoughMilliseconds) return milliseconds / steps;
  }
}

/** Images a second of a PGD step of ResNet18 on images of 32 x 32; other work on the machine makes it less. Takes about a second. */
export async function measureSpeed(backend: Backend): Promise<number> {
  const network = buildNetwork('RESNET18', { shape, classes: 10, normalisation: undefined });
  const attack = { epsilon: 8 / 255, stepSize: 2 / 255, steps: 1, randomStart: false, restarts: 1 };
  const pgd = new Pgd(backend, network, attack, initialWeights(network, 0));
  try {
    const milliseconds = await stepMilliseconds(pgd, batchOf(small));
    if (milliseconds > quickMilliseconds) return (1000 * small) / milliseconds;
    return (1000 * large) / (await stepMilliseconds(pgd, batchOf(large)));
  } finally {
    await pgd.dispose();
  }
}
