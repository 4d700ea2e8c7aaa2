/** The reference implementation of AutoAttack on public networks (../shared/goldens/attacks.json), image by image. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend } from '../../engine/backends/backend.ts';
import { oneThread } from '../engine/one-thread.ts';
import { compared, expectedFlags, type GoldenRow, goldenRows, measureRow, type Some } from './attack-rows.ts';
import { describeGoldens } from './describe.ts';

/** Milliseconds, on a busy machine. */
const long = 400_000;
const oval = 'abcrown_oval_cifar_wide.pth';

const nameOf = ({ file, norm, eps_255, eps, attack }: GoldenRow) => `${attack} of ${file}, ${norm} ${eps_255 ?? eps}`;
const flagsOf = (row: GoldenRow, stage: string) => (row.flags as Record<string, string>)[stage] as string;

/** On which images: PGD and AutoAttack; and, where they are to be tried, AutoAttack's attacks one by one, and it on the network that hides its gradient. */
export type AttackedImages = Record<'pgd' | 'autoAttack', Some> & Partial<Record<'alone' | 'trap', Some>>;

/** The tests, on these images. */
export function describeAttacks({ pgd, autoAttack, alone, trap }: AttackedImages): void {
  describeGoldens('attacks on public networks', () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await oneThread();
    });
    afterAll(() => backend.dispose());

    const rows = goldenRows();
    const plain = rows.filter(({ attack, set, file }) => /^pgd20-/.test(attack) && !set && !file.startsWith('akamaster'));
    const find = (attack: string, file: string, epsilon: number) =>
      rows.find((row) => row.attack === attack && row.file === file && row.eps_255 === epsilon) as GoldenRow;

    it.each(plain.map((row) => [nameOf(row), row] as const))('%s leaves the same images right, and is CHECKED', async (_name, row) => {
      const { robust, verdict } = await measureRow(backend, row, { ...pgd, probed: true });
      const { weaker, stronger } = compared(robust, expectedFlags(row), pgd);
      expect(weaker + stronger).toBeLessThanOrEqual(1);
      expect(verdict).toEqual({ trust: 'CHECKED', findings: [] });
    });

    it('PGD on a residual network of option A does too', async () => {
      const row = rows.find(({ attack, file }) => attack === 'pgd10-ce' && file.startsWith('akamaster')) as GoldenRow;
      const some = { first: 0, images: 30 };
      const { robust } = await measureRow(backend, row, some);
      const { weaker, stronger } = compared(robust, expectedFlags(row), some);
      expect(weaker + stronger).toBeLessThanOrEqual(1);
    });

    it(
      'AutoAttack at 8/255, where it is stronger than any PGD, is as strong after every attack',
      async () => {
        const { first, images } = autoAttack;
        const row = find('autoattack-standard', oval, 8);
        const { robust, clean, parts, verdict } = await measureRow(backend, row, autoAttack);
        const { weaker, stronger } = compared(robust, flagsOf(row, 'square'), autoAttack);
        expect(weaker + stronger).toBeLessThanOrEqual(1);
        const ones = (text: string) => text.slice(first, first + images).replaceAll('0', '').length;
        let left = clean.reduce((sum, flag) => sum + flag, 0);
        expect(left).toBe(ones(flagsOf(row, 'clean')));
        for (const [stage, most] of [
          ['APGD_CE', 2],
          ['APGD_T', 1],
          ['FAB_T', 1],
          ['SQUARE', 1],
        ] as const) {
          left -= parts[stage]?.fooled as number;
          const golden = ones(flagsOf(row, stage.toLowerCase().replace('_', '-')));
          expect(Math.abs(left - golden), stage).toBeLessThanOrEqual(most);
        }
        expect(verdict).toEqual({ trust: 'CHECKED', findings: [] });
      },
      long,
    );

    if (alone)
      it.each(['apgd-ce alone', 'apgd-t alone', 'fab-t alone', 'square alone'])(
        '%s is as strong',
        async (attack) => {
          const row = find(attack, oval, 8);
          const { robust } = await measureRow(backend, row, alone);
          const { weaker, stronger } = compared(robust, expectedFlags(row), alone);
          expect(weaker + stronger).toBeLessThanOrEqual(attack === 'square alone' ? 2 : 1);
        },
        long,
      );
  });

  describeGoldens('a network that hides its gradient', () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await oneThread();
    });
    afterAll(() => backend.dispose());

    const hiding = goldenRows().filter(({ last_layer_times }) => last_layer_times === 1e4);
    const find = (attack: string, epsilon: number) => hiding.find((row) => row.attack === attack && row.eps_255 === epsilon) as GoldenRow;

    it.each([2, 8])('is SUSPECT under PGD at %i/255, which finds its way all the same', async (epsilon) => {
      const some = { first: 0, images: 100 };
      const { robust, verdict } = await measureRow(backend, find('pgd20-ce', epsilon), some);
      expect(verdict.trust).toBe('SUSPECT');
      expect(verdict.findings[0]).toMatch(/^The gradient of the loss is exactly zero for 8\d of 100 attacked images/);
      const untroubled = compared(robust, expectedFlags(find('pgd20-margin', epsilon)), some);
      expect(untroubled.weaker + untroubled.stronger).toBeLessThanOrEqual(2);
    });

    if (trap)
      it(
        'is no more robust under AutoAttack than it was, and says why its first attack found nothing',
        async () => {
          const row = find('autoattack-standard', 2);
          const { robust, parts } = await measureRow(backend, row, trap);
          const { weaker, stronger } = compared(robust, flagsOf(row, 'square'), trap);
          expect(weaker + stronger).toBeLessThanOrEqual(1);
          expect(parts.APGD_CE?.vanished).toBeGreaterThan(0);
          expect(parts.APGD_CE?.fooled).toBeLessThanOrEqual(1);
        },
        long,
      );
  });
}
