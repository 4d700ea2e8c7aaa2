/** What the pages let run: their own scripts alone. In a real browser, on the server that `npm start` starts; what is written into records is in hostile-records.long.test.ts. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { visitPlace } from './looks.ts';
import { openWatchedPage } from './watched-page.ts';

/** For a machine that does much else. */
const patience = { timeout: 60_000 };

import { openWebLab, signIn } from './signed-in.ts';

const lab = openWebLab('security', '--workers', '0');
let page: Page;
/** What the browser refused or complained about, by page. */
const complaints: string[] = [];

beforeAll(async () => {
  page = await openWatchedPage(lab.browser, complaints);
  await signIn(lab, page);
});

const visit = (place: string) => visitPlace(page, lab.server.origin, place);

const intruded = () => page.evaluate(() => 'intruded' in window);

describe('the content security policy', () => {
  it('lets the editor ask and answer', async () => {
    await visit('/sign-in');
    // The editor keeps what it shows, also the nothing of a page that was left before it had begun.
    await page.evaluate(() => localStorage.clear());
    await visit('/graphql');
    await expect.poll(() => page.locator('.graphiql-query-editor').innerText(), patience).toContain('viewer');
    await page.getByRole('button', { name: /execute/i }).click();
    await expect.poll(() => page.locator('.graphiql-response').innerText(), patience).toContain('totalCount');
    expect(complaints.splice(0)).toEqual([]);
  });

  it.each(['/', '/sign-in', '/graphql', '/nowhere'])('of %s allows no script but its own', async (path) => {
    const response = await fetch(lab.server.origin + path, { headers: { accept: 'text/html', cookie: await cookie() } });
    const policy = new Map(
      (response.headers.get('content-security-policy') ?? '').split('; ').map((part) => part.split(/ (.*)/) as [string, string]),
    );
    expect(policy.get('script-src')).toMatch(path === '/graphql' ? /^('sha256-[\w+/]+=*' ?)+$/ : /^'self' 'nonce-[\w-]{24}'$/);
    const { host } = new URL(lab.server.origin);
    expect(policy.get('connect-src')).toBe(`'self' ws://${host} wss://${host}`);
    expect(policy.get('form-action')).toBe("'self'");
    for (const name of ['default-src', 'frame-ancestors', 'base-uri', 'object-src']) expect(policy.get(name), name).toBe("'none'");
    const scripts = [...(await response.text()).matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes ?? '');
    expect(scripts.length).toBeGreaterThan(0);
    const nonce = /'nonce-([\w-]+)'/.exec(policy.get('script-src') ?? '')?.[1];
    if (nonce) for (const attributes of scripts) expect(attributes).toContain(`nonce="${nonce}"`);
  });

  it('has another nonce for every request, whatever the request says', async () => {
    const ask = async () => {
      const headers = { 'content-security-policy': "script-src 'nonce-mine'", 'x-nonce': 'mine' };
      const response = await fetch(`${lab.server.origin}/sign-in`, { headers });
      expect(response.headers.get('cache-control')).toContain('no-store');
      expect(await response.text()).not.toContain('nonce="mine"');
      return response.headers.get('content-security-policy');
    };
    expect(await ask()).not.toBe(await ask());
  });

  it.each(['/', '/graphql'])('keeps a script from running that got into the document of %s', async (path) => {
    await visit(path);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.intruded = 1';
      const image = document.createElement('div');
      image.innerHTML = '<img src="x" onerror="window.intruded = 1">';
      const frame = document.createElement('iframe');
      frame.srcdoc = '<script>parent.intruded = 1</script>';
      const address = document.createElement('a');
      address.href = 'javascript:void(window.intruded = 1)';
      document.body.append(script, image, frame, address);
      address.click();
      const base = document.createElement('base');
      base.href = 'http://example.org/';
      document.head.append(base);
      setTimeout('window.intruded = 1');
    });
    await expect
      .poll(() => new Set(complaints.map((text) => /(\S+) refused/.exec(text)?.[1])), patience)
      .toEqual(new Set([undefined, 'script-src-elem', 'script-src-attr', 'base-uri', 'script-src']));
    expect(await intruded()).toBe(false);
    complaints.splice(0);
  });

  it('keeps pages out of the frames of others', async () => {
    const other = await lab.browser.newPage();
    await other.setContent(`<iframe src="${lab.server.origin}/sign-in"></iframe>`);
    await expect.poll(() => other.frames()[1]?.url(), patience).toMatch(/^chrome-error:/);
    await other.close();
  });
});

async function cookie(): Promise<string> {
  return (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
}

describe('an address of pages', () => {
  it.each([
    ['GET', '/runs/%E0%A4%A', 400],
    ['GET', '/runs/%', 400],
    ['GET', '/runs/%00', 400],
    ['GET', '/runs/%ff', 400],
    ['POST', '/runs', 405],
    ['DELETE', '/', 405],
    ['GET', '/api/nothing', 404],
    ['POST', '/api', 404],
  ])('that cannot be read or is no page is refused in JSON: %s %s', async (method, path, status) => {
    const headers = { 'next-action': 'a'.repeat(40), 'content-type': 'text/plain' };
    const answer = await fetch(lab.server.origin + path, method === 'POST' ? { method, headers, body: '[]' } : { method });
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { errors: { message: string }[] }).errors[0]?.message).toBeTruthy();
  });
});
