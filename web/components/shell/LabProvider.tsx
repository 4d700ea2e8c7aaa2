'use client';
import { type ReactNode, useState, useSyncExternalStore } from 'react';
import { Provider } from 'urql';
import { basePath } from '../../lib/base-path.ts';
import { createLab } from '../../lib/client.ts';
import { LabContext } from '../display/connection.ts';

/** A page asks for much at once, and every answer says that the session has ended: one leads away, as each would break off the one before. */
const leavingMilliseconds = 5000;
let isLeaving = false;

const toSignIn = () => {
  if (isLeaving) return;
  isLeaving = true;
  setTimeout(() => {
    isLeaving = false;
  }, leavingMilliseconds);
  const here = window.location.pathname + window.location.search;
  const isHome = here === `${basePath}/` || here === basePath;
  window.location.assign(`${basePath}/sign-in${isHome ? '' : `?next=${encodeURIComponent(here)}`}`);
};

const never = () => () => {};

/** True in the browser, once the server's markup has been taken over; only there can data be asked for. */
const useInBrowser = () =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );

/** Gives its children the lab's data; they are drawn in the browser alone. */
export function LabProvider({ children, fallback }: { children: ReactNode; fallback: ReactNode }) {
  return useInBrowser() ? <Connected>{children}</Connected> : fallback;
}

function Connected({ children }: { children: ReactNode }) {
  const [lab] = useState(() => createLab(toSignIn));
  return (
    <LabContext value={lab}>
      <Provider value={lab.client}>{children}</Provider>
    </LabContext>
  );
}
