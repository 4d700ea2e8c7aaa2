import { Anchor, Text } from '@mantine/core';
import Link from 'next/link';
import { labelledAttack } from '../../lib/attacks.ts';
import { percent } from '../../lib/format.ts';
import { variantWord } from '../../lib/words.ts';
import type { LeaderboardRow } from '../../queries/lab.ts';
import { Suspect } from '../display/Suspect.tsx';

/** Which network it is, where its numbers come from, and what else is known of them. */
export function Entry({ row, ranked = false }: { row: LeaderboardRow; ranked?: boolean }) {
  return (
    <>
      <Text size="sm" fw={ranked ? 600 : 550}>
        {ranked && `${row.rank}. `}
        {row.network} · {variantWord(row.variant)}
      </Text>
      <Origin row={row} />
      <Trusted row={row} />
      <OtherAttacks row={row} />
    </>
  );
}

/** Says which of a row's numbers failed a sanity check. */
function Trusted({ row }: { row: LeaderboardRow }) {
  return (
    <>
      <Suspect trust={row.base.trust} findings={['Base:', ...row.base.findings]} />
      {row.rift && <Suspect trust={row.rift.trust} findings={['RiFT:', ...row.rift.findings]} />}
    </>
  );
}

/** The run; of weights that were measured by themselves the weights, which no run here may have made. */
function placeOf({ run, base, rift }: LeaderboardRow): { href: string; name: string } | null {
  const checkpoint = rift?.checkpoint ?? base.checkpoint;
  if (run?.kind === 'EVALUATION' && checkpoint) return { href: `/checkpoints/${checkpoint.id}`, name: checkpoint.name };
  return run && { href: `/runs/${run.id}`, name: run.name };
}

function Origin({ row }: { row: LeaderboardRow }) {
  const place = placeOf(row);
  if (place)
    return (
      <Anchor component={Link} href={place.href} size="xs" style={{ overflowWrap: 'anywhere' }}>
        {place.name}
      </Anchor>
    );
  if (row.link?.startsWith('https://'))
    return (
      <Anchor href={row.link} target="_blank" rel="noreferrer" size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {row.source}
      </Anchor>
    );
  return (
    <Text size="xs" c="dimmed">
      {row.source ?? 'Published'}
    </Text>
  );
}

/** What is left under attacks that rank nothing: AutoAttack, and what else was measured. */
function OtherAttacks({ row }: { row: LeaderboardRow }) {
  const names = [...new Set([...row.base.attacks, ...(row.rift?.attacks ?? [])].map(({ attack }) => attack))];
  const shown = (of: string, cell: LeaderboardRow['base'] | LeaderboardRow['rift'], name: string) => {
    const found = cell?.attacks.find(({ attack }) => attack === name);
    return found && `${of} ${percent(found.accuracy, 2)}${found.trust === 'SUSPECT' ? ' (suspect)' : ''}`;
  };
  return names.map((name) => (
    <Text key={name} size="xs" c="dimmed">
      {labelledAttack(name)}: {[shown('base', row.base, name), shown('RiFT', row.rift, name)].filter(Boolean).join(', ')}
    </Text>
  ));
}
