/** What a VIEWER finds on every page, and refusals where they happen, in a real browser on the server that `npm start` starts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { addCheckpoint, addRun } from '../server/api/records.ts';
import { placesOf } from './places.ts';

let data: string;
let fresh: FreshDatabase;
let server: TestServer;
let browser: Browser;
let viewer: Page;
let checkpoint: string;
const runs: Record<string, string> = {};
/** Codes of what the viewer's page was refused. */
const refused: string[] = [];

async function openPage(): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  return { context, page: await context.newPage() };
}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-access-'));
  fresh = await freshDatabase();
  [server, browser] = await Promise.all([startServer(data, { DATABASE_URL: fresh.url }, '--no-demo', '--workers', '0'), launchBrowser()]);
  const at = new Date();
  for (const state of ['FAILED', 'CANCELLED', 'FINISHED', 'RUNNING', 'QUEUED'] as const) {
    const error = state === 'FAILED' ? { errorMessage: 'The disk was full.', errorResumable: true } : {};
    const name = state.toLowerCase();
    runs[name] = `Run-${await addRun(fresh.database, { name, tags: { fold: '1' }, data: { state, startedAt: at, ...error } })}`;
  }
  runs.deleted = `Run-${await addRun(fresh.database, { name: 'gone', data: { state: 'FINISHED', startedAt: at, deletedAt: at } })}`;
  checkpoint = await addCheckpoint(fresh.database, 'SMALL_CNN', 'mnist');
  const { inviteUser } = await server.query<{ inviteUser: { address: string } }>(
    'mutation { inviteUser(email: "vera@example.org", name: "Vera", role: VIEWER) { address } }',
  );
  viewer = (await openPage()).page;
  await signInAt(viewer, inviteUser.address);
  await viewer.waitForURL(`${server.origin}/`);
  viewer.on('response', async (response) => {
    if (!response.url().endsWith('/graphql') || response.request().method() !== 'POST') return;
    const { errors = [] } = (await response.json().catch(() => ({}))) as { errors?: { extensions: { code: string } }[] };
    refused.push(...errors.map(({ extensions }) => extensions.code));
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  await fresh?.drop();
  await rm(data, { recursive: true, force: true });
});

async function visit(page: Page, place: string): Promise<void> {
  await page.goto(server.origin + place);
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle').catch(() => {});
  await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
}

const controls = 'main button, main select, main [role=switch]';

/** The first control of the viewer's page that can be used and is called none of these. */
const unpressed = (pressed: string[]) =>
  viewer.evaluate(
    ({ controls, pressed }) => {
      const all = [...document.querySelectorAll<HTMLElement>(controls)];
      const labels = all.map((control) => control.getAttribute('aria-label') ?? control.innerText);
      const isUsable = (control: HTMLElement) =>
        !control.matches(':disabled, [aria-disabled=true]') && control.checkVisibility({ visibilityProperty: true });
      const index = all.findIndex((control, at) => !pressed.includes(labels[at] as string) && isUsable(control));
      return index < 0 ? undefined : { index, label: labels[index] as string };
    },
    { controls, pressed },
  );

/** A control that says it is disabled says why, to those who see and to those who hear, and its focus can be left. */
async function reasonOf(page: Page, control: Locator): Promise<string> {
  await control.focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  const ids = ((await control.getAttribute('aria-describedby')) ?? '').split(' ');
  const texts = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).first().textContent()));
  const reason = texts.find((text) => text?.includes('role')) ?? '';
  await page.getByRole('tooltip').getByText(reason).first().waitFor();
  await page.keyboard.press('Tab');
  return reason;
}

const reason = /This needs the role Member; yours is Viewer/;

