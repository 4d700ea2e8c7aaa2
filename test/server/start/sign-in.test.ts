/** `npm start -- --sign-in`: an address while the server runs; while it does not: sign-in.long.test.ts. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askSignIn, openSignInLab, press } from './ask-sign-in.ts';

const lab = openSignInLab();

describe('npm start -- --sign-in', () => {
  it('prints an address of the server that runs, which goes on', async () => {
    const { said, code } = await askSignIn(lab.data);
    expect([code, said]).toEqual([0, expect.stringMatching(/^riftlab: open http:\/\/127\.0\.0\.1:\d+\/\?token=\S+\n$/)]);
    const address = said.trim().split(' ').at(-1) ?? '';
    expect(new URL(address).origin).toBe(lab.server.origin);
    expect((await press(address)).headers.get('location')).toBe('/');
    expect((await press(lab.server.address)).headers.get('location')).toBe('/');
  });

  it('says what is wrong where there is nothing yet', async () => {
    const { said, code } = await askSignIn(join(lab.data, 'nowhere'));
    expect([code, said]).toEqual([1, expect.stringContaining('riftlab: There is no data folder')]);
  });
});
