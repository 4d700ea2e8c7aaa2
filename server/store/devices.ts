/**
 * The devices of workers. lastSeenAt is a worker's heartbeat, by the database's clock: those of other machines differ, and jump. One
 * that falls silent is offline.
 */
import type { Transaction } from './database.ts';
import type { Prisma } from './generated/client.ts';
import { notify } from './notifications.ts';

export interface DeviceAbout {
  /** The worker process's name: the same device is found again when its worker restarts. */
  worker: string;
  name: string;
  backend: string;
  kind: string;
  /** What --device calls it. */
  label?: string;
  threads: number;
  memoryBytes?: number | null;
  versions?: string | null;
}

/** A device that its machine could have. */
export interface MissingDeviceRecord {
  backend: string;
  kind: string;
  reason: string;
  hint: string;
}

/** What the self-test found. */
export interface DeviceFindings {
  selfTest: string | null;
  imagesPerSecond: number | null;
  problem: string | null;
  hint: string | null;
}

/**
 * testing: before and after its self-test nothing is taken. idle, busy: it takes stages. standby: it passed, but its worker computes
 * on another. failed: the self-test, or it was lost. offline: its worker is silent.
 */
export type DeviceState = 'testing' | 'idle' | 'busy' | 'standby' | 'failed' | 'offline';

/** After this long without a heartbeat a device counts as offline. */
export const deviceSilenceSeconds = 15;

/** Makes the device known and returns its id. */
export async function registerDevice(transaction: Transaction, about: DeviceAbout, state: DeviceState = 'idle'): Promise<number> {
  const { worker, name, backend, ...rest } = about;
  const now = { ...rest, state, runId: null };
  const device = await transaction.device.upsert({
    where: { worker_name_backend: { worker, name, backend } },
    update: now,
    create: { worker, name, backend, ...now, lastSeenAt: new Date() },
    select: { id: true },
  });
  await touchDevice(transaction, device.id, state);
  await notify(transaction, { type: 'devicesChanged' });
  return device.id;
}

/** Keeps what the self-test found, and what follows from it. */
export async function describeDevice(
  transaction: Transaction,
  device: number,
  state: DeviceState,
  findings: DeviceFindings,
): Promise<void> {
  await transaction.device.update({ where: { id: device }, data: { ...findings, state, runId: null } });
  await touchDevice(transaction, device, state);
  await notify(transaction, { type: 'devicesChanged' });
}

/** missing: what the machine of this device could have besides. */
export async function noteMissingDevices(transaction: Transaction, device: number, missing: MissingDeviceRecord[]): Promise<void> {
  await transaction.device.update({ where: { id: device }, data: { missing: missing as unknown as Prisma.InputJsonValue } });
  await notify(transaction, { type: 'devicesChanged' });
}

/** run: what it computes now, when busy. */
export async function setDeviceState(
  transaction: Transaction,
  device: number,
  state: DeviceState,
  run: number | null = null,
): Promise<void> {
  await transaction.device.update({ where: { id: device }, data: { state, runId: run } });
  await touchDevice(transaction, device, state);
  await notify(transaction, { type: 'devicesChanged' });
}

/** The heartbeat; brings back a device that was taken for offline. */
export async function touchDevice(transaction: Transaction, device: number, state: DeviceState): Promise<void> {
  await transaction.$executeRaw`UPDATE "Device" SET "lastSeenAt" = now(), "state" = ${state} WHERE "id" = ${device}`;
}

/** Marks silent devices offline; returns how many. */
export async function markSilentDevices(transaction: Transaction): Promise<number> {
  const count = await transaction.$executeRaw`
    UPDATE "Device" SET "state" = 'offline', "runId" = NULL
    WHERE "state" <> 'offline' AND "lastSeenAt" < now() - make_interval(secs => ${deviceSilenceSeconds})`;
  if (count > 0) await notify(transaction, { type: 'devicesChanged' });
  return count;
}
