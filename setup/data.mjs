/**
 * `npm run data -- NAME ...`: fetches the official files of datasets into the datasets folder. A download that was cut off goes
 * on where it ended; an archive is unpacked only when its checksum is right.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { progressOf } from './data/progress.mjs';
import { provide } from './data/provide.mjs';
import { sources } from './data/sources.mjs';

const usage = `npm run data -- NAME ... [--datasets FOLDER] [--mirror URL]
  NAME        ${Object.keys(sources).join(', ')}
  --datasets  where they go: RIFTLAB_DATASETS, or .riftlab/datasets
  --mirror    where the archives lie under their own names, instead of at their authors'`;

/** Ends the process: what was asked for makes no sense. */
function refuse(problem) {
  console.error(`${problem}\n${usage}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        datasets: { type: 'string', default: process.env.RIFTLAB_DATASETS || '.riftlab/datasets' },
        mirror: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return refuse(error.message);
  }
}

const { values, positionals } = readArguments();
const canonical = (name) => name.toLowerCase().replaceAll(/[-_]/g, '');
const names = positionals.map((name) => Object.keys(sources).find((known) => canonical(known) === canonical(name)) ?? name);
const unknown = names.find((name) => !Object.hasOwn(sources, name));
if (values.help) {
  console.log(usage);
  process.exit(0);
}
if (unknown) refuse(`There is no dataset ${JSON.stringify(unknown)}.`);
if (names.length === 0) refuse('Name one dataset or more.');
if (values.mirror && !(/^https?:/.test(values.mirror) && URL.canParse(values.mirror)))
  refuse(`--mirror is an address as https://host/folder, and not ${JSON.stringify(values.mirror)}.`);

const datasets = resolve(values.datasets);
try {
  mkdirSync(datasets, { recursive: true });
} catch (error) {
  console.error(`The datasets folder ${datasets} cannot be made: ${error.message}.`);
  process.exit(1);
}
for (const name of names) {
  const source = sources[name];
  const place = join(datasets, source.folder);
  const progress = progressOf(name);
  try {
    const isNew = await provide(source, datasets, { mirror: values.mirror, progress: progress.report });
    progress.end();
    console.log(isNew ? `${name}: ${place}` : `${name}: ${place} is there already.`);
  } catch (error) {
    progress.end();
    console.error(`${name} could not be fetched: ${error.message.replace(/\.$/, '')}.`);
    console.error(
      `Or fetch ${source.url} elsewhere, put ${source.file} into ${datasets} and run this again; or unpack it there so that ${join(place, source.done)} exists.`,
    );
    process.exitCode = 1;
  }
}
