/** Attacks as a person writes them: SQUARE queries=1000, PGD epsilon=4/255 stepSize=1/255. */
import { numberOf, writtenNumber } from './numbers.ts';
import type { Item } from './values.ts';

/** Fields of AttackInput; every other setting is one of its options. */
const plain = ['epsilon', 'steps', 'restarts', 'queries'];

const settingOf = (text: string): unknown => (text === 'true' ? true : text === 'false' ? false : (numberOf(text) ?? text));

export function readAttack(text: string): Item {
  const [name = '', ...settings] = text.trim().split(/\s+/);
  const pairs = settings.map((setting) => {
    const [key = '', ...value] = setting.split('=');
    return [key, settingOf(value.join('='))] as const;
  });
  const options = pairs.filter(([key]) => !plain.includes(key));
  return {
    name: name.toUpperCase(),
    ...Object.fromEntries(pairs.filter(([key]) => plain.includes(key))),
    ...(options.length > 0 && { options: Object.fromEntries(options) }),
  };
}

export function writeAttack({ name, options, ...settings }: Item): string {
  const pairs = Object.entries({ ...settings, ...(options as Item | undefined) }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return [String(name), ...pairs.map(([key, value]) => `${key}=${typeof value === 'number' ? writtenNumber(value) : value}`)].join(' ');
}
