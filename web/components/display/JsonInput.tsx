import { Textarea, type TextareaProps } from '@mantine/core';

const styles = {
  input: {
    fontFamily: 'var(--mantine-font-family-monospace)',
    fontSize: 13,
    // An example that stands in an empty field is not what is wrong with it.
    '--input-placeholder-color': 'var(--mantine-color-placeholder)',
  },
};

/** A field for JSON, as high as what is in it. */
export function JsonInput(props: TextareaProps) {
  return <Textarea autosize minRows={1} maxRows={16} spellCheck={false} styles={styles} {...props} />;
}
