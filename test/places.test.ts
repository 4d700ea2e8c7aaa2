/** A page that the sweeps over every page do not know would never be looked at. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openPlaces, placesOf } from './web/places.ts';

const app = join(import.meta.dirname, '../web/app');

/** /runs/[id], without groups. */
const routes = readdirSync(app, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('page.tsx'))
  .map(
    (file) =>
      `/${file
        .split('/')
        .slice(0, -1)
        .filter((part) => !part.startsWith('('))
        .join('/')}`,
  );

it('every page of the dashboard is among the places that the tests of all pages look at', () => {
  const places = [...placesOf({ runs: ['Run-1'], checkpoint: 'Checkpoint-1' }), ...openPlaces].map((place) => place.split('?')[0] ?? '');
  const matches = (route: string) => new RegExp(`^${route.replaceAll(/\[\w+\]/g, '[^/]+')}$`);
  expect(routes.length).toBeGreaterThan(8);
  expect(routes.filter((route) => !places.some((place) => matches(route).test(place)))).toEqual([]);
});
