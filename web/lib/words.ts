/** The API's names as words on a page. A name that is not listed is shown as it is. */
import labels from '../queries/generated/labels.json' with { type: 'json' };

export const { optionInText } = labels;

const kinds: Record<string, string> = {
  TRAINING: 'Training',
  RIFT: 'RiFT',
  CRITICALITY: 'Criticality',
  FINE_TUNE: 'Fine-tune',
  INTERPOLATION: 'Interpolation',
  EVALUATION: 'Evaluation',
  EXTERNAL: 'External',
};

const states: Record<string, string> = {
  QUEUED: 'Queued',
  RUNNING: 'Running',
  FINISHED: 'Finished',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

const suites: Record<string, string> = { STANDARD: 'Standard', ADVERSARIAL: 'Adversarial', OOD: 'Out of distribution' };
const backends: Record<string, string> = { onnx: 'ONNX Runtime', tensorflow: 'TensorFlow', cpu: 'TensorFlow.js' };
const deviceKinds: Record<string, string> = { cpu: 'CPU', cuda: 'CUDA', webgpu: 'WebGPU' };
const splits: Record<string, string> = { train: 'training', holdout: 'held-out', test: 'test' };

const within = (table: Record<string, string>) => (name: string | null | undefined) =>
  name == null ? '–' : ((Object.hasOwn(table, name) ? table[name] : undefined) ?? name);

export const kindWord = within(kinds);
export const stateWord = within(states);
export const stageWord = within(kinds);
export const architectureWord = within(labels.architectures);
/** The network of a run, with its options where its params have them in words. */
export const networkWord = (param: (key: string) => string | undefined): string =>
  param('network') ?? architectureWord(param('architecture'));
/** Options that make a network of the architecture, as JSON; undefined where there is nothing to choose. */
export function architectureExample(name: string): string | undefined {
  const examples: Record<string, unknown> = labels.architectureExamples;
  return Object.hasOwn(examples, name) ? JSON.stringify(examples[name]) : undefined;
}

export const architectureNames = Object.keys(labels.architectures);
export const variantNames = Object.keys(labels.variants);
export const datasetNames = Object.keys(labels.datasets);

export const variantWord = within(labels.variants);
export const datasetWord = within(labels.datasets);
export const attackWord = within(labels.attacks);
export const attackNames = Object.keys(labels.attacks);
export const suiteWord = within(suites);
export const backendWord = within(backends);
export const deviceKindWord = within(deviceKinds);
export const splitWord = within(splits);

/** What is known of the words, on one line. */
export const together = (...words: readonly string[]): string => words.filter((word) => word !== '–').join(' · ');

/** trainImages → "Train images", MAX_STEPS → "Max steps". */
export function spaced(name: string): string {
  const words = /^[A-Z0-9_]+$/.test(name)
    ? name.toLowerCase().replaceAll('_', ' ')
    : name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** elastic_transform → "Elastic transform" */
export const corruptionWord = (name: string): string => spaced(name.toUpperCase()).replace(/^Jpeg\b/, 'JPEG');

const progressive = ['QUEUED', 'RUNNING'];

/** True while something can still change by itself. */
export const isLive = (state: string): boolean => progressive.includes(state);

/** What a queued run waits for. */
export const aheadWord = (runs: number): string => (runs === 0 ? 'Next' : `${runs} ${runs === 1 ? 'run' : 'runs'} ahead`);
