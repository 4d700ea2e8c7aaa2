/** The devices of a worker: found, tested, announced, and the one that it computes on chosen. */
import {
  type CheckedDevice,
  checkDevice,
  cpuDevice,
  type EngineDevice,
  findDevices,
  labelOf,
  type MissingDevice,
} from '../../engine/index.ts';
import type { Database } from '../store/database.ts';
import {
  type DeviceFindings,
  type DeviceState,
  describeDevice,
  noteMissingDevices,
  registerDevice,
  setDeviceState,
  touchDevice,
} from '../store/devices.ts';
import type { StageProblem } from './failure.ts';
import type { Speeds } from './speeds.ts';

export interface LocalDevicesOptions {
  prisma: Database['prisma'];
  /** Name of the worker. */
  worker: string;
  /** What the person asked for: auto, or a device's label. */
  wanted: string;
  /** Which of the workers of this machine this is, from 0, and how many there are: each takes another device where there are several. */
  rank: number;
  workers: number;
  /** Cores for a CPU. */
  threads: number;
  speeds: Speeds;
  signal: AbortSignal;
  onError(error: unknown): void;
}

export interface LocalDevice {
  id: number;
  device: EngineDevice;
  threads: number;
  /** Name, backend and speed, for the terminal. */
  about: string;
}

const touchMilliseconds = 3000;

