/** The order in which a chain's modules compute, where the file has them by the alphabet, as safetensors writes tensors. */

interface Named {
  name: string;
  kind: 'conv' | 'linear' | 'batchNorm';
  /** Of its weight. */
  shape: readonly number[];
}

const { compare } = new Intl.Collator('en', { numeric: true });

const listOf = ({ name }: Named) => name.slice(0, name.lastIndexOf('.') + 1);
const lastPart = ({ name }: Named) => name.slice(name.lastIndexOf('.') + 1);
const numberOf = (module: Named) => /\d+$/.exec(lastPart(module))?.[0] ?? '';
const rank = ({ kind }: Named) => (kind === 'linear' ? 1 : 0);

/**
 * Numbered modules by their numbers; named ones by their names, convolutions first, each batch normalisation behind the module of its
 * number; lists with convolutions before others. Undefined where a batch normalisation belongs to none of them.
 */
export function inOrder<Module extends Named>(modules: readonly Module[]): Module[] | undefined {
  const lists = [...new Set(modules.map(listOf))].map((list) => ({ list, members: modules.filter((one) => listOf(one) === list) }));
  const ordered = lists
    .toSorted((one, other) => rankOfList(one.members) - rankOfList(other.members) || compare(one.list, other.list))
    .flatMap(({ members }) => (members.every((one) => /^\d+$/.test(lastPart(one))) ? byNumber(members) : byName(members)));
  return ordered.length === modules.length ? ordered : undefined;
}

const rankOfList = (members: readonly Named[]) => (members.some(({ kind }) => kind === 'conv') ? 0 : 1);

const byNumber = <Module extends Named>(members: readonly Module[]) =>
  members.toSorted((one, other) => Number(lastPart(one)) - Number(lastPart(other)));

function byName<Module extends Named>(members: readonly Module[]): Module[] {
  const left = new Set(members.filter(({ kind }) => kind === 'batchNorm'));
  return members
    .filter(({ kind }) => kind !== 'batchNorm')
    .toSorted((one, other) => rank(one) - rank(other) || compare(one.name, other.name))
    .flatMap((module) => {
      const behind = [...left].find((one) => numberOf(one) === numberOf(module) && one.shape[0] === module.shape[0]);
      if (behind) left.delete(behind);
      return behind ? [module, behind] : [module];
    });
}
