/** Pages whose connection, database or session goes away, in a real browser behind relays that misbehave as networks do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';
import { addRun } from '../server/api/records.ts';

let data: string;
let fresh: FreshDatabase;
let server: TestServer;
let toDatabase: TcpProxy;
let toServer: TcpProxy;
/** Of the server as the browser sees it. */
let origin: string;
let browser: Browser;
let context: BrowserContext;
let run: number;

const password = 'a password for tests';

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-connection-'));
  fresh = await freshDatabase();
  const { hostname, port } = new URL(fresh.url);
  toDatabase = await startProxy({ host: hostname, port: Number(port) });
  const database = new URL(fresh.url);
  database.host = `127.0.0.1:${toDatabase.port}`;
  const environment = { DATABASE_URL: database.toString() };
  [server, browser] = await Promise.all([startServer(data, environment, '--no-demo', '--workers', '0'), launchBrowser()]);
  toServer = await startProxy({ host: '127.0.0.1', port: Number(new URL(server.origin).port) });
  origin = `http://127.0.0.1:${toServer.port}`;

  const started = new Date(Date.now() - 65_000);
  run = await addRun(fresh.database, { name: 'first name', data: { kind: 'EXTERNAL', state: 'RUNNING', startedAt: started } });
  const progress = { progressDone: 100, progressTotal: 1000, progressRate: 5, progressUnit: 'images' };
  await fresh.database.prisma.stage.create({
    data: { runId: run, position: 0, name: 'TRAINING', state: 'RUNNING', startedAt: started, ...progress },
  });
  context = await newContext();
  const page = await context.newPage();
  await signInAt(page, server.address.replace(server.origin, origin));
  await seen(page.getByRole('link', { name: 'first name' }));
  const status = await page.evaluate(
    (newPassword) =>
      fetch('/api/auth/set-password', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ newPassword }),
      }).then((response) => response.status),
    password,
  );
  expect(status).toBe(200);
  await page.close();
});

afterEach(async () => {
  toServer.admit();
  toDatabase.admit();
  for (const page of context.pages()) await page.close();
});

afterAll(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  await toServer?.close();
  await toDatabase?.close();
  await fresh?.drop();
  await rm(data, { recursive: true, force: true });
});

async function newContext(): Promise<BrowserContext> {
  const made = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  made.setDefaultTimeout(60_000);
  return made;
}

const seen = (locator: Locator, timeout = 60_000) => locator.first().waitFor({ state: 'visible', timeout });
const gone = (locator: Locator) => locator.first().waitFor({ state: 'detached', timeout: 60_000 });

async function openList(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  await seen(page.getByRole('row', { name: /Running/ }));
  await page.evaluate(() => Object.assign(window, { stayed: true }));
  return page;
}

const stayed = (page: Page) => page.evaluate(() => 'stayed' in window);
const notice = (page: Page) => page.getByRole('status').filter({ hasText: /The connection is lost: data as of \d\d:\d\d:\d\d/ });
const rename = (name: string) =>
  server.query('mutation ($id: ID!, $name: String) { updateRun(id: $id, name: $name) { id } }', { id: `Run-${run}`, name });

