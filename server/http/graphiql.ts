/** GraphiQL for browsers, from a package: nothing is fetched from elsewhere. */
let page: Promise<string> | undefined;

const firstQuery = `# RiftLab's API. Everything has a description: see Docs on the left.
{
  viewer { name role }
  runs(first: 5) {
    totalCount
    nodes { name state progress { fraction } }
  }
}
`;

/** Nine megabytes, so it is loaded when somebody asks for it first. */
export function graphiqlPage(): Promise<string> {
  page ??= render();
  return page;
}

async function render(): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL({
    title: 'RiftLab API',
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    subscriptionEndpoint: '/graphql',
    defaultQuery: firstQuery,
  } as Parameters<typeof renderGraphiQL>[0]);
}
