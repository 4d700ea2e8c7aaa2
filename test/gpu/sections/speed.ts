import { usedGpuMemory } from '../../../engine/backends/onnx/cuda.mjs';
import { median } from '../../bench/engine/table.ts';
import { type Line, significant } from '../report.ts';
import { type Section, startBackend } from '../section.ts';
import type { Settings } from '../settings.ts';
import { measureTorch, type TorchFigures, whyNoTorch } from '../torch.ts';
import { openWork } from '../work.ts';

/** Amount a second: the median over calls made for so long, after some that do not count: sessions open, clocks rise. */
async function rate(work: () => Promise<unknown>, amount: number, seconds: number): Promise<number> {
  for (let call = 0; call < 4; call += 1) await work();
  const laps: number[] = [];
  for (const end = performance.now() + 1000 * seconds; performance.now() < end || laps.length < 3; ) {
    const began = performance.now();
    await work();
    laps.push(performance.now() - began);
  }
  return (1000 * amount) / median(laps);
}

interface Figures {
  attack: number;
  training: number;
  /** Of the GPU, or resident. */
  megabytes: number | undefined;
}

async function usedMegabytes({ kind, index }: Settings['device']): Promise<number | undefined> {
  if (kind === 'cuda') return usedGpuMemory(index);
  return kind === 'cpu' ? process.memoryUsage().rss / 2 ** 20 : undefined;
}

async function measureEngine(settings: Settings, batch: number): Promise<Figures> {
  const before = settings.device.kind === 'cuda' ? await usedMegabytes(settings.device) : 0;
  const backend = await startBackend(settings, true);
  const work = openWork(backend, settings.architecture, batch, settings.steps);
  try {
    const attack = await rate(work.attack, batch * settings.steps, settings.seconds);
    const training = await rate(work.train, batch, settings.seconds);
    const after = await usedMegabytes(settings.device);
    return { attack, training, megabytes: after === undefined || before === undefined ? undefined : after - before };
  } finally {
    await work.dispose();
    await backend.dispose();
  }
}

/** @param goal how many times as fast as PyTorch it has to be; nothing is asked for when absent */
function compare(name: string, unit: string, engine: number, torch: number | undefined, goal: number | undefined): Omit<Line, 'section'> {
  const ratio = torch === undefined ? undefined : engine / torch;
  const beside = torch === undefined ? '' : `, PyTorch ${significant(torch)}: ${ratio?.toFixed(2)} x`;
  const isMissed = goal !== undefined && ratio !== undefined && ratio < goal;
  const text = `${significant(engine)} ${unit}${beside}${isMissed ? `, the goal is ${goal} x` : ''}`;
  return { name, state: isMissed ? 'failed' : 'ok', text, figures: { engine, torch, ratio } };
}

/** Both in turn, so that what else the machine does meets both; TF32 on for both where the device has it. */
export const speed: Section = {
  name: 'speed',
  tf32: 'as well',
  limitMinutes: 30,
  async run(settings, report) {
    const { architecture, batches, steps, rounds } = settings;
    const reason = whyNoTorch(settings);
    if (reason) report({ name: 'PyTorch beside it', state: 'skipped', text: reason });
    for (const batch of batches) {
      const engine: Figures[] = [];
      const torch: TorchFigures[] = [];
      for (let round = 0; round < rounds; round += 1) {
        engine.push(await measureEngine(settings, batch));
        if (!reason) torch.push(await measureTorch(settings, batch));
      }
      const middle = <Each>(all: Each[], of: (each: Each) => number | null | undefined) => {
        const values = all.flatMap((each) => of(each) ?? []);
        return values.length > 0 ? median(values) : undefined;
      };
      const size = `${architecture}, batch ${batch}`;
      for (const [key, what, unit] of [
        ['attack', `PGD-${steps}`, 'image steps/s'],
        ['training', 'training step', 'images/s'],
        ['megabytes', 'memory', 'MB'],
      ] as const) {
        const value = middle(engine, (each) => each[key]);
        const goal = key === 'attack' && settings.device.kind === 'cuda' && !settings.quick ? 1 : undefined;
        const beside = middle(torch, (each) => each[key]);
        if (value !== undefined) report(compare(`${what}, ${size}`, unit, value, beside, goal));
        else report({ name: `${what}, ${size}`, state: 'skipped', text: 'the driver does not tell' });
      }
    }
  },
};
