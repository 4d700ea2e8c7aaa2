/** What a VIEWER finds, and refusals where they happen, in a real browser on the server that `npm start` starts. */
import type { Locator, Page, WebSocketRoute } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { signInAt } from '../helpers/browser.ts';
import { openPage, openViewerLab, visit } from './viewer-lab.ts';

const lab = openViewerLab();

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
    await visit(lab, lab.viewer, `/runs/${lab.runs[name]}`);
    for (const button of buttons) {
      const control = lab.viewer.getByRole('button', { name: button, exact: true });
      expect(await control.getAttribute('aria-disabled'), button).toBe('true');
      expect(await reasonOf(lab.viewer, control)).toMatch(reason);
      await control.press('Enter');
      await control.click({ force: true });
    }
    expect(lab.refused).toEqual([]);
  });

  it('sees the same of runs that are chosen in the list', async () => {
    await visit(lab, lab.viewer, '/runs');
    await lab.viewer.getByRole('checkbox', { name: 'Choose finished', exact: true }).and(lab.viewer.locator(':visible')).check();
    const remove = lab.viewer.getByRole('toolbar', { name: 'Chosen runs' }).getByRole('button', { name: 'Delete' });
    expect(await reasonOf(lab.viewer, remove)).toMatch(reason);
    await remove.press('Enter');
    expect(lab.refused).toEqual([]);
  });
});

describe('a refusal', () => {
  it('is shown where it happened, on a page that did not hear of the change', async () => {
    const { context, page } = await openPage(lab);
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
        await lab.server.query<{ inviteUser: { address: string } }>(
          'mutation { inviteUser(email: "max@example.org", name: "Max", role: MEMBER) { address } }',
        )
      ).inviteUser.address,
    );
    await page.waitForURL(`${lab.server.origin}/`);
    await visit(lab, page, `/runs/${lab.runs.cancelled}`);
    isDeaf = true;
    await lab.fresh.database.prisma.run.update({ where: { id: Number(lab.runs.cancelled?.split('-')[1]) }, data: { state: 'FINISHED' } });
    await page.getByRole('button', { name: 'Resume' }).click();
    const alert = page.locator('main').getByRole('alert').filter({ hasText: 'The run could not be resumed' });
    await alert.waitFor();
    expect(await page.locator('.mantine-Notification-root').count()).toBe(0);
    await context.close();
  });
});

describe('an administrator', () => {
  it('sees that their own role is not theirs to change, and why', async () => {
    const { context, page } = await openPage(lab);
    await signInAt(page, lab.server.address);
    await page.waitForURL(`${lab.server.origin}/`);
    await visit(lab, page, '/people');
    const own = page.getByLabel('Role of Admin');
    await own.focus();
    await page.getByRole('tooltip').getByText('This is you. Another administrator can change what you may do.').waitFor();
    await own.press('ArrowUp');
    await own.press('V');
    expect(await own.inputValue()).toBe('ADMIN');
    await context.close();
  });
});
