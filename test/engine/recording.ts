/** A recorder that remembers, and a stage's context around it. */
import { createHash } from 'node:crypto';
import type { Backend } from '../../engine/backends/backend.ts';
import type { EvaluationResult, MetricPoint, MrcScore, Progress, Recorder, SweepPoint } from '../../engine/recorder.ts';
import type { StageContext } from '../../engine/stages.ts';

export class Recording implements Recorder {
  progressed: Progress[] = [];
  points: MetricPoint[] = [];
  lines: string[] = [];
  scores: MrcScore[] = [];
  sweep: SweepPoint[] = [];
  evaluations: EvaluationResult[] = [];
  states: Uint8Array[] = [];
  settings: Record<string, number> = {};

  progress(progress: Progress): void {
    this.progressed.push(progress);
  }
  async metrics(points: MetricPoint[]): Promise<void> {
    this.points.push(...points);
  }
  async line(text: string): Promise<void> {
    this.lines.push(text);
  }
  async mrcScore(score: MrcScore): Promise<void> {
    this.scores.push(score);
  }
  async sweepPoint(point: SweepPoint): Promise<void> {
    this.sweep.push(point);
  }
  async evaluation(result: EvaluationResult): Promise<void> {
    this.evaluations.push(result);
  }
  async setting(key: string, value: number): Promise<void> {
    this.settings[key] = value;
  }
  async resumeState(state: Uint8Array): Promise<void> {
    this.states.push(state);
  }
  /** What the states hold, short enough to compare. */
  stateDigests = (): string[] => this.states.map((state) => createHash('sha256').update(state).digest('hex'));
  valuesOf(key: string): number[] {
    return this.points.filter((point) => point.key === key).map(({ value }) => value);
  }
}

export function contextOf(backend: Backend, recorder: Recorder, changes: Partial<StageContext> = {}): StageContext {
  return { backend, recorder, datasetsFolder: '', signal: new AbortController().signal, seed: 0, ...changes };
}
