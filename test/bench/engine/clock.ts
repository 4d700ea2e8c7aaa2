/** What steps are timed by: the wall's clock, or the processor's, which other work on the machine disturbs less. */
export const clocks = ['wall', 'processor'] as const;
export type Clock = (typeof clocks)[number];

/** Gives milliseconds: of the processor's time, which all threads spend, what each of so many cores has of it. */
export function clockOf(clock: Clock, threads: number): () => number {
  if (clock === 'wall') return () => performance.now();
  return () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000 / threads;
  };
}

/** The environment in which laps.py goes by the same clock. Threads that wait are not to spin, which would count as work. */
export function environmentOf(clock: Clock, threads: number): NodeJS.ProcessEnv {
  if (clock === 'wall') return process.env;
  return { ...process.env, OMP_WAIT_POLICY: 'passive', BENCH_PROCESSOR_CORES: String(threads) };
}
