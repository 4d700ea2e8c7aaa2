'use client';
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type CombinedError, useMutation } from 'urql';
import { problemsOf } from '../../lib/errors.ts';
import { deleteRuns, restoreRuns } from '../../queries/deletion.ts';

const runsOf = (count: number) => (count === 1 ? 'The run' : `${count} runs`);

function report(error: CombinedError, title: string): false {
  for (const { message } of problemsOf(error)) notifications.show({ color: 'red', title, message });
  return false;
}

/** Deletes runs, with a way back in the notification, and restores them. Both say whether it was done. */
export function useDeletion() {
  const [deleting, sendDelete] = useMutation(deleteRuns);
  const [restoring, sendRestore] = useMutation(restoreRuns);

  async function restore(ids: readonly string[]): Promise<boolean> {
    const { error } = await sendRestore({ ids: [...ids] });
    if (error) return report(error, `${runsOf(ids.length)} could not be restored`);
    notifications.show({ message: `${runsOf(ids.length)} ${ids.length === 1 ? 'is' : 'are'} back.` });
    return true;
  }

  async function remove(ids: readonly string[]): Promise<boolean> {
    const { error } = await sendDelete({ ids: [...ids] });
    if (error) return report(error, `${runsOf(ids.length)} could not be deleted`);
    const notice = notifications.show({
      autoClose: 12_000,
      role: 'status',
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">{`${runsOf(ids.length)} ${ids.length === 1 ? 'was' : 'were'} deleted.`}</Text>
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => {
              notifications.hide(notice);
              void restore(ids);
            }}
          >
            Undo
          </Button>
        </Group>
      ),
    });
    return true;
  }

  return { remove, restore, busy: deleting.fetching || restoring.fetching };
}
