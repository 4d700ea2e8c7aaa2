/** What a wheel's file name says, and ranges of versions as a requirement has them. */

const machines = { x64: 'x86_64', arm64: 'aarch64' };

/** Project and version in a wheel's file name; undefined for other files and for wheels of other machines. */
export function readName(filename) {
  const [, project, version, platform] = /^([^-]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-([^-]+)\.whl$/.exec(filename) ?? [];
  const fits = platform
    ?.split('.')
    .some((tag) => tag === 'any' || (/^(many)?linux/.test(tag) && tag.endsWith(machines[process.arch] ?? '?')));
  return fits ? { filename, project: project.toLowerCase().replaceAll('_', '-'), version } : undefined;
}

/** Negative, zero or positive, as a is older, equal or newer. */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let at = 0; at < Math.max(left.length, right.length); at++)
    if ((left[at] ?? 0) !== (right[at] ?? 0)) return (left[at] ?? 0) - (right[at] ?? 0);
  return 0;
}

const comparisons = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
};

/** Whether a release is in a range as `<13.0,>=12.5.3`; release candidates are in none. */
export function satisfies(version, range) {
  if (!/^\d+(\.\d+)*$/.test(version)) return false;
  return range.split(',').every((part) => {
    const [, operator, limit] = /^\s*([<>=!]=?)\s*([\d.]+)\s*$/.exec(part) ?? [];
    return comparisons[operator]?.(compareVersions(version, limit)) ?? false;
  });
}
