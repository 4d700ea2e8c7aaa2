import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import type { ArchitectureName } from '../../../engine/config.ts';
import type { Section } from '../section.ts';
import type { Settings } from '../settings.ts';
import { openWork } from '../work.ts';

interface Event {
  cat?: string;
  dur?: number;
  args?: { provider?: string; op_name?: string };
}

/** What may stay on the CPU: shapes and small change, and WebGPU's loop, whose body runs on the GPU. */
const harmless = new Set(['Loop', 'Identity', 'Cast', 'Shape', 'MemcpyToHost', 'MemcpyFromHost']);

async function profile({ device, threads }: Settings, architecture: ArchitectureName, folder: string): Promise<Event[]> {
  const backend = new OnnxBackend({ ...device, threads, profile: join(folder, 'session') });
  const work = openWork(backend, architecture, 8, 3);
  try {
    for (let call = 0; call < 3; call += 1) await work.attack();
    await work.train();
  } finally {
    await work.dispose();
    await backend.dispose();
  }
  return readdirSync(folder).flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Event[]);
}

function countOperators(events: Event[], isCounted: (provider: string) => boolean): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { cat, args } of events)
    if (cat === 'Node' && args?.op_name && args.provider && isCounted(args.provider))
      counts.set(args.op_name, (counts.get(args.op_name) ?? 0) + 1);
  return counts;
}

/** onnxruntime hands what a GPU lacks to the CPU without a word: its profile tells. */
export const operators: Section = {
  name: 'operators',
  limitMinutes: 10,
  async run(settings, report) {
    const { kind } = settings.device;
    for (const architecture of [settings.architecture, 'SMALL_CNN' as const]) {
      const folder = mkdtempSync(join(tmpdir(), 'riftlab-profiles-'));
      try {
        const events = await profile(settings, architecture, folder);
        const all = [...countOperators(events, () => true).values()].reduce((sum, count) => sum + count, 0);
        const onCpu = [...countOperators(events, (provider) => provider === 'CPUExecutionProvider')];
        const strays = onCpu.filter(([name]) => !harmless.has(name)).map(([name, count]) => `${name} (${count})`);
        const text =
          kind === 'cpu'
            ? `${all} nodes on the CPU, as they should be`
            : `${all} nodes, ${strays.length > 0 ? `on the CPU: ${strays.join(', ')}` : 'none of weight on the CPU'}`;
        report({ name: architecture, state: kind === 'cpu' || strays.length === 0 ? 'ok' : 'failed', text, figures: { nodes: all } });
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
  },
};
