import type { Boss } from './boss.ts';
import type { Claim, StageTask } from './stage-task.ts';

/** Takes the oldest waiting stage of the queues, in their order; undefined when there is none. */
export async function fetchStage(boss: Boss, queues: readonly string[]): Promise<Claim | undefined> {
  for (const queue of queues) {
    const [job] = await boss.fetch<StageTask>(queue);
    if (job) return { queue, id: job.id, retryCount: job.retryCount, task: job.data };
  }
  return undefined;
}
