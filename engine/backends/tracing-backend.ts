/** What the tfjs backends have in common under which a step is traced: their kernels note what is to be computed. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.ts';
import { withCurrentBackend } from './current.ts';

/** Literals above this are refused: such values belong among the constants. */
const literalLimit = 65_536;

const elementTypes = ['float32', 'int32', 'bool'] as const;
type TracedType = (typeof elementTypes)[number];

function elementType(dtype: string): TracedType {
  const type = elementTypes.find((known) => known === dtype);
  if (type === undefined) throw new EngineError(`A step cannot use the type ${dtype}; only float32, int32 and bool are known.`);
  return type;
}

/** Target: what the kernels write to. Entry: what stands there for a tensor. */
export abstract class TracingBackend<Target, Entry> extends tf.KernelBackend {
  private target: Target | undefined;
  private readonly entries = new Map<object, Entry>();

  /**
   * @param tracerName the name under which it is registered with tfjs
   * @param label what messages call it
   */
  constructor(
    private readonly tracerName: string,
    private readonly label: string,
  ) {
    super();
  }

  protected abstract infoOf(entry: Entry): { shape: number[]; dtype: tf.DataType };
  /** A tensor whose entries are all the same number. */
  protected abstract filled(target: Target, shape: number[], value: number, type: TracedType): Entry;
  protected abstract literal(target: Target, values: ArrayLike<number>, shape: number[], type: TracedType): Entry;

  get current(): Target {
    if (this.target === undefined) throw new EngineError(`A tfjs operation was called on the ${this.label} backend outside of a step.`);
    return this.target;
  }

  /** Traces what the work does into the target. */
  collect<T>(target: Target, work: () => T): T {
    if (this.target !== undefined) throw new EngineError('A step was compiled within a step.');
    this.target = target;
    try {
      return withCurrentBackend(this.tracerName, () => {
        tf.engine().startScope();
        try {
          return work();
        } finally {
          tf.engine().endScope();
        }
      });
    } finally {
      this.target = undefined;
      this.entries.clear();
    }
  }

  /** What stands for the tensor. */
  describe(tensor: tf.TensorInfo): Entry {
    const entry = this.entries.get(tensor.dataId);
    if (entry === undefined)
      throw new EngineError('The step uses a tensor made outside of it.', 'Make it inside the step, or give it as an input or a constant.');
    return entry;
  }

  keep(entry: Entry): tf.TensorInfo {
    const dataId = {};
    this.entries.set(dataId, entry);
    return { dataId, ...this.infoOf(entry) };
  }

  /** A tensor that the entry stands for. */
  tensorOf(entry: Entry): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.keep(entry), this);
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const type = elementType(dtype);
    const data = values as ArrayLike<number>;
    const first = Number(data[0] ?? 0);
    const equal = Array.prototype.every.call(data, (value) => Object.is(Number(value), first));
    if (equal) return this.keep(this.filled(this.current, shape, first, type)).dataId;
    if (data.length > literalLimit)
      throw new EngineError(`The step makes a tensor of ${data.length} values from numbers.`, 'Give it as a constant.');
    return this.keep(this.literal(this.current, data, shape, type)).dataId;
  }

  override disposeData(dataId: object): boolean {
    this.entries.delete(dataId);
    return true;
  }
  override readSync(): tf.BackendValues {
    throw new EngineError('A step cannot read values back: it is traced once, before there are any.');
  }
  override async read(): Promise<tf.BackendValues> {
    return this.readSync();
  }
  override numDataIds(): number {
    return this.entries.size;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override dispose(): void {
    this.entries.clear();
  }
}
