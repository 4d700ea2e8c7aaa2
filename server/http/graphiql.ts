/** GraphiQL for browsers, from a package: nothing is fetched from elsewhere. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Request, Response } from 'express';
import { openToEditor } from './headers.ts';

const firstQuery = `# RiftLab's API. Everything has a description: see Docs on the left.
{
  viewer { name role }
  runs(first: 5) {
    totalCount
    nodes { name state progress { fraction } }
  }
}
`;

const title = 'RiftLab API';

/** What the package leaves out for people who hear the page or see it faintly: a heading, a main part, contrast of secondary text and of comments. */
const heading = `<style>
main { height: 100%; }
h1.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.graphiql-container, .graphiql-dialog { --alpha-secondary: 0.92 !important; --alpha-tertiary: 0.85 !important; }
body.graphiql-dark .graphiql-container { --color-base: 219, 29%, 8% !important; }
@media (prefers-color-scheme: dark) { body:not(.graphiql-light) .graphiql-container { --color-base: 219, 29%, 8% !important; } }
</style>
<main><h1 class="unseen">${title}</h1><div id="root"></div></main>`;

/** Throws where the package's page is no longer what it was. */
function mended(html: string): string {
  const place = '<div id="root"></div>';
  if (!html.includes(place)) throw new Error('The page of the GraphQL editor has no place for its heading.');
  return html.replace(place, () => heading);
}

interface Page {
  tag: string;
  scriptHashes: string[];
  br: Buffer;
  gzip: Buffer;
  identity: Buffer;
}

/** By the base path, of which a server has one. */
const pages = new Map<string, Promise<Page>>();

/** Nine megabytes, so it is made and compressed once, when somebody asks for it first; a browser that has it gets 304. */
export async function sendGraphiql(request: Request, response: Response, basePath: string): Promise<void> {
  const page = pages.get(basePath) ?? render(`${basePath}/graphql`);
  pages.set(basePath, page);
  const { tag, scriptHashes, ...bodies } = await page;
  openToEditor(response, scriptHashes);
  response.set({ ETag: tag, 'Cache-Control': 'private, no-cache', Vary: 'Accept-Encoding' });
  if (request.headers['if-none-match']?.includes(tag)) return void response.status(304).end();
  const encoding = (['br', 'gzip'] as const).find((one) => request.acceptsEncodings(one)) ?? 'identity';
  if (encoding !== 'identity') response.set('Content-Encoding', encoding);
  response.type('html').end(bodies[encoding]);
}

async function render(endpoint: string): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = mended(
    renderGraphiQL({
      title,
      endpoint,
      subscriptionsProtocol: 'WS',
      subscriptionEndpoint: endpoint,
      defaultQuery: firstQuery,
    } as Parameters<typeof renderGraphiQL>[0]),
  );
  const identity = Buffer.from(html);
  const [br, zipped] = await Promise.all([
    promisify(brotliCompress)(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    promisify(gzip)(identity),
  ]);
  const tag = `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`;
  return { tag, scriptHashes: hashesOfScripts(html), br, gzip: zipped, identity };
}

/** SHA-256 of what stands inside of each script element, in base64. */
const hashesOfScripts = (html: string): string[] =>
  [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = '']) => createHash('sha256').update(script).digest('base64'));
