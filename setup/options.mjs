/** The options of `npm start` and `npm run worker`: one table for parsing, variables and help. Plain JavaScript, so that help needs no packages. */

/**
 * name: the option is --name, its variable RIFTLAB_NAME. kind: what a value looks like. implied: the value of an option that is
 * given without one.
 * @type {readonly import('./options.d.mts').Option[]}
 */
export const options = [
  { name: 'port', value: 'N', kind: 'port', fallback: '4000', help: 'Port of the pages and the API; 0 takes a free one.' },
  {
    name: 'host',
    value: 'ADDRESS',
    kind: 'text',
    fallback: '127.0.0.1',
    help: 'Address to listen on. Other machines reach only what --public allows.',
  },
  { name: 'public', kind: 'flag', fallback: 'false', help: 'Allows a --host that other machines can reach.' },
  {
    name: 'names',
    value: 'A,B',
    kind: 'text',
    help: 'Names by which other machines call this server, as lab.example.org; addresses need none.',
  },
  {
    name: 'public-url',
    value: 'URL',
    kind: 'text',
    help: 'What people open where a proxy stands before, as https://lab.example.org/riftlab.',
  },
  {
    name: 'trust-proxy',
    value: 'ADDRESSES',
    kind: 'text',
    implied: 'loopback',
    help: 'Proxies whose X-Forwarded headers are believed, as 10.0.0.7,172.16.0.0/12; without a value, those on this machine.',
  },
  { name: 'data', value: 'DIR', kind: 'text', fallback: './.riftlab', help: 'Where everything is kept: Postgres, artifacts, secrets.' },
  {
    name: 'datasets',
    value: 'DIR',
    kind: 'text',
    help: 'Folder that holds cifar-10-batches-bin; DATA/datasets when not given. MNIST needs none.',
  },
  { name: 'demo', kind: 'flag', fallback: 'true', help: 'Queues a demonstration run when the database is empty; --no-demo leaves it out.' },
  {
    name: 'workers',
    value: 'N',
    kind: 'count',
    fallback: '1',
    help: 'Workers on this machine; the cores are shared between them. 0 leaves the work to other machines.',
  },
  {
    name: 'retention',
    value: 'DAYS',
    kind: 'days',
    fallback: '30',
    help: 'Days for which deleted runs can be restored; then they and the files that only they used are purged. 0 keeps them for ever.',
  },
  {
    name: 'upload-limit',
    value: 'MB',
    kind: 'megabytes',
    fallback: '4000',
    help: 'Largest checkpoint file that may be uploaded, in MB; each person keeps at most three times that until it is imported.',
  },
  {
    name: 'device',
    value: 'NAME',
    kind: 'text',
    fallback: 'auto',
    help: 'What workers compute on: cpu, cuda:0, webgpu:0, tensorflow:0, tensorflow:cpu; auto takes the fastest that passes its self-test.',
  },
];

/** Matches an option within a text: what the pages say stays in one piece there. */
export const optionInText = '--[a-z][a-z-]*';

export class UsageError extends Error {}

const variableOf = (name) => `RIFTLAB_${name.toUpperCase().replaceAll('-', '_')}`;
const keyOf = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

/**
 * Values by option name: command line before variable before default.
 * @throws {UsageError} for an unknown option or a value of the wrong kind
 */
export function parseOptions(argv, environment) {
  const given = readArguments(argv);
  const values = {};
  for (const option of options) {
    const [text, source] = given.has(option.name)
      ? [given.get(option.name), `--${option.name}`]
      : environment[variableOf(option.name)]
        ? [environment[variableOf(option.name)], variableOf(option.name)]
        : [option.fallback, 'default'];
    values[keyOf(option.name)] = text === undefined ? undefined : readValue(option, text, source);
  }
  return values;
}

function readArguments(argv) {
  const given = new Map();
  for (let index = 0; index < argv.length; index++) {
    const [, negated, name, inline] = /^--(no-)?([a-z-]+?)(?:=(.*))?$/s.exec(argv[index]) ?? [];
    const option = options.find((candidate) => candidate.name === name);
    if (!option || (negated && option.kind !== 'flag'))
      throw new UsageError(`There is no option ${argv[index]}. npm start -- --help lists the options.`);
    if (option.kind === 'flag') given.set(name, negated ? 'false' : (inline ?? 'true'));
    else if (inline !== undefined) given.set(name, inline);
    else if (option.implied && (argv[index + 1] ?? '--').startsWith('--')) given.set(name, option.implied);
    else if (index + 1 < argv.length) given.set(name, argv[++index]);
    else throw new UsageError(`--${name} needs a value: --${name} ${option.value}.`);
  }
  return given;
}

function readValue(option, text, source) {
  if (option.kind === 'text') {
    if (text.trim() === '') throw new UsageError(`${source} is empty; it needs a value: ${option.value}.`);
    return text;
  }
  if (option.kind === 'flag') {
    if (/^(1|true|yes|on)$/i.test(text)) return true;
    if (/^(0|false|no|off)$/i.test(text)) return false;
    throw new UsageError(`${source} is "${text}"; it must be true or false.`);
  }
  const most = { port: 65535, days: 36500, megabytes: 1_000_000 }[option.kind] ?? 256;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most) throw new UsageError(`${source} is "${text}"; it must be a whole number from 0 to ${most}.`);
  return number;
}

/** The path that stands before everything, as /riftlab; empty without one, and for what is no address. */
export const basePathOf = (publicUrl) => (publicUrl && URL.canParse(publicUrl) ? new URL(publicUrl).pathname.replace(/\/+$/, '') : '');

export function helpText() {
  const left = ({ name, value, kind, implied }) =>
    kind === 'flag' ? `--${name}, --no-${name}` : `--${name} ${implied ? `[${value}]` : value}`;
  const width = Math.max(...options.map((option) => left(option).length));
  const lines = options.map((option) => {
    const fallback = option.fallback === undefined ? '' : ` [${option.fallback}]`;
    return `  ${left(option).padEnd(width)}  ${option.help}${fallback}`;
  });
  return [
    'Usage: npm start -- [options]',
    '',
    'Starts RiftLab: installs what is missing, starts the database, serves pages and API, computes.',
    '',
    ...lines,
    `  ${'--sign-in'.padEnd(width)}  Starts nothing: prints a new one-time address for the administrator, also while RiftLab runs.`,
    `  ${'--help'.padEnd(width)}  This list.`,
    '',
    'Every option is also a variable: RIFTLAB_PORT, RIFTLAB_DATA and so on.',
    'DATABASE_URL=postgresql://… uses a Postgres of your own instead of the embedded one.',
  ].join('\n');
}
