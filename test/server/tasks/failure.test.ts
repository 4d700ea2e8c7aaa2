import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPassing } from '../../../server/store/passing.ts';
import { describeFailure, describeFault } from '../../../server/tasks/failure.ts';
import { readOutOfMemoryKills } from '../../../server/tasks/memory.ts';
import { createProgressMeter } from '../../../server/tasks/progress.ts';

describe('a failed stage', () => {
  it('repeats what the engine says to the person', () => {
    const failure = { type: 'failed' as const, message: 'No such file.', hint: 'Put it there.', expected: true };
    expect(describeFailure(failure, 'TRAINING')).toEqual({ message: 'No such file.', hint: 'Put it there.', resumable: false });
    expect(describeFailure({ ...failure, resumable: true }, 'TRAINING').resumable).toBe(true);
  });

  it('is called a fault of ours when the engine did not expect it, with the place in the log', () => {
    const problem = describeFailure({ type: 'failed', message: 'x is undefined', details: 'at y.ts:1', expected: false }, 'TRAINING');
    expect(problem).toMatchObject({ message: 'The stage TRAINING broke: x is undefined', details: 'at y.ts:1' });
  });

  it('tells a full memory from other ends of the process', () => {
    const ended = { type: 'ended' as const, said: '', kernelKills: 0 };
    const killed = { ...ended, code: null, signal: 'SIGKILL' as const };
    expect(describeFailure({ ...killed, kernelKills: 1 }, 'TRAINING').message).toContain('because memory ran out: Linux ended a process');
    expect(describeFailure(killed, 'TRAINING').message).toContain('Linux ended no process for want of memory');
    expect(describeFailure({ ...killed, kernelKills: undefined }, 'TRAINING').message).toContain('does not say by whom');
    expect(describeFailure({ ...ended, code: 134, signal: null, said: 'heap out of memory' }, 'TRAINING').message).toContain(
      'memory ran out',
    );
    expect(describeFailure({ ...ended, code: 139, signal: 'SIGSEGV' }, 'TRAINING').message).toContain('ended unexpectedly (SIGSEGV)');
  });

  it('is known to have been ended for its memory where Linux counts that', async () => {
    expect(await readOutOfMemoryKills('/nowhere')).toBeUndefined();
    const file = join(await mkdtemp(join(tmpdir(), 'riftlab-test-vmstat-')), 'vmstat');
    await writeFile(file, 'pgfault 12\noom_kill 3\ndrop_pagecache 0\n');
    expect(await readOutOfMemoryKills(file)).toBe(3);
    await rm(dirname(file), { recursive: true });
  });

  it('says that the disk is full', () => {
    const message = 'ENOSPC: no space left on device, write';
    expect(describeFailure({ type: 'failed', message, expected: false }, 'TRAINING').message).toBe('The disk of the data folder is full.');
    expect(describeFault(new Error(message)).hint).toContain('resume the run');
  });
});

describe('an error of the database', () => {
  it('passes when Postgres is away or starting, and does not when a statement is wrong', () => {
    const prisma = Object.assign(new Error('Database error. Code: `57P03`. Message: `the database system is starting up`'), {
      code: 'P2039',
    });
    expect(isPassing(prisma)).toBe(true);
    expect(isPassing(Object.assign(new Error('deadlock detected'), { code: '40P01' }))).toBe(true);
    expect(isPassing(new Error('outer', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) }))).toBe(true);
    expect(isPassing(Object.assign(new Error('Raw query failed. Code: `23502`. Message: `null value`'), { code: 'P2010' }))).toBe(false);
    expect(isPassing(undefined)).toBe(false);
  });
});

describe('the progress meter', () => {
  it('measures the rate over the last seconds, from where an earlier execution stopped', () => {
    const meter = createProgressMeter();
    meter.add({ done: 0, total: 100, unit: 'images' }, 0);
    meter.add({ done: 50, total: 100, unit: 'images' }, 1000);
    meter.add({ done: 52, total: 100, unit: 'images' }, 2000);
    meter.add({ done: 54, total: 100, unit: 'images' }, 3000);
    expect(meter.take(3000)).toEqual({ done: 54, total: 100, unit: 'images', rate: 2 });
    expect(meter.take(3500)).toBeUndefined();
    for (let second = 4; second <= 60; second++) meter.add({ done: 54 + (second - 3) * 0.5, total: 100, unit: 'images' }, second * 1000);
    expect(meter.take(60_000)?.rate).toBeCloseTo(0.5, 1);
  });

  it('begins anew when the work does', () => {
    const meter = createProgressMeter();
    meter.add({ done: 90, total: 100, unit: 'images' }, 0);
    meter.add({ done: 10, total: 100, unit: 'images' }, 1000);
    expect(meter.take(1000)).toEqual({ done: 10, total: 100, unit: 'images', rate: null });
  });
});
