/** Fields that several sections have. */
import { z } from 'zod';

export const count = (description: string, most = 10_000_000) => z.int().min(1).max(most).describe(description);

/** What is wrong with a section beyond its single fields, and where in it. */
export interface Problem {
  path: (string | number)[];
  message: string;
}

/** Names of modules, each once: a second one would be work for nothing. */
export const moduleNames = (description: string) =>
  z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(10_000)
    .superRefine((names, context) => {
      const again = names.findIndex((name, index) => names.indexOf(name) < index);
      if (again > 0) context.addIssue({ code: 'custom', path: [again], message: 'This module is named twice.' });
    })
    .optional()
    .describe(description);
