/**
 * Which images survive an attack. Images leave the batch as soon as their answer is known and others take their place, so
 * that batches stay full; every image takes its own steps from its own random start, so the batches do not matter.
 */
import type { HostArray } from '../backends/backend.ts';
import type { PgdConfig, RobustnessRule } from '../config.ts';
import { batchOf } from '../data/batches.ts';
import type { ImageSet } from '../data/splits.ts';
import { type Predictor, predictionBatch } from '../evaluation/predictor.ts';
import { RandomStream } from '../random.ts';
import { untilAborted, type Watch } from '../watch.ts';
import { type Pgd, startingPoints } from './pgd.ts';

/** An image under attack. */
interface Attempt {
  member: number;
  restart: number;
  step: number;
  image: Float32Array;
  adversarial: Float32Array;
}

export interface RobustnessRequest {
  pgd: Pgd;
  predictor: Predictor;
  set: ImageSet;
  /** 1 where the unattacked image is classified correctly. */
  clean: Uint8Array;
  rule: RobustnessRule;
  seed: number;
  /** Advances by attackPasses for every image, step by step or at once when its answer is known early. */
  watch: Watch;
}

/** Batch sizes that occur, so that few shapes are compiled: the largest, and halves of it for what is left at the end. */
function batchSize(active: number): number {
  let size = predictionBatch;
  while (size > 8 && size / 2 >= active) size /= 2;
  return size;
}

function gather(attempts: Attempt[], size: number, of: (attempt: Attempt) => Float32Array, shape: readonly number[]): HostArray {
  const length = shape.reduce((product, side) => product * side, 1);
  const data = new Float32Array(size * length);
  for (let row = 0; row < size; row++) data.set(of(attempts[Math.min(row, attempts.length - 1)] as Attempt), row * length);
  return { shape: [size, ...shape], dtype: 'float32', data };
}

/** The attempts as a batch of one of the sizes; the last attempt fills rows that are left over. */
function batchOfAttempts(attempts: Attempt[], set: ImageSet) {
  const count = batchSize(attempts.length);
  const labels = Int32Array.from(
    { length: count },
    (_, row) => set.labels[(attempts[Math.min(row, attempts.length - 1)] as Attempt).member] as number,
  );
  return {
    count,
    images: gather(attempts, count, ({ image }) => image, set.shape),
    labels: { shape: [count], dtype: 'int32' as const, data: labels },
  };
}

/** Passes through the network that one image can take: all steps of all restarts, and a look at the last point of each. */
export function attackPasses({ steps, restarts, randomStart }: PgdConfig): number {
  return (steps + 1) * (randomStart ? restarts : 1);
}

class Trial {
  private readonly request: RobustnessRequest;
  private readonly robust: Uint8Array;
  private readonly waiting: { member: number; restart: number }[];
  private active: Attempt[] = [];
  private finished: Attempt[] = [];

  constructor(request: RobustnessRequest) {
    this.request = request;
    const { clean, rule, set, watch } = request;
    this.robust = rule === 'ANY_STEP' ? clean.slice() : new Uint8Array(set.count).fill(1);
    this.waiting = [];
    for (let member = set.count - 1; member >= 0; member--) if (this.robust[member] === 1) this.waiting.push({ member, restart: 0 });
    watch.advance((set.count - this.waiting.length) * this.passes);
  }

  private get passes(): number {
    return attackPasses(this.request.pgd.config);
  }

  private passesTaken({ restart, step }: Attempt): number {
    return restart * (this.request.pgd.config.steps + 1) + step;
  }

  private begin({ member, restart }: { member: number; restart: number }): Attempt {
    const { set, pgd, seed } = this.request;
    const batch = batchOf(set, [member]);
    const stream = () => new RandomStream(seed, 'PGD start', set.positions[member] as number, restart);
    const start = startingPoints(batch, pgd.config, stream);
    return { member, restart, step: 0, image: batch.images.data as Float32Array, adversarial: start.data as Float32Array };
  }

  private settle(attempt: Attempt, robust: boolean): void {
    this.robust[attempt.member] = robust ? 1 : 0;
    this.request.watch.advance(this.passes - this.passesTaken(attempt));
  }

  /** One step of every active attempt. */
  private async step(): Promise<void> {
    const { pgd, set, rule, watch } = this.request;
    const batch = batchOfAttempts(this.active, set);
    const points = gather(this.active, batch.count, ({ adversarial }) => adversarial, set.shape);
    const { adversarial, correct } = await untilAborted(watch.signal, pgd.advance(batch, points));
    watch.advance(this.active.length);
    const size = adversarial.data.length / batch.count;
    const still: Attempt[] = [];
    for (const [row, attempt] of this.active.entries()) {
      attempt.adversarial = (adversarial.data as Float32Array).subarray(row * size, (row + 1) * size);
      attempt.step += 1;
      if (rule === 'ANY_STEP' && correct[row] === 0) this.settle(attempt, false);
      else if (attempt.step === pgd.config.steps) this.finished.push(attempt);
      else still.push(attempt);
    }
    this.active = still;
  }

  /** Classifies the last points of finished attempts; survivors of the last restart are robust. */
  private async verify(): Promise<void> {
    const { predictor, set, watch } = this.request;
    const attempts = this.finished.splice(0, predictionBatch);
    const { count, labels } = batchOfAttempts(attempts, set);
    const points = gather(attempts, count, ({ adversarial }) => adversarial, set.shape);
    const { correct } = await untilAborted(watch.signal, predictor.predict(points, labels));
    for (const [row, attempt] of attempts.entries()) {
      const survived = correct[row] === 1;
      const isLast = this.passesTaken(attempt) + 1 === this.passes;
      if (isLast || !survived) {
        this.settle(attempt, survived);
        continue;
      }
      watch.advance(1);
      this.waiting.push({ member: attempt.member, restart: attempt.restart + 1 });
    }
  }

  async run(): Promise<Uint8Array> {
    const { steps } = this.request.pgd.config;
    while (this.waiting.length + this.active.length + this.finished.length > 0) {
      while (this.active.length < predictionBatch && this.waiting.length > 0) {
        const attempt = this.begin(this.waiting.pop() as { member: number; restart: number });
        (steps === 0 ? this.finished : this.active).push(attempt);
      }
      if (this.active.length > 0) await this.step();
      if (this.finished.length >= predictionBatch || (this.active.length === 0 && this.waiting.length === 0 && this.finished.length > 0))
        await this.verify();
    }
    return this.robust;
  }
}

/**
 * 1 for every image that survives all restarts of the attack.
 * ANY_STEP: an image that is misclassified clean, at a random start or after any step is not robust. LAST_STEP: only the
 * point after the last step counts, whatever the clean prediction.
 */
export function robustImages(request: RobustnessRequest): Promise<Uint8Array> {
  return new Trial(request).run();
}
