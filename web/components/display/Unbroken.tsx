import { optionInText } from '../../lib/words.ts';

const pieces = new RegExp(`(${optionInText})|((?!${optionInText}).)+`, 'gs');

/** A text in which options of the command line stay in one piece. */
export function Unbroken({ text }: { text: string }) {
  const parts = [...text.matchAll(pieces)];
  return parts.map(({ index, 0: part, 1: option }) => (
    <span key={index} style={option ? { whiteSpace: 'nowrap' } : undefined}>
      {part}
    </span>
  ));
}

/** The same for what a control shows as its error: nothing where there is none. */
export const unbroken = (text: string | undefined) =>
  text && (
    <span style={{ whiteSpace: 'pre-line' }}>
      <Unbroken text={text} />
    </span>
  );
