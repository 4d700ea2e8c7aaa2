/** The bench's figures as Markdown, as docs/performance.md has them. */
import { type Growth, tolerance } from './growth.ts';
import { tightestFirst } from './model.ts';
import type { Prediction } from './predict.ts';
import type { AxisResult, ScaleResult } from './scale.ts';

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)].join('\n');

export function figure(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6) return Math.round(value).toLocaleString('en');
  if (Number.isInteger(value) || size >= 100) return value.toFixed(0);
  return String(Number(value.toPrecision(size >= 10 ? 3 : 2)));
}

const times = (value: number) => value.toFixed(2);
const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);

const step = ({ worst, further }: Growth) => `${times(worst)}${further === undefined ? '' : ` / ${times(further)}`}`;

function axisRow({ name, unit, sizes, bytes, clock, time, memory, addedBytes }: AxisResult): string[] {
  return [
    name,
    `${sizes[0]} to ${sizes.at(-1)}`,
    unit,
    `${times(time.perUnit.at(-1) as number)}${clock === 'wall' ? ' (wall)' : ''}`,
    step(time),
    `${megabytes(bytes[0] as number)} to ${megabytes(bytes.at(-1) as number)}${unit === 'image' ? `, ${figure(addedBytes / 1024)} KiB an image` : ''}`,
    times(memory.worst),
    time.worst <= tolerance && memory.worst <= tolerance ? 'yes' : 'no',
  ];
}

export const axisTable = (axes: readonly AxisResult[]) =>
  table(
    ['larger', 'sizes', 'unit', 'time of a unit, last : first', 'worst / further', 'peak MiB', 'worst', 'within 10 %'],
    axes.map(axisRow),
  );

const remainderTable = (axes: readonly AxisResult[]) =>
  table(
    ['one image more than', 'time'],
    axes.flatMap(({ name, remainder }) => (remainder ? [[`${name}: ${remainder.size}`, times(remainder.ratio)]] : [])),
  );

const hours = (seconds: number) =>
  seconds < 7200 ? `${figure(seconds)} s` : seconds < 2 * 86_400 ? `${figure(seconds / 3600)} h` : `${figure(seconds / 86_400)} d`;

function runTable({ today, large }: Prediction): string {
  const names = Object.keys(today.stages) as (keyof typeof today.stages)[];
  return table(
    ['stage', 'today', 'ResNet50, ImageNet', 'times'],
    names.map((name) => [name, hours(today.stages[name]), hours(large.stages[name]), figure(large.stages[name] / today.stages[name])]),
  );
}

const limitTable = ({ limits }: Prediction) =>
  table(
    ['limit', 'fits', 'wanted', 'what happens', 'known by'],
    tightestFirst(limits).map(({ name, most, wanted, unit, effect, source }) => [
      name,
      `${figure(most)}${wanted > most ? ` (${figure((100 * most) / wanted)} %)` : ''}`,
      `${figure(wanted)} ${unit}`,
      effect,
      source,
    ]),
  );

/** Everything, in the order of docs/performance.md. */
export function formatScale({ axes, server, large, prediction }: ScaleResult): string {
  const { checkpoint } = server;
  return [
    axisTable(axes),
    remainderTable(axes),
    table(
      ['message', 'ms', 'bytes kept'],
      server.messages.map(({ name, milliseconds, bytes }) => [name, figure(milliseconds), figure(bytes)]),
    ),
    table(
      ['workers that send without pause', 'devices served'],
      server.served.map(({ workers, devices }) => [String(workers), figure(devices)]),
    ),
    `Postgres: ${figure(1000 * server.postgresSeconds)} ms of processor for a device and second. A stage starts in ${figure(server.stageStartSeconds)} s.`,
    `ResNet18's weights: ${figure(checkpoint.whole / 1e6)} MB, a fine-tuned module ${figure(checkpoint.fineTuned / 1e3)} kB, kept in ${figure(checkpoint.keepSeconds)} s.`,
    table(
      ['ResNet50, 224 x 224', 's an image', 'MiB an image', 'MiB with 2 images'],
      large.steps.map(({ name, seconds, bytes, emptyBytes }) => [name, figure(seconds), megabytes(bytes), megabytes(emptyBytes)]),
    ),
    `An attack step costs ${times(large.foretold)} of what ResNet-8's multiply-accumulates foretell. The optimiser takes ${figure(1e9 * large.optimiserSeconds)} ns a parameter.`,
    runTable(prediction),
    limitTable(prediction),
    table(
      ['speed with n workers', ...(prediction.fleets[0]?.points.map(([workers]) => String(workers)) ?? [])],
      prediction.fleets.map(({ name, points }) => [name, ...points.map(([, speedup]) => figure(speedup))]),
    ),
  ].join('\n\n');
}
