/** The tensors that a network is made of: names, shapes and initialisations. */

/** First value of every entry: uniform in [-bound, bound), normal around 0, or one constant. */
export type Initialisation = { uniform: number } | { normal: number } | { constant: number };

export interface Parameter {
  /** PyTorch's name. */
  name: string;
  /** Shape in the engine's layout: convolutions height x width x in x out, linear weights in x out. */
  shape: number[];
  initialisation: Initialisation;
  /** False for running statistics, which no gradient reaches. */
  trained: boolean;
}

const bound = (inputs: number): Initialisation => ({ uniform: 1 / Math.sqrt(inputs) });

/** A convolution's kernel. By default PyTorch's initialisation: uniform within 1 / sqrt(inputs of a filter). */
export function kernel(module: string, size: number, inputs: number, filters: number, initialisation?: Initialisation): Parameter {
  return {
    name: `${module}.weight`,
    shape: [size, size, inputs, filters],
    initialisation: initialisation ?? bound(size * size * inputs),
    trained: true,
  };
}

/** The bias of a convolution or linear module. */
export function bias(module: string, length: number, initialisation: Initialisation): Parameter {
  return { name: `${module}.bias`, shape: [length], initialisation, trained: true };
}

/** Weight and bias of a linear module, both uniform within 1 / sqrt(inputs) unless given otherwise. */
export function linearParameters(
  module: string,
  inputs: number,
  outputs: number,
  initial: { weight?: Initialisation; bias?: Initialisation } = {},
): Parameter[] {
  return [
    { name: `${module}.weight`, shape: [inputs, outputs], initialisation: initial.weight ?? bound(inputs), trained: true },
    bias(module, outputs, initial.bias ?? bound(inputs)),
  ];
}

/** Scale, offset and running statistics of a batch normalisation. */
export function normalisationParameters(module: string, channels: number): Parameter[] {
  const vector = (name: string, constant: number, trained: boolean): Parameter => ({
    name: `${module}.${name}`,
    shape: [channels],
    initialisation: { constant },
    trained,
  });
  return [vector('weight', 1, true), vector('bias', 0, true), vector('running_mean', 0, false), vector('running_var', 1, false)];
}
