/** Tries again what failed because the database was away for a moment or two transactions were in each other's way. */
import { setTimeout as sleep } from 'node:timers/promises';

const limitMilliseconds = 60_000;

/** Codes of Prisma, Postgres and the network that say: nothing was done, try again. */
const passing =
  /^(P1001|P1002|P1008|P1017|P2024|P2028|P2034|40001|40P01|53300|57P01|57P02|57P03|08\w{3}|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/;

export async function persistently<Result>(act: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + limitMilliseconds;
  for (let pause = 100; ; pause = Math.min(pause * 2, 2000)) {
    try {
      return await act();
    } catch (error) {
      if (!isPassing(error) || Date.now() > deadline) throw error;
      await sleep(pause);
    }
  }
}

export function isPassing(error: unknown): boolean {
  for (let cause = error, depth = 0; cause && depth < 5; cause = (cause as { cause?: unknown }).cause, depth++) {
    const { code, message } = cause as { code?: unknown; message?: unknown };
    if (typeof code === 'string' && passing.test(code)) return true;
    if (
      typeof message === 'string' &&
      /Connection terminated|Can't reach database|server closed the connection|ECONNREFUSED/i.test(message)
    )
      return true;
  }
  return false;
}
