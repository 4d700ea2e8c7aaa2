import { labelOf } from '../../../engine/backends/devices.ts';
import { probeOnnx } from '../../../engine/backends/onnx/probe.ts';
import { cpuDevice } from '../../../engine/devices/cpu-device.ts';
import type { Section } from '../section.ts';

/** What the machine has; the device of the check must be among it. */
export const devices: Section = {
  name: 'devices',
  limitMinutes: 2,
  async run({ device, threads }, report) {
    const { devices: found, missing } = await probeOnnx();
    const all = [cpuDevice(threads), ...found];
    for (const each of all) {
      const gibibytes = (each.memoryBytes / 2 ** 30).toFixed(1);
      report({ name: labelOf(each), state: 'ok', text: `${each.name}, ${gibibytes} GiB${each.versions ? `, ${each.versions}` : ''}` });
    }
    for (const { backend, kind, reason, hint } of missing)
      report({ name: `${backend} on ${kind}`, state: kind === device.kind ? 'failed' : 'skipped', text: `${reason} ${hint}` });
    const wanted = labelOf(device);
    if (!all.some((each) => labelOf(each) === wanted) && !missing.some(({ kind }) => kind === device.kind))
      report({ name: wanted, state: 'failed', text: 'There is no such device.' });
  },
};
