/** Pages that tell what the content security policy refused them. */
import type { Browser, Page } from 'playwright-core';

/** A page of its own context that keeps what the browser refused or complained about. */
export async function openWatchedPage(browser: Browser, complaints: string[]): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.location().url}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  await context.exposeFunction('complain', (text: string) => complaints.push(text));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, sample }) => {
      const { complain } = window as unknown as { complain(text: string): void };
      complain(`${location.pathname}: ${violatedDirective} refused ${blockedURI} of ${sourceFile} ${sample}`);
    });
  });
  return context.newPage();
}
