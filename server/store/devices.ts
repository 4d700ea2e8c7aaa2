/** The devices of workers. lastSeenAt is a worker's heartbeat; one that falls silent is offline. */
import type { Transaction } from './database.ts';
import { notify } from './notifications.ts';

export interface DeviceAbout {
  /** The worker process's name: the same device is found again when its worker restarts. */
  worker: string;
  name: string;
  backend: string;
  kind: string;
  threads: number;
}

export type DeviceState = 'idle' | 'busy' | 'offline';

/** After this long without a heartbeat a device counts as offline. */
export const deviceSilenceSeconds = 15;

/** Makes the device known as idle and returns its id. */
export async function registerDevice(transaction: Transaction, about: DeviceAbout): Promise<number> {
  const { worker, name, backend, ...rest } = about;
  const state = { ...rest, state: 'idle', lastSeenAt: new Date(), runId: null };
  const device = await transaction.device.upsert({
    where: { worker_name_backend: { worker, name, backend } },
    update: state,
    create: { worker, name, backend, ...state },
    select: { id: true },
  });
  await notify(transaction, { type: 'devicesChanged' });
  return device.id;
}

/** run: what it computes now, when busy. */
export async function setDeviceState(
  transaction: Transaction,
  device: number,
  state: DeviceState,
  run: number | null = null,
): Promise<void> {
  if (run !== null) await transaction.device.updateMany({ where: { runId: run, id: { not: device } }, data: { runId: null } });
  await transaction.device.update({ where: { id: device }, data: { state, runId: run, lastSeenAt: new Date() } });
  await notify(transaction, { type: 'devicesChanged' });
}

/** The heartbeat; brings back a device that was taken for offline. */
export async function touchDevice(transaction: Transaction, device: number, state: DeviceState): Promise<void> {
  await transaction.$executeRaw`UPDATE "Device" SET "lastSeenAt" = now(), "state" = ${state} WHERE "id" = ${device}`;
}

/** Marks silent devices offline; returns how many. */
export async function markSilentDevices(transaction: Transaction): Promise<number> {
  const silent = new Date(Date.now() - deviceSilenceSeconds * 1000);
  const { count } = await transaction.device.updateMany({
    where: { state: { not: 'offline' }, lastSeenAt: { lt: silent } },
    data: { state: 'offline', runId: null },
  });
  if (count > 0) await notify(transaction, { type: 'devicesChanged' });
  return count;
}
