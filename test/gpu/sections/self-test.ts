import { selfTest } from '../../../engine/devices/self-test.ts';
import { onDevice, type Section } from '../section.ts';

export const selfTestSection: Section = {
  name: 'self-test',
  limitMinutes: 5,
  async run(settings, report) {
    const began = performance.now();
    const { passed, error, where } = await onDevice(settings, false, selfTest);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    report({
      name: 'start-up self-test',
      state: passed ? 'ok' : 'failed',
      text: `largest error ${error.toExponential(1)} (${where}), ${seconds} s`,
      figures: { error },
    });
  },
};
