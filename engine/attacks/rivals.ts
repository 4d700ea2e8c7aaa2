/** The classes other than the label, the likeliest first, at most so many. */
export function rivals(logits: Float32Array, label: number, most: number): number[] {
  const classes = Array.from(logits.keys()).filter((one) => one !== label);
  return classes.toSorted((first, second) => (logits[second] as number) - (logits[first] as number)).slice(0, most);
}
