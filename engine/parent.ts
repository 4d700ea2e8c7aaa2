/**
 * Imported first by programs that a parent process starts and speaks to by messages: whatever becomes of the parent, and
 * whenever, this process does not outlive it. The parent may be gone before the first line here runs; then no event tells of it.
 */
let end: () => void = () => process.exit(1);

/** What is done when the parent is gone, instead of ending at once. */
export function whenParentIsGone(act: () => void): void {
  end = act;
}

process.on('disconnect', () => end());
if (process.connected === false) process.exit(1);
