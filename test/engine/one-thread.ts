import type { Backend } from '../../engine/backends/backend.ts';
import { chooseBackend } from '../../engine/backends/choose.ts';

/** A backend of one thread: each of several has sessions of its own, which cost more than they save where networks and sets are small. */
export const oneThread = (): Promise<Backend> => chooseBackend({ threads: 1 });
