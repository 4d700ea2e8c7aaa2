/** How a number was measured: in words, and as the hash by which numbers are compared. */
import { createHash } from 'node:crypto';
import { attackText } from '../attacks/description.ts';
import type { ImageSet } from '../data/splits.ts';
import type { Measurement } from './measurement.ts';

export interface Protocol {
  /** For people; as equal as the fingerprint. */
  text: string;
  /** SHA-256 of the canonical JSON of everything that makes two numbers comparable; the seed of random streams is none of it. */
  fingerprint: string;
}

/** JSON whose object keys are in alphabetical order, without white space. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const sorted = entries.toSorted(([first], [second]) => (first < second ? -1 : 1));
  return `{${sorted.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
}

function measurementText({ suite, attack, rule, corruption, severity }: Measurement): string {
  const how = [
    attack && attackText(attack),
    rule?.toLowerCase().replace('_', '-'),
    corruption && `${corruption} severity ${severity}`,
  ].filter(Boolean);
  return [suite.toLowerCase(), how.join(' ')].filter(Boolean).join(': ');
}

/** `, corrupted by CIFAR-10-C`. */
function corruptedText({ source: { corrupted } }: ImageSet): string {
  if (!corrupted) return '';
  const { by, sha256, official } = corrupted;
  return `, corruption ${sha256 === undefined ? by : `of ${by}`}${official === false ? ` of sha256 ${sha256?.slice(0, 12)}` : ''}`;
}

/** The protocol of a measurement on a set. */
export function protocolOf(measurement: Measurement, set: ImageSet): Protocol {
  const { dataset, name, sha256, official, corrupted } = set.source;
  const images = official ? '' : ` of sha256 ${sha256.slice(0, 12)}`;
  return {
    text: `${measurementText(measurement)}; ${set.description}${images}${corruptedText(set)}`,
    fingerprint: createHash('sha256')
      .update(canonicalJson({ ...measurement, data: { dataset, split: name, sha256, images: set.count, corrupted } }))
      .digest('hex'),
  };
}

/**
 * Matches, within a protocol's text, where the corruptions come from: `corruption computed here`, `corruption of CIFAR-10-C`. A database
 * reads it too.
 */
export const corruptionSource = ', (corruption [^,]*)$';
