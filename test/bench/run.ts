/** `npm run bench -- engine …` and `scale`: measures, prints tables, writes JSON where --out says. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ArchitectureName } from '../../engine/config.ts';
import { comparePipelines } from './engine/pipeline.ts';
import { compareSteps } from './engine/steps.ts';
import { formatTable } from './engine/table.ts';
import type { Yardstick } from './engine/yardstick.ts';
import { drawFigures } from './scale/figures.ts';
import { measureScale } from './scale/scale.ts';
import { axisTable, formatScale } from './scale/tables.ts';

const usage = `npm run bench -- engine [steps|pipeline] --datasets DIR [options]
  steps      images a second of one PGD step and one training step
  pipeline   the whole RiFT run on CIFAR-10, by stage (the default is both)
  --architecture NAME   RESNET8 (default), RESNET18, RESNET34 or WRN34_10; of steps
  --batch N             images of a step, 128
  --rounds N            times that both sides are measured in turn, 3; of steps
  --seconds N           seconds of one measurement, 4; of steps
  --python PROGRAM      a Python with torch: measures PyTorch in turn with the engine
  --yardstick FILE      the PyTorch program, ../shared/bench/rift_torch.py
  --threads N           cores for both sides, all
  --out FILE            writes the figures as JSON
npm run bench -- scale --datasets DIR [options]
  how time and memory grow with images, modules, depth, width, α points and engines; what records cost; what a hundred
  times today's size breaks first. Four minutes on two cores
  --charts DIR          writes the charts of docs/performance.md there
  --rounds N, --threads N, --out FILE   as above`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    datasets: { type: 'string', default: process.env.RIFTLAB_DATASETS },
    architecture: { type: 'string', default: 'RESNET8' },
    batch: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    python: { type: 'string' },
    yardstick: { type: 'string', default: '../shared/bench/rift_torch.py' },
    threads: { type: 'string', default: String(availableParallelism()) },
    out: { type: 'string' },
    charts: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

const [what, part] = positionals;
if (values.help || (what !== 'engine' && what !== 'scale') || !values.datasets) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const threads = Number(values.threads);
const datasets = resolve(values.datasets);
const yardstick: Yardstick | undefined = values.python
  ? { python: values.python, file: resolve(values.yardstick), datasets, threads }
  : undefined;
const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${threads} threads, Node ${process.version}`;
console.log(machine);

const figures: Record<string, unknown> = { machine };
if (what === 'scale') {
  const settings = { datasets, threads, repetitions: Number(values.rounds) };
  const result = await measureScale(settings, (axis) => console.log(axisTable([axis]).split('\n').at(-1)));
  figures.scale = result;
  console.log(`\n${formatScale(result)}`);
  if (values.charts) {
    mkdirSync(values.charts, { recursive: true });
    for (const [name, svg] of Object.entries(drawFigures(result))) writeFileSync(join(values.charts, name), svg);
  }
}
if (what === 'engine' && part !== 'pipeline') {
  const settings = {
    architecture: values.architecture as ArchitectureName,
    batch: Number(values.batch),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    threads,
    datasets,
  };
  const rows = await compareSteps(settings, yardstick);
  figures.steps = { ...settings, datasets: undefined, rows };
  console.log(formatTable(`${settings.architecture}, batch ${settings.batch}`, 'images/s', rows));
}
if (what === 'engine' && part !== 'steps') {
  const rows = await comparePipelines({ threads, datasets }, yardstick);
  figures.pipeline = { rows };
  console.log(formatTable('RiFT on CIFAR-10: RESNET8, 5,000 training images', 'seconds', rows));
}
if (values.out) writeFileSync(values.out, `${JSON.stringify(figures, null, 1)}\n`);
