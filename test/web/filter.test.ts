/** Completion in the filter box. */
import { describe, expect, it } from 'vitest';
import { completeWith, completions, lastName } from '../../web/lib/filter.ts';

const fields = [
  { name: 'metrics.robust', runs: 9 },
  { name: 'metrics.standard', runs: 12 },
  { name: 'params.architecture', runs: 12 },
];

describe('completion of a filter', () => {
  it('offers the names that hold what is written, common ones first', () => {
    expect(completions('metr', fields).names).toEqual(['metrics.standard', 'metrics.robust']);
    expect(completions('metrics.robust > 0.4 and arch', fields).names).toEqual(['params.architecture']);
    expect(completions("name = 'it''s' and (not arch", fields).names).toEqual(['params.architecture']);
    expect(completions('', fields).names).toContain('state');
  });

  it('is silent inside a text, after a value, and where the name is complete', () => {
    expect(completions("name = 'met", fields).names).toEqual([]);
    expect(completions('name = "met', fields).names).toEqual([]);
    expect(completions('metrics.robust > ', fields).names).toEqual([]);
    expect(completions('metrics.robust > 0.4 and state = met', fields).names).toEqual([]);
    expect(completions('metrics.robust', fields).names).toEqual([]);
  });

  it('replaces the name that was begun and nothing before it', () => {
    expect(completeWith('state = RUNNING and met', 'metrics.robust')).toBe('state = RUNNING and metrics.robust ');
  });
});

describe('completion of a key that is no plain word', () => {
  const odd = [
    'metrics.train/loss',
    'metrics.précision',
    'metrics.a-b.c:d',
    'metrics.`my key`',
    'tags.`say "hi"`',
    'tags.`back``tick`',
    'params.обучение',
  ];

  it.each([
    ['', 'metrics.train/lo', 'metrics.train/loss'],
    ['', 'metrics.train/', 'metrics.train/loss'],
    ['', 'metrics.pré', 'metrics.précision'],
    ['', 'metrics.a-b.c:', 'metrics.a-b.c:d'],
    ['', 'metrics.a-', 'metrics.a-b.c:d'],
    ['', 'metrics.`my k', 'metrics.`my key`'],
    ['', 'metrics."my k', 'metrics.`my key`'],
    ['', 'metrics.my', 'metrics.`my key`'],
    ['', 'tags.`say "h', 'tags.`say "hi"`'],
    ['', 'tags.`back``t', 'tags.`back``tick`'],
    ['', 'params.обу', 'params.обучение'],
    ["name = 'a \"b' or ", 'metrics.train/l', 'metrics.train/loss'],
    ['metrics.`my key` > 1 and ', 'tags.`say', 'tags.`say "hi"`'],
    ["tags.`it's` = 'x' and not ", 'metrics.pr', 'metrics.précision'],
  ])('keeps it whole: %s%s', (before, begun, name) => {
    const fields = odd.map((one) => ({ name: one, runs: 1 }));
    expect(completions(before + begun, fields).names).toContain(name);
    expect(completeWith(before + begun, name)).toBe(`${before}${name} `);
  });

  it('looks for what is written without its quotes', () => {
    expect(lastName('metrics.`my k')).toBe('metrics.my k');
    expect(lastName('tags.`back``t')).toBe('tags.back`t');
    expect(lastName('state = RUNNING and metrics.train/lo')).toBe('metrics.train/lo');
  });
});
