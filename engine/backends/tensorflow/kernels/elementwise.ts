/** tfjs kernels that work entry by entry. */
import * as tf from '@tensorflow/tfjs-core';
import { type ElementType, type Program, typeOf, type Value } from '../program.ts';
import { traceKernel } from '../tracer.ts';

type One = [Value];
type Two = [Value, Value];

const broadcast = (...values: Value[]) =>
  values.map(({ shape }) => [...shape]).reduce((shape, other) => tf.backend_util.assertAndGetBroadcastShape(shape, other));

const binary = {
  Add: 'AddV2',
  Sub: 'Sub',
  Multiply: 'Mul',
  RealDiv: 'RealDiv',
  Maximum: 'Maximum',
  Minimum: 'Minimum',
  Pow: 'Pow',
  SquaredDifference: 'SquaredDifference',
};
for (const [kernel, operator] of Object.entries(binary))
  traceKernel(kernel, ['a', 'b'], (program, inputs) => {
    const [a, b] = inputs as Two;
    return program.add(operator, [a, b], { shape: broadcast(a, b), type: a.type }, typeOf(a));
  });

for (const operator of ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'])
  traceKernel(operator, ['a', 'b'], (program, inputs) => {
    const [a, b] = inputs as Two;
    return program.add(operator, [a, b], { shape: broadcast(a, b), type: 'bool' }, typeOf(a));
  });
for (const operator of ['LogicalAnd', 'LogicalOr'])
  traceKernel(operator, ['a', 'b'], (program, inputs) => program.add(operator, inputs, { shape: broadcast(...inputs), type: 'bool' }));
traceKernel('LogicalNot', ['x'], (program, inputs) => program.add('LogicalNot', inputs, (inputs as One)[0]));
traceKernel('Select', ['condition', 't', 'e'], (program, inputs) => {
  const { type } = inputs[1] as Value;
  return program.add('SelectV2', inputs, { shape: broadcast(...inputs), type }, typeOf({ type }));
});

for (const operator of ['Neg', 'Abs', 'Sign', 'Exp', 'Log', 'Sqrt', 'Rsqrt', 'Square', 'Relu', 'Sigmoid', 'Tanh', 'Erf'])
  traceKernel(operator, ['x'], (program, inputs) => {
    const [x] = inputs as One;
    return program.add(operator, [x], x, typeOf(x));
  });
/** dy where y, the result of the ReLU, is above 0, else 0. */
traceKernel('ReluGrad', ['dy', 'y'], (program, inputs) => {
  const [dy] = inputs as Two;
  return program.add('ReluGrad', inputs, dy, typeOf(dy));
});

function cast(program: Program, x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  return program.add('Cast', [x], { shape: x.shape, type }, { ...typeOf(x, 'SrcT'), ...typeOf({ type }, 'DstT') });
}
traceKernel('Cast', ['x'], (program, [x], { dtype }) => cast(program, x as Value, dtype as ElementType));
traceKernel('Step', ['x'], (program, inputs) => {
  const [x] = inputs as One;
  const above = program.add('Greater', [x, program.scalar(0, x.type)], { shape: x.shape, type: 'bool' }, typeOf(x));
  return cast(program, above, x.type);
});
traceKernel('ClipByValue', ['x'], (program, inputs, { clipValueMin, clipValueMax }) => {
  const [x] = inputs as One;
  const bounds = [clipValueMin, clipValueMax].map((bound) => program.scalar(bound as number, x.type));
  return program.add('ClipByValue', [x, ...bounds], x, typeOf(x));
});
traceKernel('Identity', ['x'], (_program, inputs) => (inputs as One)[0]);
for (const [kernel, number] of [
  ['ZerosLike', 0],
  ['OnesLike', 1],
] as const)
  traceKernel(kernel, ['x'], (program, inputs) => program.filled((inputs as One)[0].shape, number, (inputs as One)[0].type));
traceKernel('Fill', [], (program, _inputs, { shape, value, dtype }) =>
  program.filled(shape as number[], value as number, (dtype ?? 'float32') as ElementType),
);
