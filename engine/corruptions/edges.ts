/** Edges by Canny's method, as OpenCV has it: Sobel gradients of 3 x 3, |dx| + |dy|, thinned, two thresholds. */

const low = 50;
const high = 150;
/** Tangents of 22.5 and 67.5 degrees, between which a gradient counts as diagonal. */
const flat = Math.SQRT2 - 1;
const steep = Math.SQRT2 + 1;

interface Area {
  height: number;
  width: number;
}

function gradients(levels: Uint8Array, { height, width }: Area): { across: Int32Array; down: Int32Array } {
  const across = new Int32Array(levels.length);
  const down = new Int32Array(levels.length);
  const clamp = (index: number, length: number) => Math.min(Math.max(index, 0), length - 1);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const at = (rows: number, columns: number) => levels[clamp(row + rows, height) * width + clamp(column + columns, width)] as number;
      const pixel = row * width + column;
      across[pixel] = at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1);
      down[pixel] = at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1);
    }
  return { across, down };
}

/** 1 where an edge is. */
export function edgesOf(levels: Uint8Array, area: Area): Uint8Array {
  const { height, width } = area;
  const { across, down } = gradients(levels, area);
  const size = across.map((value, pixel) => Math.abs(value) + Math.abs(down[pixel] as number));
  const sizeAt = (row: number, column: number) =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : (size[row * width + column] as number);
  const isRidge = (row: number, column: number) => {
    const pixel = row * width + column;
    const [dx, dy, own] = [across[pixel] as number, down[pixel] as number, size[pixel] as number];
    if (Math.abs(dy) < flat * Math.abs(dx)) return own > sizeAt(row, column - 1) && own >= sizeAt(row, column + 1);
    if (Math.abs(dy) > steep * Math.abs(dx)) return own > sizeAt(row - 1, column) && own >= sizeAt(row + 1, column);
    const side = (dx ^ dy) < 0 ? -1 : 1;
    return own > sizeAt(row - 1, column - side) && own > sizeAt(row + 1, column + side);
  };
  const thin = Uint8Array.from({ length: levels.length }, (_, pixel) =>
    (size[pixel] as number) > low && isRidge(Math.floor(pixel / width), pixel % width) ? 1 : 0,
  );
  return grown(thin, size, area);
}

/** Weak edges count where they hang together with a strong one. */
function grown(thin: Uint8Array, size: Int32Array, { height, width }: Area): Uint8Array {
  const edges = new Uint8Array(thin.length);
  const open = [...thin.keys()].filter((pixel) => thin[pixel] === 1 && (size[pixel] as number) > high);
  for (const pixel of open) edges[pixel] = 1;
  for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++)
      for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
        const other = y * width + x;
        if (thin[other] === 0 || edges[other] === 1) continue;
        edges[other] = 1;
        open.push(other);
      }
  }
  return edges;
}
