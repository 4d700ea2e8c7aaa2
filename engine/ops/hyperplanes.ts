/** Nearest points of hyperplanes within the box of pixels, for attacks that walk along the decision boundary. */

/**
 * Writes into `offset` the shortest d in l-infinity with normal . (point + d) = target and point + d in [0, 1]; where no such point
 * exists, the d that comes closest. Returns the largest |d|.
 *
 * Every pixel moves the same way, as far as the box lets it: |d_i| = min(length, room_i). The reach of a length, the sum of
 * |normal_i| min(length, room_i), is concave and piecewise linear, so that Newton's method climbs from the left to the length
 * in a few steps and ends exactly.
 */
export function toHyperplane(point: Float32Array, normal: Float32Array, target: number, offset: Float64Array): number {
  const size = point.length;
  let value = 0;
  let weight = 0;
  for (let pixel = 0; pixel < size; pixel++) {
    const slope = normal[pixel] as number;
    value += slope * (point[pixel] as number);
    weight += slope < 0 ? -slope : slope;
  }
  const away = value - target;
  const sign = away >= 0 ? -1 : 1;
  const distance = Math.abs(away);
  // offset holds the room of every pixel in its direction until the length is known; below 0 where it does not move.
  for (let pixel = 0; pixel < size; pixel++) {
    const slope = (normal[pixel] as number) * sign;
    offset[pixel] = slope > 0 ? 1 - (point[pixel] as number) : slope < 0 ? (point[pixel] as number) : -1;
  }
  const length = lengthFor(distance, weight, normal, offset);
  let longest = 0;
  for (let pixel = 0; pixel < size; pixel++) {
    const room = offset[pixel] as number;
    const moved = room < 0 ? 0 : room < length ? room : length;
    if (moved > longest) longest = moved;
    offset[pixel] = (normal[pixel] as number) * sign > 0 ? moved : -moved;
  }
  return longest;
}

/** The length whose reach is the distance; infinite where none is. */
function lengthFor(distance: number, weight: number, normal: Float32Array, rooms: Float64Array): number {
  let length = weight > 0 ? distance / weight : Number.POSITIVE_INFINITY;
  for (;;) {
    let blocked = 0;
    let free = 0;
    for (let pixel = 0; pixel < rooms.length; pixel++) {
      const room = rooms[pixel] as number;
      const slope = Math.abs(normal[pixel] as number);
      if (room >= length) free += slope;
      else if (room > 0) blocked += slope * room;
    }
    if (free === 0) return Number.POSITIVE_INFINITY;
    const longer = (distance - blocked) / free;
    if (!(longer > length * (1 + 1e-12))) return length;
    length = longer;
  }
}
