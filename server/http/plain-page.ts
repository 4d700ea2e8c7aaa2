/** A page that needs neither scripts nor the pages' build: what the server itself has to say to a browser. */
import { createHash } from 'node:crypto';
import type { Response } from 'express';
import { optionInText } from '../../setup/options.mjs';

export interface PlainPage {
  title: string;
  /** Paragraphs. */
  text: readonly string[];
  /** Label of a button that posts to the page's own address. */
  button?: string;
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; --ink: #1b202a; --page: #f7f8fa; --card: #fff; --line: #d3d8e0; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe3ea; --page: #11141a; --card: #181c23; --line: #39414e; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--page); color: var(--ink); }
main { box-sizing: border-box; width: min(460px, 100vw - 32px); padding: 28px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow-wrap: anywhere; }
h1 { margin: 0 0 12px; font-size: 1.35rem; line-height: 1.25; }
p { margin: 0 0 12px; }
code { font: 0.92em ui-monospace, monospace; white-space: nowrap; }
button { width: 100%; margin-top: 8px; padding: 10px; border: 0; border-radius: 7px; background: #4a5fc9; color: #fff; font: inherit; font-weight: 600; cursor: pointer; }
button:focus-visible { outline: 2px solid #7386df; outline-offset: 2px; }
`;

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export function sendPlainPage(response: Response, status: number, page: PlainPage): void {
  response.status(status).set('Content-Security-Policy', policy).type('html').send(render(page));
}

const render = ({ title, text, button }: PlainPage) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)} · RiftLab</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${text.map((paragraph) => `<p>${withOptions(escaped(paragraph))}</p>`).join('\n')}
${button ? `<form method="post"><button type="submit">${escaped(button)}</button></form>` : ''}
</main>
</body>
</html>
`;

/** Options of the command line stay in one piece. */
const withOptions = (html: string) => html.replace(new RegExp(optionInText, 'g'), '<code>$&</code>');

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
