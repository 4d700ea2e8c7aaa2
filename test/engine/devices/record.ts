/** Writes engine/devices/self-test.json anew: `node --import tsx test/engine/devices/record.ts`, after the self-test has changed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CpuBackend } from '../../../engine/backends/cpu.ts';
import { sampled } from '../../../engine/devices/self-test.ts';
import { selfTestValues } from '../../../engine/devices/self-test-values.ts';

const samples = sampled(await selfTestValues(new CpuBackend()));
const lines = Object.entries(samples).map(([name, numbers]) => {
  const rounded = numbers.map((number) => Number(number.toPrecision(8)));
  return `  ${JSON.stringify(name)}: ${JSON.stringify(rounded).replaceAll(',', ', ')}`;
});
writeFileSync(join(import.meta.dirname, '../../../engine/devices/self-test.json'), `{\n${lines.join(',\n')}\n}\n`);
