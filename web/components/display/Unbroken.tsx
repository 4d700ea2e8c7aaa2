/** A text in which options of the command line stay in one piece. */
export function Unbroken({ text }: { text: string }) {
  const parts = [...text.matchAll(/(--[a-z][a-z-]*)|((?!--[a-z]).)+/gs)];
  return parts.map(({ index, 0: part, 1: option }) => (
    <span key={index} style={option ? { whiteSpace: 'nowrap' } : undefined}>
      {part}
    </span>
  ));
}
