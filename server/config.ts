/** What the processes are told at start: options, variables and what follows from them. */
import { BlockList, isIP } from 'node:net';
import { resolve } from 'node:path';
import { basePathOf, type OptionValues, parseOptions } from '../setup/options.mjs';
import { StartError } from './errors.ts';

export interface Config {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Names that the server answers to besides localhost and addresses; lower case. */
  names: string[];
  /** What people open where a proxy stands before; null where they reach this server itself. */
  publicUrl: URL | null;
  /** Its path, as /riftlab; empty without one. */
  basePath: string;
  /** Proxies whose X-Forwarded headers are believed. */
  trustedProxies: BlockList;
  /** Absolute path of the data folder. */
  data: string;
  /** Absolute path of the folder that holds cifar-10-batches-bin; given: somebody named it. */
  datasets: { folder: string; given: boolean };
  demo: boolean;
  workers: number;
  /** Days for which deleted runs are kept; 0 for ever. */
  retentionDays: number;
  /** Largest file that may be uploaded, in megabytes. */
  uploadLimit: number;
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
  const { host, port, demo, workers, device, datasets, retention, uploadLimit } = values;
  return {
    host,
    port,
    names: listOf(values.names),
    publicUrl: readPublicUrl(values.publicUrl),
    basePath: basePathOf(values.publicUrl),
    trustedProxies: readProxies(values.trustProxy),
    data,
    datasets: { folder: resolve(datasets ?? `${data}/datasets`), given: datasets !== undefined },
    demo,
    workers,
    retentionDays: retention,
    uploadLimit,
    device,
    databaseUrl: readDatabaseUrl(environment.DATABASE_URL),
  };
}

const listOf = (text = '') =>
  text
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

/** First parts of this server's own paths: a base path that began with one could not be told from them. */
const ownParts = new Set([
  ...['account', 'checkpoints', 'leaderboard', 'new', 'people', 'runs', 'sign-in', 'studies', 'system'],
  ...['_next', 'api', 'graphql', 'healthz', 'metrics', 'readyz'],
]);

function readPublicUrl(text: string | undefined): URL | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isWhole = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(text);
  if (!isWhole || !/^(\/[\w.~-]+)*\/?$/.test(url.pathname)) {
    throw new StartError(
      `--public-url is "${text}"; it must be what people open, as https://lab.example.org or https://lab.example.org/riftlab.`,
    );
  }
  const [, first = ''] = url.pathname.split('/');
  if (ownParts.has(first)) throw new StartError(`--public-url ${text}: RiftLab has a page /${first} of its own. Choose another path.`);
  return url;
}

const loopback = ['127.0.0.0/8', '::1'];

/** Addresses and subnets; "loopback" is this machine. */
function readProxies(text = 'false'): BlockList {
  const proxies = new BlockList();
  if (/^(0|false|no|off)$/i.test(text)) return proxies;
  const names = /^(1|true|yes|on)$/i.test(text) ? ['loopback'] : listOf(text);
  for (const name of names.flatMap((one) => (one === 'loopback' ? loopback : [one]))) {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(name) ?? [];
    const most = isIP(address) === 6 ? 128 : 32;
    if (isIP(address) === 0 || Number(bits ?? 0) > most) {
      throw new StartError(
        `--trust-proxy names "${name}", which is neither an address nor a subnet, as 10.0.0.7 or 172.16.0.0/12, nor loopback.`,
      );
    }
    proxies.addSubnet(address, Number(bits ?? most), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return proxies;
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
  // The driver takes these for verify-full, with a warning of eight lines at every process that connects.
  return text.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)(?!.*uselibpqcompat=true)/, '$1verify-full');
}
