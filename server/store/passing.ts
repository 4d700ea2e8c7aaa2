/** Tells what failed because the database was away for a moment or had no room, or because two transactions were in each other's way. */

/** Codes of Prisma, Postgres and the network that say: nothing was done, try again. */
const passing =
  /^(P1001|P1002|P1008|P1017|P2024|P2028|P2034|40001|40P01|53100|53300|57P01|57P02|57P03|08\w{3}|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/;

export function isPassing(error: unknown): boolean {
  return causesOf(error).some(({ code, message }) => {
    const codes = [code, /Code: `(\w{5})`/.exec(String(message))?.[1]];
    return codes.some((one) => typeof one === 'string' && passing.test(one)) || passingMessage.test(String(message));
  });
}

/** Where a driver has no code: the connection went away, or Postgres is just starting. */
const passingMessage =
  /connection terminated|server closed the connection|can't reach database|connection timeout|timeout exceeded when trying to connect|the database system is|ECONNREFUSED/i;

interface Cause {
  code?: unknown;
  message?: unknown;
}

/** The error and what is behind it; Prisma puts the driver's error into meta. */
function causesOf(error: unknown, depth = 0): Cause[] {
  if (typeof error !== 'object' || error === null || depth > 5) return [];
  const { cause, meta } = error as { cause?: unknown; meta?: { driverAdapterError?: unknown } };
  return [error, ...causesOf(cause, depth + 1), ...causesOf(meta?.driverAdapterError, depth + 1)];
}
