/** GraphiQL for browsers, from a package: nothing is fetched from elsewhere. */
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

let page: string | undefined;

const firstQuery = `# RiftLab's API. Everything has a description: see Docs on the left.
{
  viewer { name role }
  runs(first: 5) {
    totalCount
    nodes { name state progress { fraction } }
  }
}
`;

export function graphiqlPage(): string {
  page ??= renderGraphiQL({
    title: 'RiftLab API',
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    subscriptionEndpoint: '/graphql',
    defaultQuery: firstQuery,
  } as Parameters<typeof renderGraphiQL>[0]);
  return page;
}
