/** Completion in the filter box. */
import { describe, expect, it } from 'vitest';
import { completeWith, completions } from '../../web/lib/filter.ts';

const fields = [
  { name: 'metrics.robust', runs: 9 },
  { name: 'metrics.standard', runs: 12 },
  { name: 'params.architecture', runs: 12 },
];

describe('completion of a filter', () => {
  it('offers the names that hold what is written, common ones first', () => {
    expect(completions('metr', fields)).toEqual(['metrics.standard', 'metrics.robust']);
    expect(completions('metrics.robust > 0.4 and arch', fields)).toEqual(['params.architecture']);
    expect(completions('', fields)).toContain('state');
  });

  it('is silent inside a text, after a value, and where the name is complete', () => {
    expect(completions("name = 'met", fields)).toEqual([]);
    expect(completions('metrics.robust > ', fields)).toEqual([]);
    expect(completions('metrics.robust', fields)).toEqual([]);
  });

  it('replaces the name that was begun and nothing before it', () => {
    expect(completeWith('state = RUNNING and met', 'metrics.robust')).toBe('state = RUNNING and metrics.robust ');
  });
});
