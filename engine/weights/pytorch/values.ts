/** What a pickle holds once it is read. */

/** Lists and tuples are arrays, dicts and OrderedDicts are Maps. Tensors and storages are what the constructors make of them. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Constructor
  | PickleObject
  | PickleValue[]
  | Map<PickleValue, PickleValue>;
/** An object that a constructor made. */
export interface PickleObject {
  readonly kind: string;
}

export type Constructor = (args: readonly PickleValue[]) => PickleValue;

/** Something beside the weights that is left out, as a NumPy number or the arguments of a program. */
export class Opaque implements PickleObject {
  readonly kind = 'opaque';
}