describe('a VIEWER', () => {
  it.each([
    ['cancelled', ['Resume', 'Delete', 'Rename the run', 'Remove the tag fold', 'Add the tag']],
    ['failed', ['Resume', 'Delete']],
    ['finished', ['Delete']],
    ['running', ['Cancel']],
    ['queued', ['Cancel']],
    ['deleted', ['Restore']],
  ])('sees what they may not do with a %s run, and why', async (name, buttons) => {
    await visit(viewer, `/runs/${runs[name]}`);
    for (const button of buttons) {
      const control = viewer.getByRole('button', { name: button, exact: true });
      expect(await control.getAttribute('aria-disabled'), button).toBe('true');
      expect(await reasonOf(viewer, control)).toMatch(reason);
      await control.press('Enter');
      await control.click({ force: true });
    }
    expect(refused).toEqual([]);
  });

  it('sees the same of runs that are chosen in the list', async () => {
    await visit(viewer, '/runs');
    await viewer.getByRole('checkbox', { name: 'Choose finished', exact: true }).and(viewer.locator(':visible')).check();
    const remove = viewer.getByRole('toolbar', { name: 'Chosen runs' }).getByRole('button', { name: 'Delete' });
    expect(await reasonOf(viewer, remove)).toMatch(reason);
    await remove.press('Enter');
    expect(refused).toEqual([]);
  });

  it('is refused by none of the controls of any page that are not marked', async () => {
    const pressed: string[] = [];
    for (const place of placesOf({ runs: [runs.cancelled ?? ''], checkpoint })) {
      await visit(viewer, place);
      const address = viewer.url();
      const isElsewhere = () => new URL(viewer.url()).pathname !== new URL(address).pathname;
      for (;;) {
        const next = await unpressed(pressed);
        if (next) {
          pressed.push(next.label);
          await viewer
            .locator(controls)
            .nth(next.index)
            .press('Enter')
            .catch(() => {});
          await viewer.keyboard.press('Escape');
        } else if (viewer.url() === address) break;
        // A control may have led away, or to other parts of the page; those that were there at first are seen again in the end.
        if (!next || isElsewhere()) await visit(viewer, place);
      }
      expect(refused, place).toEqual([]);
    }
    expect(pressed.length).toBeGreaterThan(20);
  });
});

describe('a refusal', () => {
  it('is shown where it happened, on a page that did not hear of the change', async () => {
    const { context, page } = await openPage();
    const sockets: WebSocketRoute[] = [];
    let isDeaf = false;
    await context.routeWebSocket(/\/graphql$/, (socket) => {
      const behind = socket.connectToServer();
      behind.onMessage((message) => {
        if (!isDeaf) socket.send(message);
      });
      sockets.push(socket);
    });
    await signInAt(
      page,
      (
        await server.query<{ inviteUser: { address: string } }>(
          'mutation { inviteUser(email: "max@example.org", name: "Max", role: MEMBER) { address } }',
        )
      ).inviteUser.address,
    );
    await page.waitForURL(`${server.origin}/`);
    await visit(page, `/runs/${runs.cancelled}`);
    isDeaf = true;
    await fresh.database.prisma.run.update({ where: { id: Number(runs.cancelled?.split('-')[1]) }, data: { state: 'FINISHED' } });
    await page.getByRole('button', { name: 'Resume' }).click();
    const alert = page.locator('main').getByRole('alert').filter({ hasText: 'The run could not be resumed' });
    await alert.waitFor();
    expect(await page.locator('.mantine-Notification-root').count()).toBe(0);
    await context.close();
  });
});

describe('an administrator', () => {
  it('sees that their own role is not theirs to change, and why', async () => {
    const { context, page } = await openPage();
    await signInAt(page, server.address);
    await page.waitForURL(`${server.origin}/`);
    await visit(page, '/people');
    const own = page.getByLabel('Role of Admin');
    await own.focus();
    await page.getByRole('tooltip').getByText('This is you. Another administrator can change what you may do.').waitFor();
    await own.press('ArrowUp');
    await own.press('V');
    expect(await own.inputValue()).toBe('ADMIN');
    await context.close();
  });
});
