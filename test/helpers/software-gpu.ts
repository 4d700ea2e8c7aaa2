/** A GPU in software: the Vulkan driver that the test browser brings along. WebGPU runs on it as on any other, slowly. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

const stay = 0x1000;

export const hasSoftwareGpu = process.platform === 'linux' && process.arch === 'x64';

/** Lets this process, and those that it starts from now on, find the driver. Returns what removes it again. */
export function useSoftwareGpu(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'riftlab-vulkan-'));
  const chromium = dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium'));
  const archive = readFileSync(join(chromium, '../../bin/swiftshader.tar.br'));
  execFileSync('tar', ['-x', '-C', folder], { input: brotliDecompressSync(archive) });
  const driver = join(folder, 'driver.json');
  writeFileSync(
    driver,
    JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: join(folder, 'libvk_swiftshader.so'), api_version: '1.1.0' } }),
  );
  const { VK_ICD_FILENAMES, LD_LIBRARY_PATH } = process.env;
  process.env.VK_ICD_FILENAMES = driver;
  process.env.LD_LIBRARY_PATH = [folder, LD_LIBRARY_PATH].filter(Boolean).join(':');
  try {
    process.dlopen({ exports: {} }, join(folder, 'libvulkan.so.1'), constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | stay);
  } catch (error) {
    if (!(error as Error).message.startsWith('Module did not self-register')) throw error;
  }
  return () => {
    for (const [name, value] of Object.entries({ VK_ICD_FILENAMES, LD_LIBRARY_PATH }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    rmSync(folder, { recursive: true, force: true });
  };
}
