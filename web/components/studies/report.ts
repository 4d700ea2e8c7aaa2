import { notifications } from '@mantine/notifications';
import type { CombinedError } from 'urql';
import { problemsOf } from '../../lib/errors.ts';

/** Tells in a corner what was refused. */
export function report(error: CombinedError | undefined, title: string): void {
  for (const { message } of problemsOf(error)) notifications.show({ color: 'red', title, message });
}
