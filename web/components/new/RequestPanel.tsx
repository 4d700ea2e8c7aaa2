'use client';
import { Anchor, Paper, Tabs, Text, Title } from '@mantine/core';
import Link from 'next/link';
import { asCurl, asGraphql, asPython, type Request } from '../../lib/form/request.ts';
import type { TypeTable } from '../../lib/form/types.ts';
import { CodeBlock } from '../display/CodeBlock.tsx';
import classes from './New.module.css';

/** What the form means, to send from elsewhere. */
export function RequestPanel({ types, request }: { types: TypeTable; request: Request }) {
  return (
    <Paper component="section" p={{ base: 'md', sm: 'lg' }} className={classes.side} aria-label="The same request from a script">
      <Title order={2}>The same from a script</Title>
      <Text size="sm" c="dimmed" mb="sm">
        Set RIFTLAB_TOKEN to an API token from the{' '}
        <Anchor component={Link} href="/account" underline="always">
          account page
        </Anchor>
        .
      </Text>
      <Tabs defaultValue="graphql">
        <Tabs.List mb="sm" aria-label="Language of the request">
          <Tabs.Tab value="graphql">GraphQL</Tabs.Tab>
          <Tabs.Tab value="curl">curl</Tabs.Tab>
          <Tabs.Tab value="python">Python</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="graphql">
          <CodeBlock code={asGraphql(types, request)} what="GraphQL mutation" maxHeight="60vh" />
        </Tabs.Panel>
        <Tabs.Panel value="curl">
          <CodeBlock code={asCurl(request)} what="curl command" maxHeight="60vh" />
        </Tabs.Panel>
        <Tabs.Panel value="python">
          <CodeBlock code={asPython(request)} what="Python script" maxHeight="60vh" />
        </Tabs.Panel>
      </Tabs>
    </Paper>
  );
}
