/** The programs that tests start as processes; `npm test` has built them, a bare vitest has not. */
import { prepare } from '../../setup/prepare.mjs';

export default async function setup() {
  if (!process.env.RIFTLAB_PROGRAMS) await prepare();
}
