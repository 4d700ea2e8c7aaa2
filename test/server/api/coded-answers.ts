/** Whether an answer is one that clients can tell from others: a result, or an error with a code. */
import { startLab, type TestLab } from './lab.ts';
import type { Case } from './odd-values.ts';
import { addCheckpoint, addRun } from './records.ts';

/** A lab with a record of each kind that arguments name. */
export async function startSeededLab(): Promise<TestLab> {
  const lab = await startLab();
  await addRun(lab.database, { name: 'seed', data: { state: 'FINISHED' }, params: { lr: 1 }, tags: { a: '1' }, metrics: { loss: 1 } });
  await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
  await lab.database.prisma.interpolationSweep.create({ data: { runId: 1 } });
  return lab;
}

const codes = new Set([
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'FORBIDDEN',
  'CONFLICT',
  'LIMIT_EXCEEDED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
]);

export interface Problem {
  message: string;
  extensions?: { code?: string };
}

export const uncoded = ({ name }: Case, errors: readonly Problem[]) =>
  errors.flatMap(({ message, extensions }) =>
    codes.has(extensions?.code ?? '') ? [] : [`${name}: ${extensions?.code} ${message.slice(0, 200)}`],
  );

/** Eight at a time. */
export async function all(cases: readonly Case[], ask: (one: Case) => Promise<string[]>): Promise<string[]> {
  const found: string[] = [];
  const left = [...cases];
  const worker = async () => {
    for (let one = left.pop(); one; one = left.pop()) found.push(...(await ask(one)));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return found;
}

/** What is wrong with the answer to it. */
export const overHttp = (lab: TestLab) => async (one: Case) => {
  const { status, errors } = await lab.ask(one.query, one.variables);
  return [...uncoded(one, errors), ...(status >= 500 ? [`${one.name}: HTTP ${status}`] : [])];
};
