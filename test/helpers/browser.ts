/** A headless Chromium for tests: the machine's own, or the one that ships inside @sparticuz/chromium. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const cache = resolve(import.meta.dirname, '../../node_modules/.cache/chromium');

export async function launchBrowser(): Promise<Browser> {
  const own = installed.find((path) => existsSync(path));
  if (own) return chromium.launch({ executablePath: own, args: flags });
  const folder = unpacked();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: flags,
    env: {
      ...(process.env as Record<string, string>),
      LD_LIBRARY_PATH: [join(folder, 'al2023/lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
      FONTCONFIG_PATH: join(folder, 'fonts'),
    },
  });
}

/** Unpacks the package once, with the libraries and fonts that it needs; a half-made folder is never taken for a whole one. */
function unpacked(): string {
  if (existsSync(cache)) return cache;
  mkdirSync(dirname(cache), { recursive: true });
  const work = mkdtempSync(`${cache}-`);
  const entry = import.meta.resolve('@sparticuz/chromium');
  const script = `import chromium from ${JSON.stringify(entry)}; await chromium.executablePath();`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: dirname(fileURLToPath(entry)),
    env: { ...process.env, TMPDIR: work, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const fonts = join(work, 'fonts/fonts.conf');
  // Relative to the file itself, so that a checkout may be moved: a browser without fonts dies.
  const configuration = readFileSync(fonts, 'utf8')
    .replace('<dir>/tmp/fonts<', '<dir prefix="relative">.<')
    .replace('<cachedir>/tmp/fonts-cache/', '<cachedir prefix="relative">../fonts-cache');
  writeFileSync(fonts, configuration);
  try {
    renameSync(work, cache);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    if (!existsSync(cache)) throw error;
  }
  return cache;
}

/** Opens a one-time address and presses its button. */
export async function signInAt(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
