/** Charts as SVG files that read well on light and dark pages alike, without a library: a README shows them as they are. */

export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  dashed?: boolean;
}

export interface Axis {
  label: string;
  /** Where there are ticks, in rising order; the axis goes from the first to the last. */
  ticks: readonly number[];
  /** Equal factors are equal distances. */
  logarithmic?: boolean;
  format?(value: number): string;
}

export interface Chart {
  title: string;
  x: Axis;
  y: Axis;
  series: readonly Series[];
  /** A horizontal band, and what it says. */
  band?: { from: number; to: number; label: string };
}

const size = { width: 760, height: 420 };
const plot = { left: 74, right: 560, top: 46, bottom: 360 };
/** Apart for people who see few colours, and dark and light enough for both kinds of page. */
const colours = [
  '#2f7ed8',
  '#d9822b',
  '#2a9d63',
  '#b5489a',
  '#8a6d3b',
  '#5b6ee1',
  '#c0392b',
  '#17949c',
  '#7a8c1f',
  '#cf6fa3',
  '#6b7f99',
  '#a0522d',
];
const ink = '#7d8590';

export const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Position of a value between two ends of an axis on the page. */
export function scaled({ ticks, logarithmic }: Axis, value: number, from: number, to: number): number {
  const [first, last] = [ticks[0] as number, ticks.at(-1) as number];
  const share = logarithmic ? Math.log(value / first) / Math.log(last / first) : (value - first) / (last - first);
  return from + share * (to - from);
}

const text = (x: number, y: number, words: string, attributes = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(words)}</text>`;

/** Heights of labels that keep a line's distance, near the ones wanted; in the order given. */
export function spread(wanted: readonly number[], distance: number, lowest: number): number[] {
  const order = wanted.map((_, index) => index).toSorted((one, other) => (wanted[one] as number) - (wanted[other] as number));
  const placed: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const index of order) placed[index] = last = Math.max(wanted[index] as number, last + distance);
  const excess = Math.max(0, last - lowest);
  let above = Number.POSITIVE_INFINITY;
  if (excess > 0)
    for (const index of order.toReversed())
      placed[index] = above = Math.min(placed[index] as number, above === Number.POSITIVE_INFINITY ? lowest : above - distance);
  return placed;
}

function frame({ x, y, title, band }: Chart): string[] {
  const atX = (value: number) => scaled(x, value, plot.left, plot.right);
  const atY = (value: number) => scaled(y, value, plot.bottom, plot.top);
  const shown = ({ format = String }: Axis, value: number) => format(value);
  return [
    text(plot.left, 24, title, 'font-size="16" font-weight="600"'),
    ...(band
      ? [
          `<rect x="${plot.left}" y="${atY(band.to).toFixed(1)}" width="${plot.right - plot.left}" height="${(atY(band.from) - atY(band.to)).toFixed(1)}" fill="#2a9d63" fill-opacity="0.14"/>`,
          text(plot.right - 6, atY(band.to) + 15, band.label, 'text-anchor="end" font-size="12"'),
        ]
      : []),
    ...y.ticks.flatMap((tick) => [
      `<line x1="${plot.left}" x2="${plot.right}" y1="${atY(tick).toFixed(1)}" y2="${atY(tick).toFixed(1)}" stroke="${ink}" stroke-opacity="0.3"/>`,
      text(plot.left - 8, atY(tick) + 4, shown(y, tick), 'text-anchor="end" font-size="12"'),
    ]),
    ...x.ticks.map((tick) => text(atX(tick), plot.bottom + 20, shown(x, tick), 'text-anchor="middle" font-size="12"')),
    text((plot.left + plot.right) / 2, plot.bottom + 44, x.label, 'text-anchor="middle" font-size="13"'),
    `<text transform="translate(18 ${(plot.top + plot.bottom) / 2}) rotate(-90)" text-anchor="middle" font-size="13">${escaped(y.label)}</text>`,
  ];
}

/** A chart of lines, each named at its end. */
export function drawChart(chart: Chart): string {
  const at = ([x, y]: readonly [number, number]) =>
    [scaled(chart.x, x, plot.left, plot.right), scaled(chart.y, y, plot.bottom, plot.top)] as const;
  const ends = chart.series.map(({ points }) => at(points.at(-1) as readonly [number, number])[1]);
  const heights = spread(ends, 17, plot.bottom);
  const lines = chart.series.flatMap(({ name, points, dashed }, index) => {
    const colour = colours[index % colours.length];
    const places = points.map((point) => at(point).map((value) => value.toFixed(1)) as [string, string]);
    const [endX, endY] = places.at(-1) as [string, string];
    const height = heights[index] as number;
    return [
      `<polyline points="${places.map((place) => place.join()).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="5 4"' : ''}/>`,
      ...places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`),
      `<line x1="${endX}" y1="${endY}" x2="${plot.right + 14}" y2="${height.toFixed(1)}" stroke="${colour}" stroke-opacity="0.4"/>`,
      `<text x="${plot.right + 18}" y="${(height + 4).toFixed(1)}" font-size="13" fill="${colour}">${escaped(name)}</text>`,
    ];
  });
  return svg(chart.title, size.height, [...frame(chart), ...lines]);
}

export interface Bar {
  name: string;
  value: number;
  /** Said to the right of it. */
  note: string;
}

const row = 26;

/** Bars from the shortest on a logarithmic axis, with a line across at one value. */
export function drawBars({
  title,
  x,
  bars,
  line,
}: {
  title: string;
  x: Axis;
  bars: readonly Bar[];
  line: { at: number; label: string };
}): string {
  const [left, right, top] = [190, 480, 56];
  const bottom = top + row * bars.length;
  const at = (value: number) => scaled(x, Math.min(Math.max(value, x.ticks[0] as number), x.ticks.at(-1) as number), left, right);
  const { format = String } = x;
  const parts = [
    text(20, 24, title, 'font-size="16" font-weight="600"'),
    ...x.ticks.flatMap((tick) => [
      `<line x1="${at(tick).toFixed(1)}" x2="${at(tick).toFixed(1)}" y1="${top - 6}" y2="${bottom}" stroke="${ink}" stroke-opacity="0.3"/>`,
      text(at(tick), bottom + 18, format(tick), 'text-anchor="middle" font-size="12"'),
    ]),
    text((left + right) / 2, bottom + 40, x.label, 'text-anchor="middle" font-size="13"'),
    ...bars.flatMap(({ name, value, note }, index) => {
      const y = top + row * index;
      const colour = value < line.at ? '#c0392b' : '#2a9d63';
      return [
        text(left - 8, y + 14, name, 'text-anchor="end" font-size="13"'),
        `<rect x="${left}" y="${y + 2}" width="${Math.max(2, at(value) - left).toFixed(1)}" height="16" rx="2" fill="${colour}" fill-opacity="0.8"/>`,
        text(right + 14, y + 14, note, 'font-size="12"'),
      ];
    }),
    `<line x1="${at(line.at).toFixed(1)}" x2="${at(line.at).toFixed(1)}" y1="${top - 12}" y2="${bottom}" stroke="${ink}" stroke-width="2" stroke-dasharray="4 3"/>`,
    text(at(line.at), top - 16, line.label, 'text-anchor="middle" font-size="12"'),
  ];
  return svg(title, bottom + 56, parts);
}

function svg(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="img" font-family="system-ui, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    '<style>text:not([fill]) { fill: #59636e } @media (prefers-color-scheme: dark) { text:not([fill]) { fill: #c9d1d9 } }</style>',
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
