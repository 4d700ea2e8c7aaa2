/** How the learning rate goes. */
import type { TrainingConfig } from '../config.ts';

type Scheduled = Pick<TrainingConfig, 'learningRate' | 'schedule' | 'milestones' | 'epochs'>;

const risingShare = 0.4;

const schedules: Record<TrainingConfig['schedule'], (config: Scheduled, time: number) => number> = {
  /** A tenth of the last for every milestone that has passed. */
  MILESTONES: ({ milestones }, time) => 0.1 ** milestones.filter((milestone) => milestone <= time).length,
  COSINE: ({ epochs }, time) => (1 + Math.cos((Math.PI * time) / epochs)) / 2,
  /** In straight lines from 0 up to the whole rate and down again, as in Rice et al. (ICML 2020). */
  CYCLIC({ epochs }, time) {
    const share = time / epochs;
    return share < risingShare ? share / risingShare : (1 - share) / (1 - risingShare);
  },
};

/** time: epochs done so far, from 0; of a step that of its middle, so that no step is lost to a rate of zero. */
export function learningRateAt(config: Scheduled, time: number): number {
  return config.learningRate * schedules[config.schedule](config, time);
}
