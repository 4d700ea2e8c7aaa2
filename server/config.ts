/** What the processes are told at start: options, variables and what follows from them. */
import { resolve } from 'node:path';
import { type OptionValues, parseOptions } from '../setup/options.mjs';
import { StartError } from './errors.ts';

export interface Config {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Names that the server answers to besides localhost and addresses; lower case. */
  names: string[];
  /** Absolute path of the data folder. */
  data: string;
  /** Absolute path of the folder that holds cifar-10-batches-bin; given: somebody named it. */
  datasets: { folder: string; given: boolean };
  demo: boolean;
  workers: number;
  /** Days for which deleted runs are kept; 0 for ever. */
  retentionDays: number;
  /** auto, or the label of a device: cpu, cuda:0, webgpu:0, tensorflow:0, tensorflow:cpu. */
  device: string;
  /** Somebody's own Postgres; the embedded one when undefined. */
  databaseUrl: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws UsageError or StartError with a line that says which value is wrong and what to do. */
export function readConfig(argv: readonly string[], environment: Environment): Config {
  const values = parseOptions(argv, environment);
  checkHost(values);
  checkDevice(values);
  const data = resolve(values.data);
  const { host, port, demo, workers, device, datasets, retention } = values;
  return {
    host,
    port,
    names: (values.names ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
    data,
    datasets: { folder: resolve(datasets ?? `${data}/datasets`), given: datasets !== undefined },
    demo,
    workers,
    retentionDays: retention,
    device,
    databaseUrl: readDatabaseUrl(environment.DATABASE_URL),
  };
}

function checkHost({ host, public: allowed }: OptionValues): void {
  if (/^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host) || allowed) return;
  throw new StartError(`--host ${host} lets other machines reach RiftLab. If you want that, add --public; otherwise leave --host out.`);
}

function checkDevice({ device }: OptionValues): void {
  if (/^(auto|cpu|(cuda|webgpu|tensorflow):\d+|tensorflow:cpu)$/.test(device)) return;
  throw new StartError(`--device ${device} names no device. It is auto, cpu, cuda:0, webgpu:0, tensorflow:0 or tensorflow:cpu.`);
}

function readDatabaseUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!/^postgres(ql)?:\/\//.test(text))
    throw new StartError('DATABASE_URL must begin with postgresql://; leave it out to use the embedded Postgres.');
  if (!URL.canParse(text) || /%(?![\da-f]{2})/i.test(text))
    throw new StartError(
      'DATABASE_URL is no address: it is postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with / ? # @ : % in a password as %2F %3F %23 %40 %3A %25.',
    );
  return text;
}
