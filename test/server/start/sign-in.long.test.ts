/** `npm start -- --sign-in` while the server does not run. */
import { expect, it } from 'vitest';
import { askSignIn, openSignInLab, press, start } from './ask-sign-in.ts';

const lab = openSignInLab();

it('prints an address that works once RiftLab runs again', async () => {
  await lab.server.end('SIGTERM');
  const { said, code } = await askSignIn(lab.data);
  expect([code, said]).toEqual([0, expect.stringContaining('it works once RiftLab runs')]);
  const token = new URL(/open (\S+)/.exec(said)?.[1] ?? '').search;
  lab.server = await start(lab.data);
  expect((await press(`${lab.server.origin}/${token}`)).headers.get('location')).toBe('/');
});
