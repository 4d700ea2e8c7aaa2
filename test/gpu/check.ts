/** `npm run check:gpu`: every part in a process of its own, line by line as they come, then the table, then JSON. */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labelOf } from '../../engine/backends/devices.ts';
import { probeOnnx } from '../../engine/backends/onnx/probe.ts';
import { findFolders } from '../../setup/cuda/libraries.mjs';
import { formatLine, formatTable, type Line } from './report.ts';
import type { Section } from './section.ts';
import { devices } from './sections/devices.ts';
import { full } from './sections/full.ts';
import { goldens, goldensOfTf32 } from './sections/goldens.ts';
import { memory } from './sections/memory.ts';
import { operators } from './sections/operators.ts';
import { selfTestSection } from './sections/self-test.ts';
import { speed } from './sections/speed.ts';
import { parseDevice, readOptions, type Settings, settingsFor, usage } from './settings.ts';

const sections: Section[] = [devices, selfTestSection, goldens, goldensOfTf32, operators, memory, speed, full];

const entry = fileURLToPath(import.meta.url);
const kept = 600;

/** The lines of a part; one that dies or takes too long leaves a failed line. */
function runApart(section: Section, settings: Settings, onLine: (line: Line) => void): Promise<void> {
  const execArgv = entry.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = fork(entry, ['--section', section.name], { execArgv, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let said = '';
  const listen = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-kept);
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  const late = setTimeout(() => child.kill('SIGKILL'), section.limitMinutes * 60_000);
  child.on('message', (message: { line?: Line; ready?: true }) => {
    if (message.ready) child.send(settings);
    else if (message.line) onLine(message.line);
  });
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      clearTimeout(late);
      const name = `the part ${section.name}`;
      const reason =
        signal === 'SIGKILL' ? `took more than ${section.limitMinutes} minutes, or was killed` : `ended with ${signal ?? code}`;
      if (code !== 0) onLine({ section: section.name, name, state: 'failed', text: `${reason}: ${said.trim()}` });
      done();
    });
  });
}

async function beSection(name: string): Promise<void> {
  const section = sections.find((each) => each.name === name) as Section;
  process.on('message', async (settings: Settings) => {
    const report = (line: Omit<Line, 'section'>) => process.send?.({ line: { section: name, ...line } });
    try {
      await section.run(settings, report);
    } catch (error) {
      const { message } = error as Error;
      report({ name: 'running it', state: 'failed', text: message.slice(0, kept) });
    }
    process.disconnect();
  });
  process.send?.({ ready: true });
}

async function chooseDevice(name: string | undefined): Promise<Settings['device'] | undefined> {
  if (name !== undefined) return parseDevice(name);
  return (await probeOnnx()).devices[0];
}

/** Folders with CUDA's libraries: those named, the usual ones, and those that came with PyTorch. */
function librariesFor({ libraries, python }: ReturnType<typeof readOptions>): string[] {
  const named = findFolders(libraries);
  if (python === undefined) return named;
  try {
    return [...new Set([...named, ...findFolders([python])])];
  } catch {
    return named;
  }
}

const isPossible = ({ tf32 }: Section, { device }: Settings) => tf32 !== 'only' || device.kind === 'cuda';

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) return console.log(usage);
  if (options.pack !== undefined) return (await import('./pack.ts')).pack(options.pack, options.datasets, options.goldens);
  if (options.goldens) process.env.RIFTLAB_GOLDENS = resolve(options.goldens);
  process.env.RIFTLAB_CUDA_LIBRARIES = librariesFor(options).join(delimiter);
  const device = await chooseDevice(options.device);
  const settings = settingsFor(device ?? parseDevice('cuda:0'), options);
  console.log(`check of ${labelOf(settings.device)}${settings.quick ? ', quick' : ''}`);
  const lines: Line[] = [];
  const onLine = (line: Line) => {
    lines.push(line);
    console.log(formatLine(line));
  };
  for (const section of sections.filter(({ name }) => options.only === undefined || name === options.only))
    if (!isPossible(section, settings))
      onLine({ section: section.name, name: 'TensorFloat-32', state: 'skipped', text: 'only NVIDIA GPUs have it' });
    else if (device === undefined && section !== devices)
      onLine({ section: section.name, name: 'all of it', state: 'skipped', text: 'there is no GPU; --device cpu rehearses it' });
    else await runApart(section, settings, onLine);
  console.log(formatTable(lines));
  writeFileSync(options.out, `${JSON.stringify({ device: labelOf(settings.device), settings, lines }, null, 1)}\n`);
  console.log(`written to ${options.out}`);
  process.exitCode = lines.some(({ state }) => state === 'failed') ? 1 : 0;
}

const asked = process.argv.indexOf('--section');
if (asked > 0) await beSection(process.argv[asked + 1] as string);
else
  await main().catch((error: Error) => {
    console.error(`check:gpu: ${error.message}`);
    process.exitCode = 2;
  });
