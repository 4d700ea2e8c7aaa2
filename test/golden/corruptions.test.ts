/** Corruptions without chance against the benchmark's libraries, and every constant against the published ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CorruptionName, constantsOf, corruptionNames } from '../../engine/corruptions/constants.ts';
import { corruptImage, corruptions } from '../../engine/corruptions/corruptions.ts';
import { corruptionLists, severities } from '../../engine/corruptions/suites.ts';
import { parseSafetensors, type RawTensor } from '../../engine/weights/safetensors.ts';
import { sharedFolder } from '../helpers/datasets.ts';
import { describeGoldens } from './describe.ts';

const read = (path: string) => readFileSync(join(sharedFolder as string, path));
const imageBytes = 32 * 32 * 3;
const images = 4;

describeGoldens('corruptions', () => {
  const { tensors } = parseSafetensors(sharedFolder ? read('goldens/corruptions.safetensors') : new Uint8Array());
  const goldens = Object.keys(tensors).filter((name) => name !== 'clean') as CorruptionName[];

  it('have a golden for each that has no chance in it', () => {
    expect(goldens.toSorted()).toEqual(corruptionNames.filter((name) => !corruptions[name].random).toSorted());
  });

  describe.each(goldens)('%s', (corruption) => {
    it.each(severities)('severity %i is the benchmark’s', (severity) => {
      const differences = Array.from({ length: images }, (_, image) => {
        const clean = (tensors.clean as RawTensor).bytes.slice(image * imageBytes, (image + 1) * imageBytes);
        const start = ((severity - 1) * images + image) * imageBytes;
        const expected = (tensors[corruption] as RawTensor).bytes.subarray(start, start + imageBytes);
        const found = corruptImage(clean, [32, 32, 3], { corruption, severity }, { seed: 0, image });
        return Array.from(found, (byte, index) => Math.abs(byte - (expected[index] as number)));
      }).flat();
      expect(Math.max(...differences)).toBeLessThanOrEqual(1);
      expect(differences.filter((difference) => difference > 0).length / differences.length).toBeLessThan(0.001);
    });
  });

  it('have the published constants', () => {
    const published = JSON.parse(read('rift/corruptions.json').toString());
    expect(corruptionLists.fifteen).toEqual(published.rift.fifteen);
    expect(corruptionLists.official_code?.toSorted()).toEqual(published.rift.official_code_eighteen.toSorted());
    const large = published.tiny_64px_differs;
    for (const name of corruptionNames) {
      const { c, max_exclusive, times_image_size } = published.cifar_32px[name];
      const small = c ?? max_exclusive ?? times_image_size;
      const own = (side: number) => severities.map((severity) => constantsOf(name, side, severity));
      expect(own(32), name).toEqual(small);
      expect(own(64), name).toEqual(large[name] ?? large[`${name}_times_image_size`] ?? small);
      if (published.groups[corruptions[name].group]) expect(published.groups[corruptions[name].group]).toContain(name);
    }
  });
});
