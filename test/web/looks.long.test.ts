/** Every page in every look: names for controls, contrast, headings, width, and what axe-core knows. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../server/store/database.ts';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { smallRift, smallTraining, waitForRun } from '../helpers/runs.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { looks, problemsOf, visitPlace } from './looks.ts';
import { addOtherRuns } from './other-runs.ts';
import { openPlaces, otherPlaces, placesOf } from './places.ts';

let data: string;
let server: TestServer;
let browser: Browser;
let page: Page;
let runs: string[];

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-looks-'));
  [server, browser] = await Promise.all([startServer(data, '--no-demo'), launchBrowser()]);
  await server.query('mutation { createProject(input: { name: "looks" }) { id } }');
  const { criticality, fineTune, interpolation, evaluation } = smallRift;
  const input = { project: 'looks', model: { training: smallTraining }, criticality, fineTune, interpolation, evaluation };
  const start = 'mutation ($input: StartRiftInput!) { startRift(input: $input) { id } }';
  const { startRift } = await server.query<{ startRift: { id: string } }>(start, { input });
  const database = openDatabase((await readFile(join(data, 'database-url'), 'utf8')).trim(), 2);
  await waitForRun(database, Number(startRift.id.slice('Run-'.length)), ['FINISHED']);
  runs = [startRift.id, ...(await addOtherRuns(database, 'looks'))];
  await database.close();
  page = await browser.newPage({ reducedMotion: 'reduce' });
  page.setDefaultTimeout(60_000);
  await signInAt(page, server.address);
  await page.waitForURL(`${server.origin}/`);
});

afterAll(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  await rm(data, { recursive: true, force: true });
});

it('every page can be used, wide and light, narrow and dark', async () => {
  const places = [...placesOf({ runs, checkpoint: 'Checkpoint-1' }), ...openPlaces, ...otherPlaces];
  const visit = (place: string) => visitPlace(page, server.origin, place);
  const found = await problemsOf(page, places, visit, (index) => (index % 2 === 0 ? looks : looks.toReversed()));
  expect(found).toEqual([]);
});
