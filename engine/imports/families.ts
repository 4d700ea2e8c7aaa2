/** The families of networks that files are compared with, the more particular first. */
import type { Family } from './family.ts';
import { registered } from './registered.ts';

export const families: readonly Family[] = [registered];
