import { Button, Stack } from '@mantine/core';
import { IconFlask, IconPlus, IconTrash } from '@tabler/icons-react';
import Link from 'next/link';
import { CodeBlock } from '../display/CodeBlock.tsx';
import { Nothing } from '../display/Nothing.tsx';

const firstMutation = `mutation {
  createProject(input: { name: "first" }) { id }
  startRift(input: {
    project: "first"
    model: { training: {
      architecture: SMALL_CNN, dataset: "mnist", trainImages: 5000, epochs: 2
    } }
    criticality: { images: 500 }
    fineTune: { epochs: 2 }
    evaluation: { images: 500 }
  }) { id name state }
}`;

function NoneDeleted() {
  return (
    <Nothing icon={IconTrash} title="No deleted run" description="Choose runs in the list and delete them; here they can be restored." />
  );
}

/** What to do where no run is to be shown. */
export function NoRuns({ filtered, deleted }: { filtered: boolean; deleted: boolean }) {
  if (deleted && !filtered) return <NoneDeleted />;
  const description = filtered
    ? 'Choose another project or change the filter.'
    : 'Start one with the form, or send this mutation to /graphql with an API token from the account page.';
  return (
    <Nothing icon={IconFlask} title={filtered ? 'No run matches' : 'No runs yet'} description={description}>
      {!filtered && (
        <Stack mt="lg" maw={760} mx="auto">
          <CodeBlock code={firstMutation} what="mutation" />
          <Button component={Link} href="/new" leftSection={<IconPlus size={16} />} style={{ alignSelf: 'center' }}>
            New run
          </Button>
        </Stack>
      )}
    </Nothing>
  );
}
