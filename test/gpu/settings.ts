import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { EngineDevice } from '../../engine/backends/devices.ts';
import type { ArchitectureName } from '../../engine/config.ts';

export const usage = `npm run check:gpu -- [options]

Checks a GPU from its driver to a whole RiFT run and compares it with PyTorch; needs no network. Ends with a table.

  --device NAME         cuda:0, webgpu:0 or cpu; the first GPU that is found
  --quick               small networks and short measurements, as a rehearsal
  --python PROGRAM      a Python with torch: measures PyTorch in turn with the engine
  --datasets DIR        where cifar-10-batches-bin lies; for --full
  --goldens DIR         the folder of the goldens, ../shared/goldens
  --libraries PLACE     where CUDA's libraries lie, as for npm run setup:cuda; may be given several times
  --full MINUTES        a PGD-AT and RiFT run of ResNet18 on CIFAR-10, as much of it as fits
  --only NAME           one part alone: devices, self-test, goldens, operators, memory, speed or full
  --out FILE            the table as JSON, check-gpu.json
  --pack FOLDER         no check: packs what another machine needs (Node, packages, provider, goldens, --datasets) into
                        pieces, with a script run.sh that unpacks and runs them there`;

/** What every part is told. */
export interface Settings {
  device: Pick<EngineDevice, 'backend' | 'kind' | 'index'>;
  quick: boolean;
  threads: number;
  python?: string | undefined;
  datasets?: string | undefined;
  minutes: number;
  architecture: ArchitectureName;
  batches: number[];
  steps: number;
  /** Of one measurement. */
  seconds: number;
  rounds: number;
}

export function readOptions() {
  const { values } = parseArgs({
    options: {
      device: { type: 'string' },
      quick: { type: 'boolean', default: false },
      python: { type: 'string' },
      datasets: { type: 'string', default: process.env.RIFTLAB_DATASETS },
      goldens: { type: 'string' },
      libraries: { type: 'string', multiple: true, default: [] },
      full: { type: 'string' },
      only: { type: 'string' },
      out: { type: 'string', default: 'check-gpu.json' },
      pack: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

/** The device that a name stands for, as labelOf writes it. */
export function parseDevice(name: string): Settings['device'] {
  if (name === 'cpu') return { backend: 'onnx', kind: 'cpu', index: 0 };
  const [, kind, index] = /^(cuda|webgpu)(?::(\d+))?$/.exec(name) ?? [];
  if (kind === undefined) throw new Error(`--device ${name} is unknown; it is cpu, cuda:0 or webgpu:0.`);
  return { backend: 'onnx', kind: kind as 'cuda' | 'webgpu', index: Number(index ?? 0) };
}

export function settingsFor(device: Settings['device'], options: ReturnType<typeof readOptions>): Settings {
  const { quick } = options;
  return {
    device,
    quick,
    threads: availableParallelism(),
    python: options.python,
    datasets: options.datasets && resolve(options.datasets),
    minutes: options.full === undefined ? 0 : Number(options.full),
    architecture: quick ? 'RESNET8' : 'RESNET18',
    batches: quick ? [16] : [128, 512],
    steps: quick ? 2 : 10,
    seconds: quick ? 0.3 : 4,
    rounds: quick ? 1 : 3,
  };
}
