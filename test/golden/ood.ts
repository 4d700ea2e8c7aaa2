/** Accuracy under computed corruptions against the benchmark's libraries, three public checkpoints and 500 images. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../engine/backends/backend.ts';
import { chooseBackend } from '../../engine/backends/choose.ts';
import { type CorruptionName, corruptionNames } from '../../engine/corruptions/constants.ts';
import { corruptionLists, severities } from '../../engine/corruptions/suites.ts';
import { cifar10 } from '../../engine/data/cifar10.ts';
import { corruptedSet } from '../../engine/data/corrupted-set.ts';
import { inMemoryWhereItFits } from '../../engine/data/pixels.ts';
import { type ImageSet, loadSplit } from '../../engine/data/splits.ts';
import { Predictor } from '../../engine/evaluation/predictor.ts';
import { unwatched } from '../../engine/watch.ts';
import { sharedFolder } from '../helpers/datasets.ts';
import { loadPublicCheckpoint, type PublicCheckpointName } from '../helpers/public-checkpoints.ts';
import { describeGoldens } from './describe.ts';

interface Row {
  file: string;
  corruption: CorruptionName;
  random: boolean;
  /** Percent, of severities 1 to 5. */
  acc: number[];
  correct?: string[];
}

/** A small network and a residual one without batch normalisation, which take a tenth of the time of the third. */
export const quickFiles: PublicCheckpointName[] = ['abcrown_oval_cifar_wide.pth', 'abcrown_cifar10_resnet_resnet4b.pth'];
export const files: PublicCheckpointName[] = ['akamaster_resnet20-12fca82f.th', ...quickFiles];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The tests of these checkpoints, at these severities of each corruption; the means over corruptions where they are all. */
export function describeOod(
  checkpoints: readonly PublicCheckpointName[],
  severitiesOf: (corruption: CorruptionName) => readonly number[],
): void {
  const isWhole = corruptionNames.every((name) => severitiesOf(name).length === severities.length);

  describeGoldens('accuracy on corrupted images', () => {
    let backend: Backend;
    let goldens: { rows: Row[] };
    /** By corruption, then severity. */
    const sets = new Map<string, ImageSet[]>();
    beforeAll(async () => {
      backend = await chooseBackend();
      goldens = JSON.parse(readFileSync(join(sharedFolder as string, 'goldens/ood.json'), 'utf8'));
      const folder = process.env.RIFTLAB_DATASETS as string;
      const clean = await loadSplit(cifar10, folder, { split: 'test', protocol: 'PAPER', trainedHere: true, images: 500 });
      for (const corruption of corruptionNames) {
        const ofCorruption = severitiesOf(corruption).map(async (severity) => {
          const set = await corruptedSet(cifar10, folder, clean, { corruption, severity });
          return { ...set, pixels: inMemoryWhereItFits(set.pixels, set.count) };
        });
        sets.set(corruption, await Promise.all(ofCorruption));
      }
    });
    afterAll(() => backend.dispose());

    describe.each(checkpoints)('%s', (file) => {
      const found = new Map<string, number[]>();
      const flags = new Map<string, Uint8Array[]>();
      beforeAll(async () => {
        const { network, weights } = loadPublicCheckpoint(file);
        const predictor = new Predictor(backend, network, weights);
        for (const [corruption, ofCorruption] of sets) {
          const correct: Uint8Array[] = [];
          for (const set of ofCorruption) correct.push((await predictor.predictAll(set, unwatched)).correct);
          flags.set(corruption, correct);
          found.set(
            corruption,
            correct.map((one) => 100 * mean([...one])),
          );
        }
        await predictor.dispose();
      });

      it.each(corruptionNames)('%s', (corruption) => {
        const row = goldens.rows.find((one) => one.file === file && one.corruption === corruption) as Row;
        const accuracies = found.get(corruption) as number[];
        const measured = severitiesOf(corruption);
        const expected = measured.map((severity) => row.acc[severity - 1] as number);
        if (!row.correct) {
          const off = accuracies.map((accuracy, index) => Math.abs(accuracy - (expected[index] as number)));
          expect(Math.max(...off)).toBeLessThanOrEqual(4);
          if (measured.length === severities.length) expect(Math.abs(mean(accuracies) - mean(expected))).toBeLessThanOrEqual(2);
          return;
        }
        const most = file.startsWith('akamaster') ? 6 : 3;
        const own = flags.get(corruption) as Uint8Array[];
        measured.forEach((severity, index) => {
          const flags = row.correct?.[severity - 1] as string;
          const differing = Array.from(own[index] as Uint8Array).filter((flag, image) => String(flag) !== flags[image]);
          expect(differing.length).toBeLessThanOrEqual(most);
        });
      });

      if (isWhole)
        it.each(Object.keys(corruptionLists))('the mean over %s', (list) => {
          const names = corruptionLists[list] as readonly CorruptionName[];
          const expected = mean(
            names.map((name) => mean(goldens.rows.find((one) => one.file === file && one.corruption === name)?.acc ?? [])),
          );
          expect(Math.abs(mean(names.map((name) => mean(found.get(name) as number[]))) - expected)).toBeLessThanOrEqual(0.5);
        });
    });
  });
}
