/** One figure of both sides. speedup: how many times faster the engine is; of seconds and of images a second alike. */
export interface Row {
  name: string;
  engine: number;
  pytorch?: number;
  speedup?: number;
}

const figure = (value: number | undefined) => (value === undefined ? '' : value >= 100 ? value.toFixed(0) : value.toFixed(1));

/** other: what the engine is measured beside. */
export function formatTable(title: string, unit: string, rows: readonly Row[], other = 'PyTorch'): string {
  const lines = rows.map(({ name, engine, pytorch, speedup }) =>
    [
      name.padEnd(28),
      figure(engine).padStart(10),
      figure(pytorch).padStart(10),
      speedup === undefined ? '' : `${speedup.toFixed(2)}x`.padStart(9),
    ].join(''),
  );
  return ['', `${title} (${unit})`, `${''.padEnd(28)}${'RiftLab'.padStart(10)}${other.padStart(10)}${'faster'.padStart(9)}`, ...lines].join(
    '\n',
  );
}

/** The middle of an odd number of values; of an even number the lower of the middle two. */
export function median(values: readonly number[]): number {
  return values.toSorted((first, second) => first - second)[Math.floor((values.length - 1) / 2)] as number;
}
