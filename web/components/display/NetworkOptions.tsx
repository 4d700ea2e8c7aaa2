import { Text } from '@mantine/core';
import { Fact } from './Fact.tsx';

/** `depth 20, layout TRADES`; the layers of a described network by their kinds. */
const inWords = (options: Record<string, unknown>) =>
  Object.entries(options)
    .map(([name, value]) => (Array.isArray(value) ? `${name}: ${value.map(({ type }) => type).join(', ')}` : `${name} ${value}`))
    .join(', ');

/** What was chosen of an architecture, as a fact; nothing where there is no choice. */
export function NetworkOptions({ options }: { options: unknown }) {
  if (typeof options !== 'object' || options === null || Object.keys(options).length === 0) return null;
  return (
    <Fact label="Options">
      <Text span size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }} lineClamp={4} title={JSON.stringify(options)}>
        {inWords(options as Record<string, unknown>)}
      </Text>
    </Fact>
  );
}
