/** What keeps people from using a page, in each of its looks. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { axeViolations } from './axe.ts';
import { pageProblems } from './page-problems.ts';

export const looks = [
  { name: 'wide and light', width: 1440, colorScheme: 'light' },
  { name: 'narrow and dark', width: 390, colorScheme: 'dark' },
] as const;

export type Look = (typeof looks)[number];

/** Opens a page, until whatever is to be seen there has been read and drawn. */
export async function visitPlace(page: Page, origin: string, place: string): Promise<void> {
  await page.goto(origin + place);
  await page.locator('h1, .graphiql-container').first().waitFor({ state: 'visible' });
  // No longer than this: of a worker that a page makes of its own text, as the editor does, the browser may never say that it is read.
  await page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => {});
  await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
}

async function take(page: Page, { width, colorScheme }: Look): Promise<void> {
  await page.setViewportSize({ width, height: 844 });
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const passing = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(passing.map(({ finished }) => finished));
  });
}

/**
 * A line for each problem. Every place is opened once, in the first of its looks, and changes to the others.
 * @param looksOf those of the place of an index
 */
export async function problemsOf(
  page: Page,
  places: readonly string[],
  visit: (place: string) => Promise<void>,
  looksOf: (index: number) => readonly Look[],
): Promise<string[]> {
  const problems: string[] = [];
  for (const [index, place] of places.entries()) {
    for (const [turn, look] of looksOf(index).entries()) {
      await take(page, look);
      // The editor has colours that it takes when it opens.
      if (turn === 0 || place === '/graphql') await visit(place);
      const note = (found: string[]) => problems.push(...found.map((problem) => `${place}, ${look.name}: ${problem}`));
      if (place !== '/graphql') note(await page.evaluate(pageProblems));
      // The editor's own tabs hold their buttons; nothing outside of it can change that.
      note(await axeViolations(page, place === '/graphql' ? ['nested-interactive'] : []));
    }
    expect(await page.title(), place).toMatch(/RiftLab/);
  }
  return problems;
}
