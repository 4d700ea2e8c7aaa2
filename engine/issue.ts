/** What is wrong with a value, in words for the person who gave it. */
import type { z } from 'zod';

/** How the checker's own messages begin. */
const ownWords = /^(Too (small|big)|Invalid (input|option|discriminator))/;

/** What is asked for, without the checker's own vocabulary; messages that a schema has written itself stay. */
export function issueInWords(issue: z.core.$ZodIssue): string {
  if (!ownWords.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'too_small':
      return `must be ${limit(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`;
    case 'too_big':
      return `must be ${limit(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`;
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    case 'invalid_union': {
      const names = [...issue.message.matchAll(/'([^']+)'/g)].map(([, name]) => name);
      const [first] = issue.errors[0] ?? [];
      return names.length === 0 && first ? issueInWords(first as z.core.$ZodIssue) : `must be one of ${names.join(', ')}`;
    }
    default:
      return issue.message;
  }
}

const kinds: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function limit(origin: string, comparison: string, bound: number | bigint): string {
  if (origin === 'string') return `${comparison} ${bound} ${bound === 1 ? 'character' : 'characters'} long`;
  if (origin === 'array') return `a list of ${comparison} ${bound}`;
  return `${comparison} ${bound}`;
}
