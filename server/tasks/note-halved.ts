import type { Halved } from '../../engine/index.ts';
import type { Recorder } from '../../engine/recorder.ts';

/** Tells in the run's log that memory ran out and how the run goes on; a changed result is recorded among the run's params too. */
export async function noteHalved(recorder: Recorder, { step, from, to, exact }: Halved): Promise<void> {
  const begin = `${step}: memory ran out with ${from} images at once; the run goes on with ${to} at a time.`;
  if (exact) return recorder.line(`${begin} Results stay the same.`, 'warning');
  const end = 'Their gradients are averaged, but batch normalisation takes its statistics over fewer images, which changes results.';
  await recorder.line(`${begin} ${end}`, 'warning');
  await recorder.setting('statisticsImages', to);
}
