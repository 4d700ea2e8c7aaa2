/** `npm run bench -- scale`: how cost grows along each axis, what records cost, and what breaks first at a hundred times the size. */
import { totalmem } from 'node:os';
import { axes, type ScaleAxis } from './axes.ts';
import { type Growth, growthOf, lineThrough } from './growth.ts';
import { type LargeCosts, measureLarge } from './large.ts';
import { type Measured, measure, type Settings } from './measure.ts';
import { basicResnet } from './networks.ts';
import { type Prediction, predict } from './predict.ts';
import { measureServer, type ServerCosts } from './server.ts';

export interface AxisResult {
  name: string;
  unit: string;
  sizes: readonly number[];
  units: number[];
  measured: Measured[];
  /** Peak memory of all processes of a size, beyond what they held empty. */
  bytes: number[];
  /** By the clock whose repetitions differ less; engines side by side by the processor's: the wall's says how many cores there are. */
  clock: 'wall' | 'processor';
  time: Growth;
  memory: Growth;
  /** Bytes that a unit of the sizes adds. */
  addedBytes: number;
  /** Cost of a size and one image, over that of the size: what a remainder costs. */
  remainder?: { size: number; ratio: number };
}

export interface ScaleResult {
  axes: AxisResult[];
  server: ServerCosts;
  large: LargeCosts;
  prediction: Prediction;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export function judge(axis: ScaleAxis, all: readonly Measured[]): AxisResult {
  const { name, unit, sizes } = axis;
  const measured = all.slice(0, sizes.length);
  const units = sizes.map((size) => axis.units?.(size) ?? size);
  const steadier = (of: keyof Measured['spread']) => sum(measured.map(({ spread }) => spread[of]));
  const clock = !axis.sideBySide && steadier('seconds') < steadier('cpuSeconds') ? 'wall' : 'processor';
  const costOf = ({ seconds, cpuSeconds }: Measured) => (clock === 'wall' ? seconds : cpuSeconds);
  const costs = measured.map(costOf);
  const bytes = measured.map(({ addedBytes }, index) => addedBytes * (axis.sideBySide ? (sizes[index] as number) : 1));
  const extra = all[sizes.length];
  const whole = measured[sizes.indexOf(axis.remainder ?? Number.NaN)];
  return {
    name,
    unit,
    sizes,
    units,
    measured,
    bytes,
    clock,
    time: growthOf(units, costs),
    memory: growthOf(units, bytes),
    addedBytes: lineThrough(sizes, bytes).perUnit,
    ...(extra && whole && axis.remainder ? { remainder: { size: axis.remainder, ratio: costOf(extra) / costOf(whole) } } : {}),
  };
}

async function measureAxis(axis: ScaleAxis, settings: Settings): Promise<AxisResult> {
  const sizes = axis.remainder ? [...axis.sizes, axis.remainder + 1] : axis.sizes;
  const sideBySide = axis.sideBySide ? sizes : undefined;
  return judge(axis, await measure(sizes.map(axis.work), axis.sideBySide ? { ...settings, threads: 1 } : settings, sideBySide));
}

/** @param tell called as soon as an axis is done */
export async function measureScale(settings: Settings, tell: (result: AxisResult) => void): Promise<ScaleResult> {
  const results: AxisResult[] = [];
  for (const axis of axes) {
    const result = await measureAxis(axis, settings);
    results.push(result);
    tell(result);
  }
  const server = await measureServer();
  const width = results.find(({ name }) => name.startsWith('width')) as AxisResult;
  const small = width.measured[0] as Measured;
  const { macs } = basicResnet({ blocks: 1, width: 16, side: 32 });
  const large = await measureLarge(settings, small.cpuSeconds / (widthImages * widthSteps * macs));
  return { axes: results, server, large, prediction: predict(results, server, large, { memory: totalmem(), threads: settings.threads }) };
}

/** Of the axis of widths; see works.ts. */
const widthImages = 128;
const widthSteps = 3;
