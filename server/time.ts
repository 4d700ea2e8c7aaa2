/** Times as clients write them: ISO 8601, nothing else. */

const pattern = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** Minutes east of UTC; undefined where there is no such zone. */
function minutesOf(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return hours < 24 && minutes < 60 ? (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) : undefined;
}

/** A date, or a date with a time of day; UTC where no zone is written. Null for what is none, as 2026-02-30 or 24:60. */
export function readTime(text: string): Date | null {
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] = pattern.exec(text) ?? [];
  const offset = minutesOf(zone);
  if (year === undefined || year === '0000' || offset === undefined) return null;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const time = new Date(local);
  const isReal = !Number.isNaN(time.getTime()) && time.toISOString() === local;
  return isReal ? new Date(time.getTime() - offset * 60_000) : null;
}

/** Whether the text says which instant it means, wherever it is read. */
export const hasZone = (text: string) => /T.*(Z|[+-]\d\d:?\d\d)$/.test(text);