export class LocalDevices {
  /** Devices that nothing runs on now, and what their heartbeat says. */
  private readonly resting = new Map<number, DeviceState>();
  private readonly known = new Set<number>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: LocalDevicesOptions) {
    this.timer = setInterval(() => void this.touch(), touchMilliseconds);
  }

  /**
   * The device to compute on: the one that was asked for, or the fastest that passes its self-test (of several workers each takes
   * another); TensorFlow is taken only where it is half again as fast, so that rough figures don't decide. The others are announced as standby or failed. Undefined when none passes.
   */
  async choose(): Promise<LocalDevice | undefined> {
    const { wanted, rank, workers, threads } = this.options;
    const { devices, missing } = wanted === 'cpu' ? { devices: [cpuDevice(threads)], missing: [] } : await this.find();
    const candidates = wanted === 'auto' ? devices : devices.filter((device) => labelOf(device) === wanted);
    if (candidates.length === 0) return this.announceMissing(missing);
    if (workers === 1) for (const device of candidates) await this.announce(device, 'testing');
    const checked = await this.checkAll(candidates);
    if (this.options.signal.aborted) return undefined;

    const passed: CheckedDevice[] = checked.filter((one) => one.state === 'passed').toSorted((one, other) => worthOf(other) - worthOf(one));
    const taken = passed[rank % Math.max(passed.length, 1)];
    if (rank === 0)
      for (const one of checked) {
        const isTakenByAnother = passed.indexOf(one) >= 0 && passed.indexOf(one) < workers;
        if (one !== taken && !isTakenByAnother) await this.announce(one.device, one.state === 'passed' ? 'standby' : 'failed', one);
      }
    if (!taken) return undefined;
    const id = await this.announce(taken.device, 'idle', taken);
    this.resting.delete(id);
    await noteMissingDevices(this.options.prisma, id, rank === 0 ? missing : []);
    return { id, device: taken.device, threads: threadsOf(taken.device, threads), about: aboutOf(taken) };
  }

  /** Tests a device again after it was lost; false when it does not pass. */
  async isWell({ id, device }: LocalDevice, { message }: StageProblem): Promise<boolean> {
    const checked = await this.check(device);
    if (checked.state === 'passed') {
      await describeDevice(this.options.prisma, id, 'idle', findingsOf(checked));
      return true;
    }
    this.resting.set(id, 'failed');
    const findings = findingsOf(checked);
    await describeDevice(this.options.prisma, id, 'failed', { ...findings, problem: `${message} ${findings.problem}` });
    return false;
  }

  /** All of them are offline from now on. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const id of this.known) await setDeviceState(this.options.prisma, id, 'offline').catch(this.options.onError);
  }

  private find() {
    return findDevices(this.options.threads, { signal: this.options.signal });
  }

  /** Side by side, unless something is measured. */
  private async checkAll(devices: EngineDevice[]): Promise<CheckedDevice[]> {
    const speeds = await Promise.all(devices.map((device) => this.knownSpeed(device)));
    if (!speeds.includes(undefined)) return Promise.all(devices.map((device) => this.check(device)));
    const checked: CheckedDevice[] = [];
    for (const device of devices) checked.push(await this.check(device));
    return checked;
  }

  private knownSpeed(device: EngineDevice): Promise<number | undefined> {
    return this.options.speeds.read(device, threadsOf(device, this.options.threads));
  }

  private async check(device: EngineDevice): Promise<CheckedDevice> {
    const { speeds, signal } = this.options;
    const threads = threadsOf(device, this.options.threads);
    const known = await this.knownSpeed(device);
    const checked = await checkDevice(device, { threads, measure: known === undefined, signal });
    if (checked.state !== 'passed') return checked;
    if (checked.imagesPerSecond === undefined) return { ...checked, imagesPerSecond: known };
    await speeds.write(device, threads, checked.imagesPerSecond);
    return checked;
  }

  private async announce(device: EngineDevice, state: DeviceState, checked?: CheckedDevice): Promise<number> {
    const { prisma, worker, threads } = this.options;
    const { backend, kind, memoryBytes, versions } = device;
    const label = labelOf(device);
    // A machine may have several GPUs of one model.
    const name = kind === 'cpu' ? device.name : `${device.name} (${label})`;
    const about = { worker, name, backend, kind, label, threads: threadsOf(device, threads), memoryBytes, versions };
    const id = await registerDevice(prisma, about, checked ? 'testing' : state);
    if (checked) await describeDevice(prisma, id, state, findingsOf(checked));
    this.known.add(id);
    this.resting.set(id, state);
    return id;
  }

  /** A device that was asked for by name and is not there is shown, with the reason. */
  private async announceMissing(missing: MissingDevice[]): Promise<undefined> {
    const { prisma, worker, wanted } = this.options;
    const [family = wanted] = wanted.split(':');
    const backend = family === 'tensorflow' ? 'tensorflow' : 'onnx';
    const kind = wanted === 'tensorflow:cpu' ? 'cpu' : family === 'tensorflow' ? 'cuda' : family;
    const why = missing.find((one) => one.backend === backend && one.kind === kind) ?? missing.find((one) => one.backend === backend);
    const id = await registerDevice(prisma, { worker, name: wanted, backend, kind, label: wanted, threads: 1 }, 'testing');
    this.known.add(id);
    this.resting.set(id, 'failed');
    await describeDevice(prisma, id, 'failed', {
      selfTest: null,
      imagesPerSecond: null,
      problem: `There is no ${wanted} here. ${why?.reason ?? 'The machine has fewer devices of this kind.'}`,
      hint: why?.hint ?? 'Start with --device auto, which takes the fastest device that there is.',
    });
    return undefined;
  }

  private async touch(): Promise<void> {
    for (const [id, state] of this.resting) await touchDevice(this.options.prisma, id, state).catch(this.options.onError);
  }
}

const threadsOf = ({ kind }: EngineDevice, threads: number) => (kind === 'cpu' ? threads : 1);

function aboutOf(checked: CheckedDevice): string {
  const { name, backend, kind } = checked.device;
  const speed = checked.state === 'passed' && checked.imagesPerSecond;
  return `${name}, ${backend} on ${kind}${speed ? `, about ${Number(speed.toPrecision(2))} images/s (PGD step of ResNet18)` : ''}`;
}

/** How much faster the default backend counts than it is: results repeat bit for bit only on one backend. */
const preference = 1.5;

function worthOf(checked: CheckedDevice): number {
  if (checked.state === 'failed') return 0;
  return (checked.imagesPerSecond ?? 0) * (checked.device.backend === 'onnx' ? preference : 1);
}

function findingsOf(checked: CheckedDevice): DeviceFindings {
  if (checked.state === 'failed')
    return { selfTest: 'failed', imagesPerSecond: null, problem: checked.problem, hint: checked.hint ?? null };
  return { selfTest: checked.selfTest, imagesPerSecond: checked.imagesPerSecond ?? null, problem: null, hint: null };
}
