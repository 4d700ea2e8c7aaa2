/** The normalisation that some networks carry in their state dict: `mean` and `std`, or `mu` and `sigma`, of every channel. */
import type { Normalisation } from '../models/input.ts';
import type { FileTensor } from '../weights/foreign-file.ts';
import type { StateDictAbout } from './family.ts';
import { ImportRefusal } from './refusal.ts';

/** Names of the two entries. */
export interface NormalisationEntries {
  mean: string;
  deviation: string;
}

const deviationNames: Record<string, readonly string[]> = {
  mean: ['std', 'sd', 'stddev'],
  _mean: ['_std'],
  means: ['stds', 'sds'],
  new_mean: ['new_std'],
  mu: ['sigma'],
};
const mostChannels = 16;

const isVector = (shape: readonly number[] | undefined) => {
  const entries = shape?.reduce((product, side) => product * side, 1) ?? 0;
  return entries > 0 && entries <= mostChannels && (shape?.filter((side) => side !== 1).length ?? 0) <= 1;
};

/** The state dict without these entries, so that only the network's own remain. */
export function withoutNormalisation(all: StateDictAbout): { tensors: StateDictAbout; normalisation: NormalisationEntries | undefined } {
  for (const mean of all.keys()) {
    const [, prefix = '', word = ''] = /^(.*\.)?(\w+)$/.exec(mean) ?? [];
    const deviation = (Object.hasOwn(deviationNames, word) ? deviationNames[word] : undefined)
      ?.map((name) => prefix + name)
      .find((name) => all.has(name));
    if (deviation === undefined || !isVector(all.get(mean)?.shape) || !isVector(all.get(deviation)?.shape)) continue;
    const tensors = new Map([...all].filter(([name]) => name !== mean && name !== deviation));
    return { tensors, normalisation: { mean, deviation } };
  }
  return { tensors: all, normalisation: undefined };
}

/** Its values, one a channel also where one stands for all. Throws ImportRefusal where they are not for pixels in [0, 1]. */
export function normalisationIn(
  tensors: ReadonlyMap<string, FileTensor>,
  entries: NormalisationEntries | undefined,
  channels: number,
): Normalisation | undefined {
  if (!entries) return undefined;
  const valuesOf = (name: string) => {
    const values = Array.from((tensors.get(name) as FileTensor).floats(), (value) => Number(value.toPrecision(7)));
    return values.length === 1 ? Array<number>(channels).fill(values[0] as number) : values;
  };
  const [mean, deviation] = [valuesOf(entries.mean), valuesOf(entries.deviation)];
  const isUsual = mean.every((value) => Math.abs(value) <= 2) && deviation.every((value) => value > 0 && value <= 2);
  if (!isUsual)
    throw new ImportRefusal(
      'normalisation',
      `The file normalises pixels with mean ${mean.join(', ')} and deviation ${deviation.join(', ')}, which is not for pixels in [0, 1].`,
      'Give the normalisation, for pixels in [0, 1].',
    );
  return { mean, deviation };
}
