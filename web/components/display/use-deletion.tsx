'use client';
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { type CombinedError, useMutation } from 'urql';
import { problemsOf } from '../../lib/errors.ts';
import { deleteRuns, restoreRuns } from '../../queries/deletion.ts';
import { useRefusal } from './Unless.tsx';

interface Problem {
  error: CombinedError;
  title: string;
}

const runsOf = (count: number) => (count === 1 ? 'The run' : `${count} runs`);

/**
 * Deletes runs, with a way back in the notification, and restores them. Both say whether it was done; problem is why not, for
 * Problems, and refusal why the viewer may do neither.
 */
export function useDeletion() {
  const [deleting, sendDelete] = useMutation(deleteRuns);
  const [restoring, sendRestore] = useMutation(restoreRuns);
  const [problem, setProblem] = useState<Problem | null>(null);
  const refusal = useRefusal('MEMBER');

  async function bringBack(ids: readonly string[]): Promise<Problem | null> {
    const { error } = await sendRestore({ ids: [...ids] });
    if (error) return { error, title: `${runsOf(ids.length)} could not be restored` };
    notifications.show({ role: 'status', message: `${runsOf(ids.length)} ${ids.length === 1 ? 'is' : 'are'} back.` });
    return null;
  }

  async function restore(ids: readonly string[]): Promise<boolean> {
    const refused = await bringBack(ids);
    setProblem(refused);
    return refused === null;
  }

  async function remove(ids: readonly string[]): Promise<boolean> {
    const { error } = await sendDelete({ ids: [...ids] });
    setProblem(error ? { error, title: `${runsOf(ids.length)} could not be deleted` } : null);
    if (error) return false;
    const undo = async () => {
      const refused = await bringBack(ids);
      if (!refused) return notifications.hide(notice);
      const message = problemsOf(refused.error)
        .map((one) => one.message)
        .join(' ');
      notifications.update({ id: notice, color: 'red', role: 'alert', autoClose: false, title: refused.title, message });
    };
    const notice = notifications.show({
      autoClose: 12_000,
      role: 'status',
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">{`${runsOf(ids.length)} ${ids.length === 1 ? 'was' : 'were'} deleted.`}</Text>
          <Button size="compact-sm" variant="light" onClick={undo}>
            Undo
          </Button>
        </Group>
      ),
    });
    return true;
  }

  return { remove, restore, busy: deleting.fetching || restoring.fetching, problem, refusal };
}
