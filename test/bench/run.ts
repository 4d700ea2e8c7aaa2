/** `npm run bench -- engine …`, `scale` and `load`: measures, prints tables, writes JSON where --out says. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ArchitectureName } from '../../engine/config.ts';
import { benchAttacks, comparedRow, heading } from './attacks/main.ts';
import { clocks } from './engine/clock.ts';
import { benchEngine, partNames } from './engine/main.ts';
import type { Yardstick } from './engine/yardstick.ts';
import { formatLoad, measureLoad } from './load/load.ts';
import { drawFigures } from './scale/figures.ts';
import { measureScale } from './scale/scale.ts';
import { axisTable, formatScale } from './scale/tables.ts';
import { compareWorkers, formatWorkers } from './workers/main.ts';

const usage = `npm run bench -- engine [steps|variants|attack-steps|pipeline|fine-tune|corruptions|import|memory|threads] --datasets DIR [options]
  steps      images a second of one PGD step and one training step
  variants   images a second of whole training steps of TRADES and AT-AWP
  attack-steps  images a second of a step of Auto-PGD, and of a PGD step of VIT_TINY
  pipeline   the whole RiFT run on CIFAR-10, by stage (the default is steps and pipeline)
  fine-tune  fine-tuning one module, batch normalisation frozen and updating
  corruptions  the fifteen common corruptions of 1,000 images; --python needs scikit-image and opencv
  import     a checkpoint file of 185 MB becomes a checkpoint; --python needs safetensors
  memory     peak resident memory of a process that takes one PGD step
  threads    what 1, 2, 4 and 16 threads would do, from one thread's time for its share
  --architecture NAME   RESNET8 (default), RESNET18, RESNET34 or WRN34_10
  --backend NAME        onnx (default), or tensorflow where it is set up
  --batch N             images of a step, 128
  --rounds N            times that both sides are measured in turn, 3; of steps, variants and attack-steps
  --seconds N           seconds of one measurement, 4; of steps, variants and attack-steps
  --clock NAME          wall (default) or processor: images a second of so many cores, by the time that they worked, which
                        other work on the machine disturbs less; of variants and attack-steps
  --python PROGRAM      a Python with torch: measures PyTorch in turn with the engine
  --yardstick FILE      the PyTorch program, ../shared/bench/rift_torch.py
  --threads N           cores for both sides, all
  --out FILE            writes the figures as JSON
npm run bench -- workers --datasets DIR [--threads N] [--out FILE]
  wall-clock of the stages that devices share, by one worker of all threads and by two of half of them
npm run bench -- scale --datasets DIR [options]
  how time and memory grow with images, modules, depth, width, α points and engines; what records cost; what a hundred
  times today's size breaks first. Four minutes on two cores
  --charts DIR          writes the charts of docs/performance.md there
  --rounds N, --threads N, --out FILE   as above
npm run bench -- attacks --datasets DIR [--images N] [--only PATTERN] [--threads N] [--python PROGRAM --reference DIR] [--out FILE]
  every row of ../shared/goldens/attacks.json, image by image, with the reference's seconds as stored there
  --reference DIR       its package (github.com/fra31/auto-attack): runs it too, on as many threads; without --only on one row,
                        AutoAttack of 500 images at 8/255, in about three minutes on a quiet core
npm run bench -- load [options]
  how long a page of 50 runs takes, and what memory grows by, with many readers: idle, and while a run computes
  --subscribers N       open pages that follow a run or the list, 50
  --pollers N           scripts that ask about once a second, 10
  --seconds N           of each of the two parts, 20`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    datasets: { type: 'string', default: process.env.RIFTLAB_DATASETS },
    architecture: { type: 'string', default: 'RESNET8' },
    backend: { type: 'string', default: 'onnx' },
    batch: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string' },
    clock: { type: 'string', default: 'wall' },
    images: { type: 'string' },
    only: { type: 'string' },
    subscribers: { type: 'string', default: '50' },
    pollers: { type: 'string', default: '10' },
    python: { type: 'string' },
    reference: { type: 'string' },
    yardstick: { type: 'string', default: '../shared/bench/rift_torch.py' },
    threads: { type: 'string', default: String(availableParallelism()) },
    out: { type: 'string' },
    charts: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

const [what, part] = positionals;
const isKnown =
  ['scale', 'load', 'workers', 'attacks'].includes(what ?? '') || (what === 'engine' && (part === undefined || partNames.includes(part)));
const clock = clocks.find((name) => name === values.clock);
if (values.help || !isKnown || clock === undefined || (!values.datasets && what !== 'load')) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const threads = Number(values.threads);
const datasets = resolve(values.datasets ?? '.');
const yardstick: Yardstick | undefined = values.python
  ? { python: values.python, file: resolve(values.yardstick), datasets, threads }
  : undefined;
const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${threads} threads, Node ${process.version}`;
console.log(machine);

async function benchScale(): Promise<Record<string, unknown>> {
  const result = await measureScale({ datasets, threads, repetitions: Number(values.rounds) }, (axis) =>
    console.log(axisTable([axis]).split('\n').at(-1)),
  );
  console.log(`\n${formatScale(result)}`);
  if (values.charts) {
    mkdirSync(values.charts, { recursive: true });
    for (const [name, svg] of Object.entries(drawFigures(result))) writeFileSync(join(values.charts, name), svg);
  }
  return { scale: result };
}

async function benchWorkers(): Promise<Record<string, unknown>> {
  const rows = await compareWorkers({ threads, datasets });
  console.log(formatWorkers(rows, threads));
  return { workers: rows };
}

async function benchGoldens(): Promise<Record<string, unknown>> {
  process.env.RIFTLAB_DATASETS = datasets;
  console.log(heading);
  const { only, images, python, reference: folder } = values;
  const reference = python && folder ? { python, folder: resolve(folder), datasets, threads } : undefined;
  const rows = only ?? (reference ? comparedRow : '');
  return { attacks: await benchAttacks({ only: rows, images: images === undefined ? undefined : Number(images), threads, reference }) };
}

async function benchLoad(): Promise<Record<string, unknown>> {
  const { subscribers, pollers, seconds = 20 } = values;
  const load = await measureLoad({ subscribers: Number(subscribers), pollers: Number(pollers), seconds: Number(seconds) });
  console.log(`\n${formatLoad(load)}`);
  return { load };
}

const settings = {
  architecture: values.architecture as ArchitectureName,
  backend: values.backend,
  batch: Number(values.batch),
  rounds: Number(values.rounds),
  seconds: Number(values.seconds ?? 4),
  threads,
  datasets,
  clock,
};
const measured = {
  scale: benchScale,
  load: benchLoad,
  workers: benchWorkers,
  attacks: benchGoldens,
  engine: () => benchEngine(part, settings, yardstick),
};
const figures = { machine, ...(await measured[what as keyof typeof measured]()) };
if (values.out) writeFileSync(values.out, `${JSON.stringify(figures, null, 1)}\n`);