describe('a page', () => {
  it('notices a connection that died in silence, marks what it shows, and reads again what it missed', async () => {
    const page = await openList();
    await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/graphql')));
    toServer.freeze();
    await rename('renamed in the dark');
    await seen(notice(page));
    await seen(page.getByRole('row', { name: /first name/ }).getByText(/Running as of \d\d:\d\d:\d\d/));
    toServer.admit();
    await gone(notice(page));
    await seen(page.getByRole('link', { name: 'renamed in the dark' }));
    await seen(page.getByText('Running', { exact: true }));
    expect(await stayed(page)).toBe(true);
  });

  it('stops the clock of a run whose end it could not have heard of', async () => {
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(`${origin}/runs/Run-${run}`);
    const elapsed = page.locator('dt', { hasText: /^Elapsed$/ }).locator('xpath=following-sibling::dd[1]');
    await seen(elapsed);
    toServer.refuse();
    await seen(notice(page));
    const before = await elapsed.innerText();
    await page.clock.runFor(5000);
    expect(await elapsed.innerText()).toBe(before);
    const left = page.locator('dt', { hasText: /^Time left$/ }).locator('xpath=following-sibling::dd[1]');
    expect(await left.innerText()).toBe('about 3 min, when last heard');
    await seen(page.getByRole('list', { name: 'Stages' }).getByText('3 min left, when last heard'));
    toServer.admit();
    await gone(notice(page));
    expect(await left.innerText()).toBe('about 3 min');
    await expect.poll(() => elapsed.innerText(), { timeout: 40_000 }).not.toBe(before);
  });

  it('says what of a run could not be read, and reads it when it is asked to', async () => {
    const page = await context.newPage();
    const refused = { errors: [{ message: 'An error of the server, 7f3a.', extensions: { code: 'INTERNAL' } }], data: null };
    await page.route('**/graphql', (route) =>
      /"operationName":"Run(Records|Log)"/.test(route.request().postData() ?? '') ? route.fulfill({ json: refused }) : route.continue(),
    );
    await page.goto(`${origin}/runs/Run-${run}`);
    const alert = page.getByRole('alert').filter({ hasText: 'Not all that is recorded of this run could be read' });
    await seen(alert.getByText('An error of the server, 7f3a.'));
    await seen(page.getByText('The log could not be read.'));
    expect(await page.getByText('in a moment').count()).toBe(0);
    await page.unroute('**/graphql');
    await alert.getByRole('button', { name: 'Read it again' }).click();
    await gone(alert);
    await seen(page.getByText('Nothing has been logged yet.'));
  });

  it('comes back by itself when the database was away while it reconnected', async () => {
    const page = await openList();
    const download = () => fetch(`${server.origin}/api/checkpoints/Checkpoint-1`, { headers: { authorization: 'Bearer riftlab_x' } });
    expect((await download()).status).toBe(401);
    let attempts = 0;
    page.on('websocket', () => attempts++);
    toDatabase.refuse();
    toServer.cut();
    await seen(notice(page));
    const away = await download();
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5']);
    const asked = await fetch(`${server.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer riftlab_x' },
      body: '{"query":"{ viewer { name } }"}',
    });
    expect(asked.status).toBe(503);
    expect(asked.headers.get('content-type')).toContain('application/json');
    expect(await asked.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    await expect.poll(() => attempts, { timeout: 60_000 }).toBeGreaterThan(2);
    expect(new URL(page.url()).pathname).not.toBe('/sign-in');
    toDatabase.admit();
    await expect
      .poll(
        () =>
          rename('renamed after the outage').then(
            () => true,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true);
    await gone(notice(page));
    await seen(page.getByRole('link', { name: 'renamed after the outage' }));
    expect(await stayed(page)).toBe(true);
  });

  it('comes back from a close that the protocol calls final', async () => {
    const other = await newContext();
    await other.addCookies(await context.cookies());
    const sockets: WebSocketRoute[] = [];
    await other.routeWebSocket(/\/graphql$/, (socket) => {
      socket.connectToServer();
      sockets.push(socket);
    });
    const page = await other.newPage();
    await page.goto(`${origin}/`);
    await seen(page.getByRole('row', { name: /Running/ }));
    await expect.poll(() => sockets.length, { timeout: 40_000 }).toBeGreaterThan(0);
    await gone(notice(page));
    await sockets.at(-1)?.close({ code: 1011, reason: 'a proxy gave up' });
    await seen(notice(page));
    await rename('renamed behind a proxy');
    await seen(page.getByRole('link', { name: 'renamed behind a proxy' }));
    await gone(notice(page));
    await rename('renamed live again');
    await seen(page.getByRole('link', { name: 'renamed live again' }));
    await other.close();
  });

  it('reads again what it missed before its first connection', async () => {
    const other = await newContext();
    await other.addCookies(await context.cookies());
    let admit = () => {};
    const admitted = new Promise<void>((resolve) => {
      admit = resolve;
    });
    let refused = 0;
    await other.routeWebSocket(/\/graphql$/, async (socket) => {
      if (refused++ === 0) await socket.close({ code: 1011, reason: 'a proxy gave up' });
      else await admitted.then(() => socket.connectToServer());
    });
    const page = await other.newPage();
    await page.goto(`${origin}/`);
    await seen(page.getByRole('row', { name: /Running/ }));
    await seen(notice(page));
    await rename('renamed before the first connection');
    admit();
    await seen(page.getByRole('link', { name: 'renamed before the first connection' }));
    await other.close();
  });

  it('leads to sign-in when the session has ended, and back to where it was', async () => {
    const page = await context.newPage();
    await page.goto(`${origin}/runs/Run-${run}`);
    await page.getByRole('textbox', { name: 'Notes' }).fill('half a sentence');
    const { email } = await fresh.database.prisma.user.findFirstOrThrow();
    await fresh.database.prisma.session.deleteMany();
    toServer.cut();
    await page.waitForURL(`**/sign-in?next=%2Fruns%2FRun-${run}`);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').first().fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${origin}/runs/Run-${run}`);
    await expect.poll(() => page.getByRole('textbox', { name: 'Notes' }).inputValue(), { timeout: 40_000 }).toBe('half a sentence');
    await page.getByRole('button', { name: 'Discard' }).click();
  });
});

