/** People in real browsers, over plain http on an address that is not loopback: signing in, roles, and what they may not do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, signInAt } from '../helpers/browser.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one && one.family === 'IPv4' && !one.internal)?.address;

let data: string;
let server: TestServer;
let browser: Browser;
let origin: string;
let admin: Page;
const contexts: BrowserContext[] = [];

async function openPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  contexts.push(context);
  return context.newPage();
}

const fromOutside = (address: string) => address.replace(/^http:\/\/[^/]+/, origin);
const home = (page: Page) => page.waitForURL(`${origin}/`);

describe.skipIf(!outside)('on a machine with an address that is not loopback', () => {
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'riftlab-test-people-'));
    [server, browser] = await Promise.all([
      startServer(data, '--no-demo', '--workers', '0', '--host', '0.0.0.0', '--public'),
      launchBrowser(),
    ]);
    origin = `http://${outside}:${new URL(server.origin).port}`;
    admin = await openPage();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGTERM');
    await rm(data, { recursive: true, force: true });
  });

  it('a one-time address signs in over plain http, with a password from then on', async () => {
    await signInAt(admin, fromOutside(server.address));
    await home(admin);
    await admin.getByText('No runs yet').waitFor();
    await admin.goto(`${origin}/account`);
    await admin.getByLabel('New password').fill('a long enough one');
    await admin.getByRole('button', { name: 'Set password' }).click();
    await admin.getByText('The password is set.').waitFor();

    const page = await openPage();
    await page.goto(`${origin}/sign-in?next=${encodeURIComponent('/checkpoints')}`);
    await page.getByLabel('E-mail').fill('admin@riftlab.local');
    await page.getByLabel('Password', { exact: true }).fill('a long enough one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${origin}/checkpoints`);
    await page.getByRole('heading', { name: 'Checkpoints' }).first().waitFor();
  });

  it.each(['/%09/evil.example/x', '/%0a/evil.example', '/%5cevil.example', '//evil.example'])('next=%s leads home', async (next) => {
    const page = await openPage();
    await page.goto(`${origin}/sign-in?next=${next}`);
    await page.getByLabel('E-mail').fill('admin@riftlab.local');
    await page.getByLabel('Password', { exact: true }).fill('a long enough one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${origin}/`, { waitUntil: 'commit' });
    await page.context().close();
  });

  it('the button of a one-time address needs no scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    contexts.push(context);
    const page = await context.newPage();
    const answer = await server.query<{ inviteUser: { address: string } }>(
      'mutation { inviteUser(email: "plain@example.org", name: "Plain") { address } }',
    );
    await signInAt(page, fromOutside(answer.inviteUser.address));
    await home(page);
    expect((await context.cookies()).map(({ name, secure }) => [name.startsWith('riftlab-'), secure])).toEqual([[true, false]]);
  });

  it('a used address says how to get a new one', async () => {
    const page = await openPage();
    await page.goto(fromOutside(server.address));
    await page.waitForURL('**/sign-in?expired');
    await page.getByRole('status').getByText('npm start -- --sign-in').waitFor();
  });

  it('copying works where the browser gives no clipboard', async () => {
    expect(await admin.evaluate(() => 'clipboard' in navigator)).toBe(false);
    await admin.goto(`${origin}/people`);
    await admin.getByLabel('Name', { exact: true }).fill('Vera');
    await admin.getByLabel('E-mail', { exact: true }).fill('vera@example.org');
    await admin.getByRole('region', { name: 'Invite someone' }).getByRole('button', { name: 'Invite' }).click();
    await admin.getByRole('button', { name: 'Copy address' }).click();
    await admin.getByRole('status').getByText('Copied', { exact: true }).waitFor();
    const address = (await admin.getByRole('region', { name: 'address', exact: true }).innerText()).trim();
    await admin.getByLabel('Name', { exact: true }).focus();
    await admin.keyboard.press('ControlOrMeta+V');
    expect(await admin.getByLabel('Name', { exact: true }).inputValue()).toBe(address);
    await admin.evaluate(() => {
      document.execCommand = () => false;
    });
    await admin.getByRole('button', { name: 'Copy address' }).click();
    await admin.getByRole('status').getByText('does not let the page copy').waitFor();

    const vera = await openPage();
    await signInAt(vera, address);
    await home(vera);
  });

  it('roles are changed and people removed, on pages that are open', async () => {
    const vera = contexts.at(-1)?.pages()[0] as Page;
    await admin.goto(`${origin}/people`);
    await admin.getByLabel('Role of Vera').selectOption('VIEWER');
    await vera.reload();
    await vera.getByText('Viewer', { exact: true }).waitFor();
    await vera.goto(`${origin}/people`);
    await vera.getByText(/This needs the role Admin; yours is Viewer/).waitFor();
  });

  it('what a VIEWER may not do is there, disabled, with the reason', async () => {
    const vera = contexts.at(-1)?.pages()[0] as Page;
    await vera.goto(`${origin}/new`);
    const start = vera.getByRole('button', { name: 'Start the run' });
    await start.waitFor();
    expect(await start.getAttribute('aria-disabled')).toBe('true');
    await start.focus();
    await vera
      .getByRole('tooltip')
      .getByText(/This needs the role Member; yours is Viewer/)
      .waitFor();
    await start.press('Enter');
    expect(new URL(vera.url()).pathname).toBe('/new');
  });

  it('an administrator cannot remove themselves, and a removed person is led to sign-in', async () => {
    const own = admin.getByRole('row', { name: /admin@riftlab\.local/ });
    expect(await own.getByRole('button', { name: 'Remove Admin' }).getAttribute('aria-disabled')).toBe('true');
    const vera = contexts.at(-1)?.pages()[0] as Page;
    await vera.goto(`${origin}/`);
    await vera.getByRole('heading', { name: 'Runs' }).first().waitFor();
    await admin.getByRole('button', { name: 'Remove Vera' }).click();
    await admin.getByRole('button', { name: 'Really remove? Vera' }).click();
    await admin.getByText('Left', { exact: true }).waitFor();
    await vera.waitForURL('**/sign-in*');
  });
});
