/** Deleting, restoring and purging runs, and what stays because something else refers to it. */
import { randomBytes } from 'node:crypto';
import { access, utimes } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { purge } from '../../../server/services/purge.ts';
import { startLab, type TestLab } from './lab.ts';
import { addRun, type RunSketch } from './records.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

const deleteRuns = (ids: number[], token?: string) =>
  lab.ask('mutation ($ids: [ID!]!) { deleteRuns(ids: $ids) { id deletedAt } }', { ids: ids.map((id) => `Run-${id}`) }, token);
const restoreRuns = (ids: number[], token?: string) =>
  lab.ask('mutation ($ids: [ID!]!) { restoreRuns(ids: $ids) { id deletedAt } }', { ids: ids.map((id) => `Run-${id}`) }, token);

const listed = async (project: string, deleted: boolean) => {
  const query = `query ($project: String!, $deleted: Boolean) {
    runs(project: $project, deleted: $deleted, orderBy: [{ by: "deleted" }, { by: "name", direction: ASC }]) { totalCount nodes { name deletedAt } }
    project(name: $project) { runs(deleted: $deleted) { totalCount } } }`;
  const { data, errors } = await lab.ask(query, { project, deleted });
  expect(errors).toEqual([]);
  expect(data.project.runs.totalCount).toBe(data.runs.totalCount);
  return data.runs.nodes.map(({ name }: { name: string }) => name).sort();
};

const ended = (name: string, project: string, more: Partial<RunSketch> = {}) =>
  addRun(lab.database, { name, project, ...more, data: { state: 'FINISHED', ...more.data } });

