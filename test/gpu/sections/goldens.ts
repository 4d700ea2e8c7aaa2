import { type GoldenName, hasGoldens } from '../../golden/goldens.ts';
import { compareGoldens, float32, type Measured, type Tolerances, tf32 } from '../goldens.ts';
import { onDevice, type Report, type Section } from '../section.ts';
import type { Settings } from '../settings.ts';

const percent = (value: number) => `${(100 * value).toFixed(2)} %`;

function reportMeasured(network: string, { name, distance, allowed }: Measured, report: Report): void {
  const show = name.startsWith('pixels') ? percent : (value: number) => value.toExponential(1);
  report({
    name: `${network}: ${name}`,
    state: distance <= allowed ? 'ok' : 'failed',
    text: `${show(distance)} off, ${show(allowed)} allowed`,
    figures: { distance, allowed },
  });
}

const compare = (allowed: Tolerances, rounded: boolean) => async (settings: Settings, report: Report) => {
  if (!hasGoldens()) return report({ name: 'all of them', state: 'skipped', text: 'their files are not there; --goldens DIR' });
  const names: GoldenName[] = settings.quick ? ['resnet8'] : ['resnet8', 'wrn10-1'];
  await onDevice(settings, rounded, async (backend) => {
    for (const name of names) for (const measured of await compareGoldens(backend, name, allowed)) reportMeasured(name, measured, report);
  });
};

/** PyTorch's float64 values at float32's tolerances. */
export const goldens: Section = { name: 'goldens', limitMinutes: 10, run: compare(float32, false) };

export const goldensOfTf32: Section = { name: 'goldens-tf32', tf32: 'only', limitMinutes: 10, run: compare(tf32, true) };
