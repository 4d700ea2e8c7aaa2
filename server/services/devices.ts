/** What workers compute on. */
import { recentDevices } from '../store/batches.ts';
import { deviceSilenceSeconds } from '../store/devices.ts';
import type { DeviceRecord } from './records.ts';
import type { Session } from './session.ts';

export const listDevices = (session: Session): Promise<DeviceRecord[]> => recentDevices(session.lab.database);

/** idle, busy, or offline when its worker has been silent. */
export const deviceState = ({ state, lastSeenAt }: DeviceRecord): string =>
  Date.now() - lastSeenAt.getTime() > deviceSilenceSeconds * 1000 ? 'offline' : state;
