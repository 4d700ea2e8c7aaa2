/** How far a download is: on one line of a terminal, or a line a tenth of it. */
const terminalMilliseconds = 300;

const megabytes = (bytes) => Math.round(bytes / 1e6);

/**
 * @param {string} name
 * @param {NodeJS.WriteStream} out
 */
export function progressOf(name, out = process.stderr) {
  let said = 0;
  let tenth = 0;
  let isOpen = false;
  const line = (bytes, total) => `${name}: ${megabytes(bytes)} of ${total === undefined ? '?' : megabytes(total)} MB`;
  return {
    report(bytes, total) {
      if (out.isTTY) {
        if (Date.now() - said < terminalMilliseconds && bytes !== total) return;
        said = Date.now();
        isOpen = true;
        out.write(`\r${line(bytes, total)} `);
      } else if (total !== undefined && Math.floor((10 * bytes) / total) > tenth) {
        tenth = Math.floor((10 * bytes) / total);
        out.write(`${line(bytes, total)}\n`);
      }
    },
    /** Leaves the line. */
    end() {
      if (isOpen) out.write('\n');
    },
  };
}
