/** npm run setup:tensorflow, run as a person runs it: what can go wrong is made to go wrong. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findInstallation, installationFolder } from '../../../engine/backends/tensorflow/installation.ts';
import { describeBackends } from '../../helpers/backends.ts';
import { makeWheel } from '../../helpers/wheel.ts';

const root = join(import.meta.dirname, '../../..');
const scratch = mkdtempSync(join(tmpdir(), 'riftlab-setup-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let folders = 0;
const newFolder = () => {
  const folder = join(scratch, `folder-${folders++}`);
  mkdirSync(folder);
  return folder;
};

interface Outcome {
  code: number | null;
  said: string;
  /** Where it would have put TensorFlow. */
  target: string;
}

/** Runs the command; `until` ends it with SIGKILL as soon as it says so. */
function setUp(parameters: string[], environment: Record<string, string> = {}, until?: string): Promise<Outcome> {
  const target = environment.RIFTLAB_TENSORFLOW ?? newFolder();
  const child = spawn(process.execPath, [join(root, 'setup/tensorflow.mjs'), ...parameters], {
    env: { ...process.env, ...environment, RIFTLAB_TENSORFLOW: target },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
      if (until && said.includes(until)) child.kill('SIGKILL');
    });
  return new Promise((done) => child.on('close', (code) => done({ code, said, target })));
}

