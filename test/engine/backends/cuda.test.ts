/** `npm run setup:cuda` names what is missing. A driver's command stands in the path where the machine has none. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { hasProvider, listGpus, loadCudaLibraries } from '../../../engine/backends/onnx/cuda.mjs';
import { probeCuda } from '../../../engine/backends/onnx/probe.ts';

const root = join(import.meta.dirname, '../../..');
const scratch = mkdtempSync(join(tmpdir(), 'riftlab-cuda-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const isLinux = process.platform === 'linux' && process.arch === 'x64';
/** With CUDA on the machine its libraries are not missing. */
const hasDriver = existsSync('/dev/nvidiactl');

/** A folder with an nvidia-smi that says this. */
function driverThatSays(text: string, code = 0): string {
  const folder = mkdtempSync(join(scratch, 'driver-'));
  writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\necho "${text}"\nexit ${code}\n`, { mode: 0o755 });
  return folder;
}

function setUp(options: string[], path = scratch) {
  const env = { ...process.env, PATH: [path, '/usr/bin', '/bin'].join(delimiter), CUDA_HOME: '', LD_LIBRARY_PATH: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['setup/cuda.mjs', ...options], { cwd: root, env, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

const gpu = '0, NVIDIA H100 80GB HBM3, 81559, 580.65.06, GPU-aa11';

describe.runIf(isLinux)('setup:cuda', () => {
  it.skipIf(hasDriver)('says that there is no driver, and goes on without', () => {
    const { status, said } = setUp([]);
    expect(status).toBe(1);
    expect(said).toContain('there is no NVIDIA driver (nvidia-smi is not installed)');
    expect(said).toContain('computes on the CPU');
  });

  it('repeats what a broken driver says', () => {
    const { said } = setUp([], driverThatSays("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9));
    expect(said).toContain("nvidia-smi failed: NVIDIA-SMI has failed because it couldn't communicate");
  });

  it('refuses a driver that is too old for CUDA 13', () => {
    const { status, said } = setUp([], driverThatSays('0, Tesla V100, 16160, 535.183.01'));
    expect(status).toBe(1);
    expect(said).toContain('The NVIDIA driver is 535.183.01; CUDA 13 needs 580 or newer.');
  });

  it.skipIf(hasDriver)('names every library that is missing, and another version beside it', () => {
    const folder = join(scratch, 'cuda-12', 'lib64');
    mkdirSync(folder, { recursive: true });
    for (const file of ['libcublas.so.12', 'libcurand.so.10']) writeFileSync(join(folder, file), 'not a library');
    const { status, said } = setUp(['--libraries', join(scratch, 'cuda-12')], driverThatSays(gpu));
    expect(status).toBe(1);
    expect(said).toContain('GPU 0: NVIDIA H100 80GB HBM3, 81559 MiB, driver 580.65.06');
    for (const file of ['libcuda.so.1', 'libcudart.so.13', 'libcublasLt.so.13', 'libcudnn.so.9']) expect(said).toContain(`${file} (`);
    expect(said).toContain('libcublas.so.13 (CUDA 13 cuBLAS) is missing; there is libcublas.so.12, which is another version');
    expect(said).toMatch(/libcurand\.so\.10 \(CUDA 13 cuRAND\) cannot be loaded: .*(too short|invalid ELF)/);
    expect(said).toContain('pip install "nvidia-cuda-runtime~=13.0"');
  });

  it('refuses what holds no libraries, wheels of other versions and unknown options', () => {
    expect(setUp(['--libraries', scratch], driverThatSays(gpu)).said).toContain('holds none of libcuda.so.1');
    expect(setUp(['--libraries', '/no/python'], driverThatSays(gpu)).said).toContain(
      '--libraries /no/python is no folder, and as a Python it fails',
    );
    const wheel = join(scratch, 'onnxruntime_gpu-1.0.0-cp311-cp311-manylinux_2_28_x86_64.whl');
    expect(setUp(['--provider-only', '--from', wheel]).said).toContain('there is no such file');
    writeFileSync(wheel, '');
    expect(setUp(['--provider-only', '--from', wheel]).said).toContain('the version of onnxruntime-node');
    expect(setUp(['--form', wheel]).said).toContain("Unknown option '--form'");
  });
});

describe('what a driver lists', () => {
  it('is read, several GPUs too', async () => {
    const folder = driverThatSays(`${gpu}\n1, NVIDIA RTX A2000, 6138, 580.65.06, GPU-bb22`);
    expect(await listGpus(join(folder, 'nvidia-smi'))).toEqual({
      gpus: [
        { index: 0, name: 'NVIDIA H100 80GB HBM3', memoryBytes: 81559 * 2 ** 20, driver: '580.65.06', uuid: 'GPU-aa11' },
        { index: 1, name: 'NVIDIA RTX A2000', memoryBytes: 6138 * 2 ** 20, driver: '580.65.06', uuid: 'GPU-bb22' },
      ],
    });
  });

  const choices: [chosen: string, names: string[]][] = [
    ['1', ['NVIDIA RTX A2000']],
    ['1,0', ['NVIDIA RTX A2000', 'NVIDIA H100 80GB HBM3']],
    ['GPU-bb', ['NVIDIA RTX A2000']],
    ['0,7,1', ['NVIDIA H100 80GB HBM3']],
    ['-1', []],
  ];
  it.each(choices)('is what CUDA_VISIBLE_DEVICES=%s chooses, numbered as CUDA does', async (chosen, names) => {
    const command = join(driverThatSays(`${gpu}\n1, NVIDIA RTX A2000, 6138, 580.65.06, GPU-bb22`), 'nvidia-smi');
    vi.stubEnv('CUDA_VISIBLE_DEVICES', chosen);
    const { gpus, reason } = await listGpus(command);
    vi.unstubAllEnvs();
    expect(gpus.map(({ index, name }) => [index, name])).toEqual(names.map((name, index) => [index, name]));
    expect(reason).toBe(names.length > 0 ? undefined : 'CUDA_VISIBLE_DEVICES hides them all');
  });

  it('may be nothing', async () => {
    expect(await listGpus(join(driverThatSays('No devices were found', 6), 'nvidia-smi'))).toMatchObject({
      gpus: [],
      reason: expect.stringContaining('No devices were found'),
    });
  });

  it.runIf(isLinux && !hasProvider())('is not enough without the provider', async () => {
    const { devices, missing } = await probeCuda(join(driverThatSays(gpu), 'nvidia-smi'));
    expect(devices).toEqual([]);
    expect(missing[0]?.reason).toContain("onnxruntime's CUDA provider is not installed; there is NVIDIA H100");
    expect(missing[0]?.hint).toContain('setup:cuda');
  });
});

describe.runIf(isLinux && !hasDriver)('loading libraries', () => {
  it('says of a file that is no library what the system says', () => {
    const folder = mkdtempSync(join(scratch, 'libraries-'));
    writeFileSync(join(folder, 'libcudnn.so.9'), 'not a library at all, but longer than a header would be'.repeat(9));
    const missing = loadCudaLibraries([folder]).find(({ file }) => file === 'libcudnn.so.9');
    expect(missing?.reason).toMatch(/invalid ELF header/);
  });
});
