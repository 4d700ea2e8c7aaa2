/** What is TensorFlow's own: its handles, its memory, its one device a process. What all backends do is tested with the others. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostArray, HostArrays, Step } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import type { Binding } from '../../../engine/backends/tensorflow/native.ts';
import { planOf } from '../../../engine/backends/tensorflow/plan.ts';
import { probeTensorflow } from '../../../engine/backends/tensorflow/probe.ts';
import { Session } from '../../../engine/backends/tensorflow/session.ts';
import { TensorflowBackend } from '../../../engine/backends/tensorflow/tensorflow.ts';
import { trace } from '../../../engine/backends/tensorflow/trace.ts';
import { EngineError, OutOfMemoryError } from '../../../engine/errors.ts';
import { describeBackends } from '../../helpers/backends.ts';
import { randomArray, randomLabels } from '../arrays.ts';
import { attackStep, classes, forwardStep, networkWeights } from './steps.ts';

const root = join(import.meta.dirname, '../../..');
const images = randomArray([7, 8, 8, 3], 1, 0.5);
const labels = randomLabels(7, classes, 2);
const weights = networkWeights();
const attack = { images, adversarial: images, labels };
const feed = { adversarial: 'adversarial' };
const planned = (step: Step, inputs: HostArrays, constants: HostArrays) => {
  const { program, outputs } = trace('test', step, inputs, constants);
  return planOf(program, outputs);
};

describe('a plan', () => {
  it('computes what depends on constants alone apart from the rest', () => {
    const { fixed, repeated } = planned(forwardStep, { images, labels }, weights);
    const operators = (instructions: typeof fixed) => instructions.map(({ operator }) => operator);
    expect(operators(fixed)).toContain('Rsqrt');
    expect(operators(repeated)).not.toContain('Rsqrt');
    expect(operators(repeated).filter((operator) => operator === 'Conv2D')).toHaveLength(3);
  });

  it('leaves out what no output needs', () => {
    const step: Step = ({ x }) => {
      tf.exp(x as tf.Tensor);
      return { y: tf.neg(x as tf.Tensor) };
    };
    expect(planned(step, { x: images }, {}).repeated.map(({ operator }) => operator)).toEqual(['Neg']);
  });

  it('ends every value after its last use, once', () => {
    const { repeated, inputs, outputs } = planned(attackStep, attack, weights);
    const kept = [...inputs.values(), ...[...outputs.values()].map(({ at }) => at)];
    const alive = new Set<number>();
    for (const { inputs: used, outputs: made, ended } of repeated) {
      for (const at of made) alive.add(at);
      for (const at of ended) expect(alive.delete(at)).toBe(true);
      expect(used.length).toBeGreaterThan(0);
    }
    expect([...alive].filter((at) => !kept.includes(at))).toEqual([]);
  });

  it('gives the gradient of a ReLU to one operation, and paddings to the fast ones', () => {
    const { repeated } = planned(attackStep, attack, weights);
    const operators = repeated.map(({ operator }) => operator);
    expect(operators).toContain('ReluGrad');
    const paddings = repeated.filter(({ operator }) => operator.startsWith('Conv2DBackprop')).map(({ attributes }) => attributes.padding);
    expect(new Set(paddings.map((padding) => JSON.stringify(padding)))).toEqual(new Set(['{"text":"SAME"}', '{"text":"VALID"}']));
  });
});

describeBackends([['tensorflow']], '%s on the CPU', () => {
  let backend: TensorflowBackend;
  beforeAll(() => {
    backend = new TensorflowBackend({ kind: 'cpu', index: 0, threads: 2, tf32: false });
  });
  afterAll(() => backend.dispose());
  const handles = () => backend.binding.getNumOfTensors();

  it('is chosen by name', async () => {
    const chosen = await chooseBackend({ name: 'tensorflow', threads: 2 });
    expect(chosen).toMatchObject({ name: 'tensorflow', kind: 'cpu', threads: 2, sessions: 0 });
    await chosen.dispose();
  });

  it('keeps the threads that the process has begun with', async () => {
    const other = await chooseBackend({ name: 'tensorflow', threads: 7 });
    expect(other.threads).toBe(2);
    await other.dispose();
  });

  it('refuses another device in the same process', async () => {
    await expect(chooseBackend({ name: 'tensorflow', kind: 'cuda', index: 1 })).rejects.toThrow(
      'TensorFlow computes on cpu 0 in this process; it cannot change to cuda 1.',
    );
  });

  it('frees every handle: of runs, of runs that fail, of old constants and of what is disposed', async () => {
    const before = handles();
    const step = backend.compile('attack', attackStep, { parallelism: 'images', constants: weights });
    await step.run(attack);
    const during = handles();
    expect(during).toBeGreaterThan(before);
    await step.run(attack, { times: 3, feed });
    expect(handles()).toBe(during);
    await step.setConstants(networkWeights(50));
    await step.run(attack);
    expect(handles()).toBe(during);
    const failing = backend.compile('gather', ({ x, at }) => ({ y: tf.gather(tf.mul(tf.exp(x as tf.Tensor), 2), at as tf.Tensor1D) }), {
      parallelism: 'calls',
    });
    const beyond = { shape: [1], dtype: 'int32' as const, data: Int32Array.of(99) };
    await expect(failing.run({ x: images, at: beyond })).rejects.toThrow(/gather: .*99 is not in \[0, 7\)/s);
    await expect(failing.run({ x: images, at: beyond })).rejects.toThrow(EngineError);
    await failing.dispose();
    expect(handles()).toBe(during);
    await step.dispose();
    expect(handles()).toBe(before);
  });

  it('sends constants once a version', async () => {
    let sent = 0;
    const { binding } = backend;
    const counting: Pick<Binding, 'createTensor' | 'deleteTensor' | 'executeOp' | 'tensorDataSync'> = {
      createTensor: (...parts) => {
        sent += 1;
        return binding.createTensor(...parts);
      },
      deleteTensor: (id) => binding.deleteTensor(id),
      executeOp: (...parts) => binding.executeOp(...parts),
      tensorDataSync: (id) => binding.tensorDataSync(id),
    };
    const session = new Session(counting as Binding, planned(forwardStep, { images, labels }, weights));
    const call = { inputs: { images, labels }, times: 1, feed: {}, check: () => {} };
    const sentBy = async (constants: HostArrays) => {
      const before = sent;
      await session.run(constants, call);
      return sent - before;
    };
    expect(await sentBy(weights)).toBeGreaterThan(Object.keys(weights).length);
    expect(await sentBy(weights)).toBe(2);
    expect(await sentBy({ ...weights, bias: randomArray([classes], 3) })).toBeGreaterThan(2);
    session.dispose();
  });

  it('keeps constants as they were when the caller changes its arrays', async () => {
    const x: HostArray = randomArray([3], 1);
    const step = backend.compile('pass', (inputs) => ({ y: tf.add(inputs.x as tf.Tensor, inputs.z as tf.Tensor) }), {
      parallelism: 'calls',
      constants: { x },
    });
    const z = { shape: [3], dtype: 'float32' as const, data: new Float32Array(3) };
    const before = await step.run({ z });
    x.data.fill(7);
    expect(await step.run({ z })).toEqual(before);
    await step.dispose();
  });

  it('lets timers through while a long run is under way, and ends it when the step is disposed', async () => {
    const step = backend.compile('attack', attackStep, { parallelism: 'images', constants: weights });
    await step.run(attack);
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
      if (ticks === 5) void step.dispose();
    }, 10);
    await expect(step.run(attack, { times: 1_000_000, feed })).rejects.toThrow('attack: this step has been disposed.');
    clearInterval(timer);
    expect(ticks).toBeGreaterThanOrEqual(5);
  });

  it('says that memory does not suffice, and goes on afterwards', { timeout: 60_000 }, async () => {
    const before = handles();
    const step = backend.compile('huge', ({ x }) => ({ y: tf.sum(tf.exp(tf.broadcastTo(x as tf.Tensor, [2 ** 21, 2 ** 22]))) }), {
      parallelism: 'calls',
    });
    const x = { shape: [1, 1], dtype: 'float32' as const, data: Float32Array.of(1) };
    await expect(step.run({ x })).rejects.toThrow(OutOfMemoryError);
    await step.dispose();
    expect(handles()).toBe(before);
    const small = backend.compile('small', (inputs) => ({ y: tf.neg(inputs.x as tf.Tensor) }), { parallelism: 'calls' });
    expect((await small.run({ x })).y?.data).toEqual(Float32Array.of(-1));
    await small.dispose();
  });

  it('is listed with its version', async () => {
    const { devices } = await probeTensorflow();
    expect(devices[0]).toMatchObject({
      backend: 'tensorflow',
      kind: 'cpu',
      index: 0,
      versions: expect.stringMatching(/^TensorFlow 2\.\d+/),
    });
    expect(devices[0]?.memoryBytes).toBeGreaterThan(2 ** 28);
  });
});

describe('without TensorFlow', () => {
  /** Asks in a process of its own, where nothing has loaded the library. */
  async function ask(choice: string, environment: Record<string, string>): Promise<string> {
    const script = `import('./engine/backends/choose.ts').then(({ chooseBackend }) => chooseBackend(${choice})).catch((error) => console.log(error.name, error.message, error.hint))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', script], {
      cwd: root,
      env: { ...process.env, ...environment },
    });
    return stdout;
  }
  const nowhere = { RIFTLAB_TENSORFLOW: join(root, 'nowhere') };

  it('says how to set it up', async () => {
    expect(await ask("{ name: 'tensorflow' }", nowhere)).toBe(
      'EngineError The backend tensorflow is not set up on this machine. Set it up with "npm run setup:tensorflow".\n',
    );
  });

  it('is listed as missing, with what to do', async () => {
    const before = process.env.RIFTLAB_TENSORFLOW;
    Object.assign(process.env, nowhere);
    try {
      expect(await probeTensorflow()).toEqual({
        devices: [],
        missing: [
          {
            backend: 'tensorflow',
            kind: 'cpu',
            reason: 'The backend tensorflow is not set up on this machine.',
            hint: 'Set it up with "npm run setup:tensorflow".',
          },
        ],
      });
    } finally {
      if (before === undefined) delete process.env.RIFTLAB_TENSORFLOW;
      else process.env.RIFTLAB_TENSORFLOW = before;
    }
  });

  describeBackends([['tensorflow']], '%s for CPUs', () => {
    it('says that there is no GPU', async () => {
      expect(await ask("{ name: 'tensorflow', kind: 'cuda', index: 0 }", {})).toMatch(
        /^EngineError TensorFlow 2\.\d+\.\d+ finds no GPU 0\. Run "npm run setup:tensorflow"/,
      );
    });
  });
});
