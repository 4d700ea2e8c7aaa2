/** MRC scores against PyTorch's, module by module. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend } from '../../engine/backends/backend.ts';
import { chooseBackend } from '../../engine/backends/choose.ts';
import { modulesOf } from '../../engine/models/modules.ts';
import type { MrcScore } from '../../engine/recorder.ts';
import { scoreModules } from '../../engine/rift/criticality.ts';
import { ascentBatches } from '../../engine/rift/examples.ts';
import { unwatched } from '../../engine/watch.ts';
import { describeBackends } from '../helpers/backends.ts';
import { describeGoldens } from './describe.ts';
import { type GoldenName, Goldens, type MrcRow } from './goldens.ts';

/**
 * Rows whose ascent forks, with the distance of the branches: PyTorch's own float32 takes either one when the weight is
 * perturbed by 2e-7 of itself (1.6272 or 1.6996).
 */
const forks: Record<string, number> = { 'wrn10-1 block1.layer.0.conv1 32': 0.075 };

/** How far a score may lie from PyTorch's in float64. */
function tolerance(name: GoldenName, { module, batch, mrc, float32_mrc }: MrcRow): number {
  return Math.max(5e-3 * mrc, 10 * Math.abs(float32_mrc - mrc), forks[`${name} ${module} ${batch}`] ?? 0);
}

/** A backend, a network, and the images of a batch. */
export type CriticalityCase = [Backend['name'], GoldenName, '16' | '32'];

/** The tests of these rows. */
export function describeCriticality(cases: CriticalityCase[]): void {
  describeGoldens('criticality as PyTorch measures it', () => {
    describeBackends(cases, '%s backend: %s in batches of %s', (backendName, name, size) => {
      const batchSize = Number(size);
      let backend: Backend;
      const scores = new Map<string, MrcScore>();
      let goldens: Goldens;
      let rows: MrcRow[];

      beforeAll(async () => {
        backend = await chooseBackend({ name: backendName });
        goldens = new Goldens(name);
        rows = goldens.scalars.mrc.filter(({ batch }) => batch === batchSize);
        const { network, weights, adversarial32 } = goldens;
        const examples = ascentBatches(adversarial32.images, adversarial32.labels, batchSize);
        const config = { epsilon: 0.1, norm: 'L2' as const, iterations: 10, learningRate: 1 };
        await scoreModules({ backend, network, weights, examples, config, watch: unwatched }, modulesOf(network), async (score) => {
          scores.set(score.module, score);
        });
      });

      afterAll(() => backend.dispose());

      it('scores every module', () => {
        expect([...scores.keys()]).toEqual(rows.map(({ module }) => module));
        for (const row of rows) {
          const { module, mrc } = row;
          const score = scores.get(module) as MrcScore;
          expect(score.robustLoss).toBeCloseTo(goldens.scalar('mrc.origin_loss'), 3);
          expect(score.losses).toHaveLength(10);
          expect(Math.abs(score.score - mrc), `${module}: ${score.score}, expected ${mrc}`).toBeLessThanOrEqual(tolerance(name, row));
        }
      });

      it('ranks modules that are far enough apart', () => {
        for (const lower of rows)
          for (const higher of rows.filter(({ mrc }) => mrc > lower.mrc))
            if (higher.mrc - lower.mrc > tolerance(name, higher) + tolerance(name, lower))
              expect(scores.get(higher.module)?.score).toBeGreaterThan(scores.get(lower.module)?.score as number);
      });
    });
  });
}
