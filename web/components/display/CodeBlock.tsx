import { Box } from '@mantine/core';
import classes from './CodeBlock.module.css';
import { CopyIcon } from './CopyIcon.tsx';

/** A text to copy. what names it for the copy button: "curl command". */
export function CodeBlock({ code, what, maxHeight }: { code: string; what: string; maxHeight?: number | string }) {
  return (
    <Box className={classes.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a block that scrolls must be reachable by keyboard */}
      <section className={classes.scroller} style={{ maxHeight }} tabIndex={0} aria-label={what}>
        <pre className={classes.code}>{code}</pre>
      </section>
      <span className={classes.copy}>
        <CopyIcon value={code} what={what} />
      </span>
    </Box>
  );
}
