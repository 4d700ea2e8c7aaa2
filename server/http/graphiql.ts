/** GraphiQL for browsers, from a package: nothing is fetched from elsewhere. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Request, Response } from 'express';

const firstQuery = `# RiftLab's API. Everything has a description: see Docs on the left.
{
  viewer { name role }
  runs(first: 5) {
    totalCount
    nodes { name state progress { fraction } }
  }
}
`;

interface Page {
  tag: string;
  br: Buffer;
  gzip: Buffer;
  identity: Buffer;
}

let page: Promise<Page> | undefined;

/** Nine megabytes, so it is made and compressed once, when somebody asks for it first; a browser that has it gets 304. */
export async function sendGraphiql(request: Request, response: Response): Promise<void> {
  page ??= render();
  const { tag, ...bodies } = await page;
  response.set({ ETag: tag, 'Cache-Control': 'private, no-cache', Vary: 'Accept-Encoding' });
  if (request.headers['if-none-match']?.includes(tag)) return void response.status(304).end();
  const encoding = (['br', 'gzip'] as const).find((one) => request.acceptsEncodings(one)) ?? 'identity';
  if (encoding !== 'identity') response.set('Content-Encoding', encoding);
  response.type('html').end(bodies[encoding]);
}

async function render(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'RiftLab API',
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    subscriptionEndpoint: '/graphql',
    defaultQuery: firstQuery,
  } as Parameters<typeof renderGraphiQL>[0]);
  const identity = Buffer.from(html);
  const [br, zipped] = await Promise.all([
    promisify(brotliCompress)(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    promisify(gzip)(identity),
  ]);
  return { tag: `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`, br, gzip: zipped, identity };
}