describe('deleteRuns', () => {
  it('takes runs out of every list, keeps them reachable, and restoreRuns brings them back', async () => {
    const [one, two] = [await ended('one', 'd1', { metrics: { only: 1 } }), await ended('two', 'd1')];
    const { data, errors } = await deleteRuns([one], lab.member);
    expect(errors).toEqual([]);
    expect(data.deleteRuns).toEqual([{ id: `Run-${one}`, deletedAt: expect.any(String) }]);
    expect([await listed('d1', false), await listed('d1', true)]).toEqual([['two'], ['one']]);
    expect((await lab.ask(`{ run(id: "Run-${one}") { name deletedAt } }`)).data.run).toMatchObject({ name: 'one' });
    expect((await lab.ask('{ runFields(project: "d1", prefix: "metrics.") { name } }')).data.runFields).toEqual([]);
    expect((await restoreRuns([one, two], lab.member)).data.restoreRuns.map((run: { deletedAt: unknown }) => run.deletedAt)).toEqual([
      null,
      null,
    ]);
    expect([await listed('d1', false), await listed('d1', true)]).toEqual([['one', 'two'], []]);
  });

  it('changes nothing when it is sent again', async () => {
    const run = await ended('again', 'd2');
    const first = (await deleteRuns([run, run])).data.deleteRuns;
    expect(first[0]).toEqual(first[1]);
    expect((await deleteRuns([run])).data.deleteRuns).toEqual([first[0]]);
    const audited = await lab.database.prisma.auditRecord.findMany({ where: { action: 'deleteRuns' }, orderBy: { id: 'desc' }, take: 2 });
    expect(audited.map(({ target }) => target)).toEqual(['', `Run-${run}`]);
    await Promise.all([restoreRuns([run]), restoreRuns([run]), restoreRuns([run])]);
    expect(await listed('d2', false)).toEqual(['again']);
  });

  it('refuses runs that are not ended, all or none, with their place', async () => {
    const [done, busy] = [
      await ended('done', 'd3'),
      await addRun(lab.database, { name: 'busy', project: 'd3', data: { state: 'RUNNING' } }),
    ];
    const refused = await deleteRuns([done, busy]);
    expect(refused.errors[0]).toMatchObject({
      message: `Run-${busy} ("busy") is RUNNING: cancel it before you delete it.`,
      extensions: { code: 'CONFLICT', path: ['ids', 1] },
    });
    expect(await listed('d3', false)).toEqual(['busy', 'done']);
    const unknown = await deleteRuns([done, 999_999]);
    expect(unknown.errors[0]?.extensions).toEqual({ code: 'NOT_FOUND', path: ['ids', 1] });
    const foreign = await lab.ask('mutation { deleteRuns(ids: ["Project-1"]) { id } }');
    expect(foreign.errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', path: ['ids', 0] });
    expect(await listed('d3', false)).toEqual(['busy', 'done']);
  });

  it('needs the role MEMBER', async () => {
    const run = await ended('kept', 'd4');
    for (const answer of [await deleteRuns([run], lab.viewer), await restoreRuns([run], lab.viewer)])
      expect(answer.errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await listed('d4', false)).toEqual(['kept']);
  });

  it('leaves nothing to change, cancel or resume until the run is restored', async () => {
    const run = await ended('still', 'd5', { data: { state: 'FAILED' } });
    await deleteRuns([run]);
    for (const change of ['updateRun(name: "x", ', 'cancelRun(', 'resumeRun('])
      expect((await lab.ask(`mutation { ${change}id: "Run-${run}") { id } }`)).errors[0]).toMatchObject({
        message: expect.stringContaining('restore it first'),
        extensions: { code: 'CONFLICT', path: ['id'] },
      });
  });

  it('tells those who look at the runs', async () => {
    const run = await ended('seen', 'd6');
    const client = lab.connect(lab.viewer);
    const events = client.iterate<{ runsUpdated: { id: string; deletedAt: string | null } }>({
      query: 'subscription { runsUpdated(project: "d6") { id deletedAt } }',
    });
    const next = events.next();
    const heard = async () => (await next).value?.data?.runsUpdated;
    let event: Awaited<ReturnType<typeof heard>> | undefined;
    const listening = heard().then((one) => (event = one));
    for (let turn = 0; !event && turn < 200; turn++) {
      await deleteRuns([run]);
      await Promise.race([listening, restoreRuns([run])]);
    }
    expect(event).toMatchObject({ id: `Run-${run}` });
    await events.return?.();
    await client.dispose();
  });
});

describe('purge', () => {
  const { parse } = JSON;
  const longAgo = new Date('2020-01-01T00:00:00Z');

  /** Weights with bytes of their own, made by the run. */
  async function addWeights(run: number | null, base: number | null = null) {
    const artifact = await lab.artifacts.add([randomBytes(64)]);
    const path = await lab.artifacts.locate(artifact.sha256);
    await utimes(path, longAgo, longAgo);
    await lab.database.prisma.artifact.create({ data: artifact });
    const { id } = await lab.database.prisma.checkpoint.create({
      data: {
        sha256: randomBytes(32).toString('hex'),
        artifactSha256: artifact.sha256,
        ...{ name: 'w', architecture: 'RESNET8', parameters: 1, bytes: 64, modules: parse('[]') },
        producedById: run,
        baseId: base,
        ...(run !== null && { runs: { create: { runId: run, role: 'OUTPUT', label: 'trained' } } }),
      },
    });
    const isKept = () =>
      access(path).then(
        () => true,
        () => false,
      );
    return { id, isKept };
  }

  const gone = (name: string, at = longAgo) => ended(name, 'purged', { data: { deletedAt: at }, metrics: { loss: 1 }, tags: { a: 'b' } });
  const isThere = async (run: number) => (await lab.database.prisma.run.count({ where: { id: run } })) === 1;

  it('takes what was deleted long ago with its rows and files, and nothing younger', async () => {
    const [old, young, live] = [await gone('old'), await gone('young', new Date()), await ended('live', 'purged')];
    const [ofOld, ofYoung] = [await addWeights(old), await addWeights(young)];
    await lab.database.prisma.metricPoint.create({ data: { runId: old, keyId: 1, step: 1, value: 1, at: new Date() } });
    expect(await purge(lab.database, lab.artifacts, 30)).toBe(1);
    expect(await Promise.all([old, young, live].map(isThere))).toEqual([false, true, true]);
    expect([await ofOld.isKept(), await ofYoung.isKept()]).toEqual([false, true]);
    expect(await lab.database.prisma.metricPoint.count({ where: { runId: old } })).toBe(0);
    const [act] = await lab.database.prisma.auditRecord.findMany({ where: { action: 'purge' } });
    expect(act).toMatchObject({ userId: null, target: `Run-${old}` });
  });

  it('leaves a run whose weights another run uses, until that is gone too', async () => {
    const maker = await gone('maker');
    const weights = await addWeights(maker);
    const user = await ended('user', 'purged');
    await lab.database.prisma.runCheckpoint.create({ data: { runId: user, checkpointId: weights.id, role: 'INPUT', label: 'base' } });
    const ids = async () =>
      (await lab.ask('{ checkpoints(first: 500) { nodes { id } } }')).data.checkpoints.nodes.map(({ id }: { id: string }) => id);
    expect(await purge(lab.database, lab.artifacts, 30)).toBe(0);
    expect(await ids()).toContain(`Checkpoint-${weights.id}`);
    await deleteRuns([user]);
    expect(await ids()).not.toContain(`Checkpoint-${weights.id}`);
    expect(await purge(lab.database, lab.artifacts, 30)).toBe(0);
    await lab.database.prisma.run.update({ where: { id: user }, data: { deletedAt: longAgo } });
    expect(await purge(lab.database, lab.artifacts, 30)).toBe(2);
    expect([await isThere(maker), await isThere(user), await weights.isKept()]).toEqual([false, false, false]);
  });

  it('leaves a run whose weights others are stored as a difference from, or were measured elsewhere', async () => {
    const [based, measured] = [await gone('based'), await gone('measured')];
    const base = await addWeights(based);
    await addWeights(await ended('tuned', 'purged'), base.id);
    const { id } = await addWeights(measured);
    await lab.database.prisma.evaluation.create({
      data: { checkpointId: id, suite: 'STANDARD', dataset: 'mnist', split: 'test', images: 1, correct: 1, protocol: 'p', fingerprint: '' },
    });
    expect(await purge(lab.database, lab.artifacts, 30)).toBe(0);
    expect([await isThere(based), await isThere(measured), await base.isKept()]).toEqual([true, true, true]);
  });

  it('leaves a file that other weights have in common, and one that was kept anew', async () => {
    const [run, other] = [await gone('twin'), await ended('other', 'purged')];
    const shared = await addWeights(run);
    const { artifactSha256 } = await lab.database.prisma.checkpoint.findUniqueOrThrow({ where: { id: shared.id } });
    await lab.database.prisma.checkpoint.create({
      data: {
        ...{ sha256: randomBytes(32).toString('hex'), artifactSha256, producedById: other },
        ...{ name: 'w', architecture: 'RESNET8', parameters: 1, bytes: 64, modules: parse('[]') },
      },
    });
    const fresh = await gone('fresh');
    const written = await addWeights(fresh);
    const row = await lab.database.prisma.checkpoint.findUniqueOrThrow({ where: { id: written.id } });
    await utimes(await lab.artifacts.locate(row.artifactSha256), new Date(), new Date());
    expect(await purge(lab.database, lab.artifacts, 30)).toBe(2);
    expect([await shared.isKept(), await written.isKept()]).toEqual([true, true]);
  });

  it('never takes a run that is restored at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const run = await gone(`raced ${round}`);
      const [restored] = await Promise.all([restoreRuns([run]), purge(lab.database, lab.artifacts, 30)]);
      const wasRestored = restored.errors.length === 0;
      if (!wasRestored) expect(restored.errors[0]?.extensions).toEqual({ code: 'NOT_FOUND', path: ['ids', 0] });
      expect(await isThere(run)).toBe(wasRestored);
    }
  });
});