describe('a clock that is wrong', () => {
  it.each([-10, 10])('by %i minutes changes no time that a page shows', async (minutes) => {
    const other = await newContext();
    await other.addCookies(await context.cookies());
    await other.addInitScript((shift) => {
      const Real = Date;
      const now = () => Real.now() + shift;
      globalThis.Date = new Proxy(Real, {
        construct: (target, parts) => Reflect.construct(target, parts.length === 0 ? [now()] : parts),
        get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
      });
    }, minutes * 60_000);
    const { id } = await fresh.database.prisma.run.findFirstOrThrow();
    const at = new Date(Date.now() - 125_000);
    await fresh.database.prisma.run.update({ where: { id }, data: { createdAt: at, startedAt: at } });
    const page = await other.newPage();
    await page.goto(`${origin}/`);
    await seen(page.getByRole('row', { name: /Running/ }).getByText(/^[23] min ago$/));
    await page.goto(`${origin}/runs/Run-${id}`);
    await seen(page.getByText(/^[23] min( \d+ s)?$/));
    await other.close();
  });
});

describe('two people in one note', () => {
  it('are warned before the second overwrites the first, and both texts are kept', async () => {
    const [one, two] = await Promise.all([context.newPage(), context.newPage()]);
    const notesOf = (page: Page) => page.getByRole('textbox', { name: 'Notes' });
    const save = (page: Page) => page.getByRole('button', { name: 'Save notes' });
    for (const page of [one, two]) await page.goto(`${origin}/runs/Run-${run}`);
    await notesOf(one).fill('What Ada saw.');
    await notesOf(two).fill('What Grace saw.');
    await save(one).click();
    await gone(save(one));
    const warning = two.getByRole('alert').filter({ hasText: 'Somebody else has changed these notes' });
    await seen(warning);
    expect(await warning.innerText()).toContain('What Ada saw.');
    expect(await notesOf(two).inputValue()).toBe('What Grace saw.');
    expect(await save(two).count()).toBe(0);
    await two.getByRole('button', { name: 'Put both together' }).click();
    await save(two).click();
    await gone(save(two));
    await expect.poll(() => notesOf(one).inputValue(), { timeout: 40_000 }).toBe('What Ada saw.\n\nWhat Grace saw.');
  });

  it('are refused by the API when the notes are others than were read', async () => {
    const write = (before: string) =>
      server.query('mutation ($id: ID!, $before: String) { updateRun(id: $id, notes: "mine", notesBefore: $before) { notes } }', {
        id: `Run-${run}`,
        before,
      });
    const { notes } = await fresh.database.prisma.run.findUniqueOrThrow({ where: { id: run } });
    await expect(write(`${notes} and more`)).rejects.toThrow(/CONFLICT.*notesBefore/);
    expect((await fresh.database.prisma.run.findUniqueOrThrow({ where: { id: run } })).notes).toBe(notes);
    expect(await write(notes)).toEqual({ updateRun: { notes: 'mine' } });
  });
});
