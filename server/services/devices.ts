/** What workers compute on. */

import { ConflictError, NotFoundError } from '../errors.ts';
import { recentDevices } from '../store/batches.ts';
import { deviceSilenceSeconds } from '../store/devices.ts';
import type { Path } from './input.ts';
import type { DeviceRecord, MissingDeviceRecord } from './records.ts';
import type { Session } from './session.ts';

export const listDevices = (session: Session): Promise<DeviceRecord[]> => recentDevices(session.lab.database);

/** As its worker says, or offline when that has been silent. */
export const deviceState = ({ state, lastSeenAt }: DeviceRecord): string =>
  Date.now() - lastSeenAt.getTime() > deviceSilenceSeconds * 1000 ? 'offline' : state;

export const missingDevices = ({ missing }: DeviceRecord) => missing as unknown as MissingDeviceRecord[];

const instead = 'Choose another device, or leave it out to take the first that is free.';

/** A device that takes runs. Throws NotFoundError for an unknown one, ConflictError with the reason for one that takes none. */
export async function needDevice(session: Session, id: number, path: Path): Promise<DeviceRecord> {
  const device = await session.load.device.load(id);
  if (!device) throw new NotFoundError('There is no such device. The devices query lists those that exist.', path);
  const refuse = (reason: string) => new ConflictError(`${device.name} ${reason} ${instead}`, path);
  switch (deviceState(device)) {
    case 'failed':
      throw refuse(`cannot compute: ${device.problem ?? 'its self-test failed.'}`);
    case 'offline':
      throw refuse(`is offline: its worker ${device.worker} was heard last at ${device.lastSeenAt.toISOString()}.`);
    case 'standby':
      throw refuse(`is on standby: its worker computes on another. To use this one, start that worker with --device ${device.label}.`);
    default:
      return device;
  }
}