const platform = `manylinux_2_27_${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;
const wheelName = (project: string) => `${project}-2.21.0-cp313-cp313-${platform}.whl`;

describe.runIf(process.platform === 'linux')('npm run setup:tensorflow', () => {
  const expectRefusal = ({ code, said, target }: Outcome, message: RegExp | string) => {
    expect(said).toMatch(message);
    expect(said).not.toMatch(/ at .*:\d+:\d+/);
    expect(code).toBe(1);
    expect(readdirSync(target)).toEqual([]);
  };

  it('refuses options that it does not know', async () => {
    expectRefusal(await setUp(['--form', 'x']), /Unknown option '--form'[\s\S]*Usage: npm run setup:tensorflow/);
    expectRefusal(await setUp(['--cpu', '--cuda']), '--cpu and --cuda exclude each other.');
  });

  it('refuses a place that does not exist', async () => {
    expectRefusal(await setUp(['--from', join(scratch, 'nowhere')]), `There is no ${join(scratch, 'nowhere')}.`);
    expectRefusal(await setUp(['--from', 'python-of-nobody']), 'There is no program python-of-nobody.');
  });

  it('refuses a folder without wheels, and names what it looks for', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'tensorflow_cpu-2.21.0-cp313-cp313-win_amd64.whl'), '');
    expectRefusal(
      await setUp(['--from', folder]),
      `${folder} holds no wheel of tensorflow or tensorflow-cpu for Linux on ${process.arch}.`,
    );
  });

  it.each([
    ['no zip file', Buffer.from('this is not a wheel'.repeat(100)), 'it is no whole zip file'],
    ['cut off', makeWheel({ 'tensorflow/libtensorflow_cc.so.2': 'library' }).subarray(0, 60), 'it is no whole zip file'],
    [
      'changed after it was made',
      makeWheel({ 'tensorflow/libtensorflow_cc.so.2': 'library' }, { 'tensorflow/libtensorflow_cc.so.2': 'LIBRARY' }),
      'tensorflow/libtensorflow_cc.so.2 is not what the wheel',
    ],
  ])('refuses a wheel that is %s', async (_name, content, message) => {
    const wheel = join(newFolder(), wheelName('tensorflow_cpu'));
    writeFileSync(wheel, content);
    expectRefusal(await setUp(['--from', wheel]), new RegExp(`The wheel ${wheel} is damaged: ${message}.*Fetch it again`));
  });

  it('refuses a wheel that holds no libraries', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, wheelName('tensorflow_cpu')), makeWheel({ 'tensorflow/__init__.py': '' }));
    expectRefusal(await setUp(['--from', folder]), /libtensorflow_cc\.so\.2 of TensorFlow is missing/);
  });

  it('refuses a wheel of something else', async () => {
    const wheel = join(newFolder(), 'numpy-2.0.0-py3-none-any.whl');
    writeFileSync(wheel, makeWheel({}));
    expectRefusal(await setUp(['--from', wheel]), 'numpy-2.0.0-py3-none-any.whl is no wheel of tensorflow or tensorflow-cpu');
  });

  it('says how to get a compiler', async () => {
    const bin = newFolder();
    const wheel = join(newFolder(), wheelName('tensorflow_cpu'));
    writeFileSync(wheel, makeWheel({}));
    expectRefusal(
      await setUp(['--from', wheel], { PATH: bin, CXX: '' }),
      /There is no C\+\+ compiler: g\+\+, c\+\+, clang\+\+ are not on PATH\. Install one .*apt install g\+\+/,
    );
    expectRefusal(await setUp(['--from', wheel], { CXX: '/nowhere/g++' }), 'There is no C++ compiler: /nowhere/g++ is not on PATH.');
  });

  it('says that a program is no Python', async () => {
    expectRefusal(await setUp(['--from', '/bin/false']), '/bin/false is no Python that answers: it ended with 1.');
  });

  it('says that the index cannot be reached, and what to do', async () => {
    const outcome = await setUp(['--cpu'], { PATH: compilersOnly(), PIP_INDEX_URL: 'http://127.0.0.1:9/simple', NO_PROXY: '127.0.0.1' });
    expectRefusal(outcome, /http:\/\/127\.0\.0\.1:9\/simple\/tensorflow-?\w*\/ cannot be reached: .*ECONNREFUSED.* name them with --from/);
  });

  it('refuses what an index sends when it is not what the index promised', async () => {
    const filename = wheelName(process.arch === 'arm64' ? 'tensorflow' : 'tensorflow_cpu');
    const sha256 = createHash('sha256').update('the real one').digest('hex');
    const server = createServer((request, response) => {
      if (request.url?.endsWith('.whl')) return response.end('another one');
      return response
        .setHeader('content-type', 'application/vnd.pypi.simple.v1+json')
        .end(JSON.stringify({ files: [{ filename, url: `files/${filename}`, hashes: { sha256 } }] }));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`;
    try {
      const outcome = await setUp(['--cpu'], { PATH: compilersOnly(), PIP_INDEX_URL: address, NO_PROXY: '127.0.0.1' });
      expectRefusal(outcome, new RegExp(`${filename} arrived damaged: its sha256 is [0-9a-f]{64}, the index says ${sha256}`));
    } finally {
      server.close();
    }
  });

  it('fetches the newest of what TensorFlow wants of CUDA', async () => {
    const metadata = [
      'Name: tensorflow',
      'Requires-Dist: absl-py>=1.0.0',
      'Provides-Extra: and-cuda',
      'Requires-Dist: nvidia-test-cu12<13.0,>=12.5.82; extra == "and-cuda"',
    ].join('\n');
    const wheels: Record<string, Buffer> = Object.fromEntries(
      ['12.5.3', '12.9.4', '12.10.1', '12.11.0rc1', '13.0.1'].map((version) => [
        `nvidia_test_cu12-${version}-py3-none-${platform}.whl`,
        makeWheel({ 'nvidia/test/lib/libtest.so.12': version, 'small-1.0.dist-info/METADATA': 'Name: nvidia-test-cu12' }),
      ]),
    );
    wheels[wheelName('tensorflow')] = makeWheel({ 'small-1.0.dist-info/METADATA': metadata });
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const name = request.url?.split('/').filter(Boolean).at(-1) as string;
      asked.push(name);
      if (wheels[name]) return response.end(wheels[name]);
      const links = Object.entries(wheels)
        .filter(([file]) => file.startsWith(`${name.replaceAll('-', '_')}-`))
        .map(([file, content]) => `<a href="../files/${file}#sha256=${createHash('sha256').update(content).digest('hex')}">${file}</a>`);
      return response.setHeader('content-type', 'text/html').end(links.join('<br>'));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`;
    try {
      const outcome = await setUp(['--cuda'], { PATH: compilersOnly(), PIP_INDEX_URL: address, NO_PROXY: '127.0.0.1' });
      expectRefusal(outcome, 'libtensorflow_cc.so.2 of TensorFlow is missing');
      const newest = `nvidia_test_cu12-12.10.1-py3-none-${platform}.whl`;
      expect(asked).toEqual(['tensorflow', wheelName('tensorflow'), 'nvidia-test-cu12', newest]);
    } finally {
      server.close();
    }
  });

  /** A PATH with the system's compiler but without any Python. */
  function compilersOnly(): string {
    const folder = newFolder();
    const compiler = join(folder, 'g++');
    writeFileSync(compiler, '#!/bin/sh\nexec /usr/bin/env PATH=/usr/bin:/bin:/usr/local/bin g++ "$@"\n');
    chmodSync(compiler, 0o755);
    return folder;
  }

  describeBackends([['tensorflow']], 'with %s and a Python', () => {
    /** An environment of the machine's Python, empty, or with the libraries that are set up in the place of its tensorflow. */
    function environmentOfPython(withTensorflow: boolean): string {
      const folder = newFolder();
      execFileSync('python3', ['-m', 'venv', '--without-pip', folder]);
      if (!withTensorflow) return folder;
      const { library } = JSON.parse(readFileSync(join(installationFolder(), 'installation.json'), 'utf8'));
      const packages = execFileSync(join(folder, 'bin/python'), ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']);
      const site = packages.toString().trim();
      symlinkSync(dirname(resolve(installationFolder(), library)), join(site, 'tensorflow'));
      mkdirSync(join(site, 'tensorflow-2.21.0.dist-info'));
      writeFileSync(join(site, 'tensorflow-2.21.0.dist-info/METADATA'), 'Metadata-Version: 2.1\nName: tensorflow\nVersion: 2.21.0\n');
      return folder;
    }

    it('says that the Python has no tensorflow', async () => {
      const python = join(environmentOfPython(false), 'bin/python');
      expectRefusal(await setUp(['--from', python]), `${python} has no tensorflow. Install it there with`);
    });

    it('takes libraries where they are, cleans up after a kill, does nothing twice, and says what a GPU needs', {
      timeout: 300_000,
    }, async () => {
      const from = ['--from', environmentOfPython(true)];
      const killed = await setUp(from, {}, 'building the binding');
      expect(killed.code).toBeNull();
      expect(readdirSync(killed.target)).toEqual([expect.stringMatching(/^unfinished-/)]);
      const environment = { RIFTLAB_TENSORFLOW: killed.target };
      expect(() => findInstallation(killed.target)).toThrow('not set up');

      const built = await setUp(from, environment);
      expect(built.said).toMatch(/TensorFlow 2\.\d+\.\d+ in .*; a convolution and its gradients are right/);
      expect(built.said).toMatch(/ready: TensorFlow computes on/);
      expect(built.code).toBe(0);
      expect(readdirSync(killed.target).sort()).toEqual([expect.stringMatching(/^build-/), 'installation.json']);
      const { binding } = findInstallation(killed.target);
      expect(existsSync(binding)).toBe(true);

      const again = await setUp(from, environment);
      expect(again.code).toBe(0);
      expect(again.said).not.toContain('building the binding');
      expect(findInstallation(killed.target).binding).toBe(binding);

      const driver = join(newFolder(), 'nvidia-smi');
      writeFileSync(driver, '#!/bin/sh\necho "0, NVIDIA Test GPU, 81559, 580.65.06"\n');
      chmodSync(driver, 0o755);
      const { said } = await setUp(from, { ...environment, PATH: `${dirname(driver)}:${process.env.PATH}` });
      expect(said).toContain('NVIDIA GPUs: 0 NVIDIA Test GPU, driver 580.65.06');
      expect(said).toMatch(/for the GPUs (run: npm run setup:tensorflow -- --cuda|these libraries are missing|a newer driver)/);
    });
  });
});
