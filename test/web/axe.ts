/** What axe-core finds wrong with a page: WCAG 2.2 A and AA, and its best practices. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** A line for each element that breaks a rule. */
export async function axeViolations(page: Page, without: readonly string[] = []): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const { violations } = await page.evaluate((options) => (window as unknown as { axe: typeof axe }).axe.run(document, options), {
    resultTypes: ['violations' as const],
    rules,
  });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ html, failureSummary = '' }) =>
        `${id}: ${help}: ${html.slice(0, 160)}: ${failureSummary.split('\n').slice(1).join(' ').slice(0, 200)}`,
    ),
  );
}
