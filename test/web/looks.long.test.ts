/** Every page in every look: names for controls, contrast, headings, width, and what axe-core knows. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../server/store/database.ts';
import { smallRift, smallTraining, waitForRun } from '../helpers/runs.ts';
import { looks, problemsOf, visitPlace } from './looks.ts';
import { addOtherRuns } from './other-runs.ts';
import { openPlaces, otherPlaces, placesOf } from './places.ts';
import { openWebLab, signIn } from './signed-in.ts';

const lab = openWebLab('looks');
let page: Page;
let runs: string[];

beforeAll(async () => {
  await lab.server.query('mutation { createProject(input: { name: "looks" }) { id } }');
  const { criticality, fineTune, interpolation, evaluation } = smallRift;
  const input = { project: 'looks', model: { training: smallTraining }, criticality, fineTune, interpolation, evaluation };
  const start = 'mutation ($input: StartRiftInput!) { startRift(input: $input) { id } }';
  const { startRift } = await lab.server.query<{ startRift: { id: string } }>(start, { input });
  const database = openDatabase((await readFile(join(lab.data, 'database-url'), 'utf8')).trim(), 2);
  await waitForRun(database, Number(startRift.id.slice('Run-'.length)), ['FINISHED']);
  runs = [startRift.id, ...(await addOtherRuns(database, 'looks'))];
  await database.close();
  page = await lab.browser.newPage({ reducedMotion: 'reduce' });
  page.setDefaultTimeout(60_000);
  await signIn(lab, page);
});

it('every page can be used, wide and light, narrow and dark', async () => {
  const places = [...placesOf({ runs, checkpoint: 'Checkpoint-1' }), ...openPlaces, ...otherPlaces];
  const visit = (place: string) => visitPlace(page, lab.server.origin, place);
  const found = await problemsOf(page, places, visit, (index) => (index % 2 === 0 ? looks : looks.toReversed()));
  expect(found).toEqual([]);
});
