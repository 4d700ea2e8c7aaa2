import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../server/config.ts';
import { homeOf } from '../../../server/start/listen.ts';
import { helpText, options } from '../../../setup/options.mjs';

describe('options', () => {
  it('have the defaults of the documentation', () => {
    expect(readConfig([], {})).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      demo: true,
      workers: 1,
      device: 'auto',
      databaseUrl: undefined,
    });
    expect(readConfig([], {}).data).toBe(`${process.cwd()}/.riftlab`);
  });

  it.each([
    ['https://lab.example.org', ''],
    ['https://lab.example.org/', ''],
    ['https://lab.example.org:8443/riftlab', '/riftlab'],
    ['https://lab.example.org/a/riftlab/', '/a/riftlab'],
  ])('take the path of %s as it stands before everything', (url, basePath) => {
    const config = readConfig(['--public-url', url], {});
    expect(config.basePath).toBe(basePath);
    expect(homeOf(config, 4000)).toBe(new URL(url).origin + basePath);
  });

  it('are taken from the command line before variables', () => {
    const environment = { RIFTLAB_PORT: '5000', RIFTLAB_DATA: '/there', RIFTLAB_DEMO: 'false', DATABASE_URL: 'postgresql://lab/db' };
    expect(readConfig(['--port', '6000'], environment)).toMatchObject({
      port: 6000,
      data: '/there',
      demo: false,
      databaseUrl: 'postgresql://lab/db',
    });
    expect(readConfig(['--demo', '--port=7000'], environment)).toMatchObject({ demo: true, port: 7000 });
    expect(readConfig(['--no-demo'], {})).toMatchObject({ demo: false });
  });

  it.each([
    ['postgresql://lab/db?sslmode=require', 'postgresql://lab/db?sslmode=verify-full'],
    ['postgresql://lab/db?a=b&sslmode=prefer&c=d', 'postgresql://lab/db?a=b&sslmode=verify-full&c=d'],
    ['postgresql://lab/db?sslmode=require&uselibpqcompat=true', 'postgresql://lab/db?sslmode=require&uselibpqcompat=true'],
    ['postgresql://lab/db?sslmode=no-verify', 'postgresql://lab/db?sslmode=no-verify'],
  ])('name the encryption of %s as the driver takes it, which would warn otherwise', (DATABASE_URL, expected) => {
    expect(readConfig([], { DATABASE_URL }).databaseUrl).toBe(expected);
  });

  it('look for datasets in the data folder unless told otherwise', () => {
    expect(readConfig(['--data', '/lab'], {}).datasets).toEqual({ folder: '/lab/datasets', given: false });
    expect(readConfig(['--datasets', '/sets'], {}).datasets).toEqual({ folder: '/sets', given: true });
  });

  it.each([
    [['--prot', '1'], {}, 'There is no option --prot. npm start -- --help lists the options.'],
    [['4000'], {}, 'There is no option 4000.'],
    [['--port'], {}, '--port needs a value: --port N.'],
    [['--port', '4e3'], {}, '--port is "4e3"; it must be a whole number from 0 to 65535.'],
    [['--port', '65536'], {}, '--port is "65536"'],
    [[], { RIFTLAB_WORKERS: 'two' }, 'RIFTLAB_WORKERS is "two"; it must be a whole number from 0 to 256.'],
    [[], { RIFTLAB_DEMO: 'perhaps' }, 'RIFTLAB_DEMO is "perhaps"; it must be true or false.'],
    [['--no-port'], {}, 'There is no option --no-port.'],
    [['--data', ''], {}, '--data is empty'],
    [['--device', 'gpu'], {}, '--device gpu names no device. It is auto, cpu, cuda:0'],
    [[], { RIFTLAB_DEVICE: 'cuda' }, '--device cuda names no device.'],
    [['--host', '0.0.0.0'], {}, '--host 0.0.0.0 lets other machines reach RiftLab. If you want that, add --public'],
    [['--public-url', 'lab.example.org'], {}, '--public-url is "lab.example.org"'],
    [['--public-url', 'ftp://lab.example.org'], {}, '--public-url is "ftp://lab.example.org"'],
    [['--public-url', 'https://me:x@lab.example.org'], {}, '--public-url is'],
    [['--public-url', 'https://lab.example.org/?a'], {}, '--public-url is'],
    [['--public-url', 'https://lab.example.org/a%20b'], {}, '--public-url is'],
    [['--public-url', 'https://lab.example.org/api'], {}, 'RiftLab has a page /api of its own'],
    [[], { RIFTLAB_PUBLIC_URL: 'https://lab.example.org/runs/lab' }, 'RiftLab has a page /runs of its own'],
    [['--trust-proxy', '10.0.0.0/33'], {}, '--trust-proxy names "10.0.0.0/33"'],
    [['--trust-proxy', '10.0.0'], {}, 'neither an address nor a subnet'],
    [[], { RIFTLAB_TRUST_PROXY: 'proxy' }, '--trust-proxy names "proxy"'],
    [[], { DATABASE_URL: 'mysql://x' }, 'DATABASE_URL must begin with postgresql://'],
  ])('%j with %j is refused with a line that says what to do', (argv, environment, message) => {
    expect(() => readConfig(argv, environment)).toThrow(message);
  });

  it('leave the path of every page to the page', () => {
    const app = join(import.meta.dirname, '../../../web/app');
    const pages = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('/page.tsx'));
    const parts = new Set(pages.map((page) => page.split('/').find((part) => !part.startsWith('(') && part !== 'page.tsx')));
    parts.delete(undefined);
    expect(parts.size).toBeGreaterThan(8);
    for (const part of parts)
      expect(() => readConfig(['--public-url', `https://lab.example.org/${part}`], {})).toThrow(`RiftLab has a page /${part} of its own`);
  });

  it('listen for other machines only with --public', () => {
    expect(readConfig(['--host', '0.0.0.0', '--public'], {}).host).toBe('0.0.0.0');
    for (const host of ['localhost', '127.0.0.1', '::1']) expect(readConfig(['--host', host], {}).host).toBe(host);
  });

  it('trust the proxy on this machine when none is named, and none unless told', () => {
    const trusting = [readConfig(['--trust-proxy', '--port', '1'], {}), readConfig([], { RIFTLAB_TRUST_PROXY: 'true' })];
    for (const { trustedProxies, port } of trusting) {
      expect([trustedProxies.check('127.0.0.1'), trustedProxies.check('::1', 'ipv6'), trustedProxies.check('10.0.0.1')]).toEqual([
        true,
        true,
        false,
      ]);
      expect([1, 4000]).toContain(port);
    }
    expect(readConfig(['--trust-proxy', '10.0.0.0/8'], {}).trustedProxies.check('10.9.9.9')).toBe(true);
    expect(readConfig([], {}).trustedProxies.check('127.0.0.1')).toBe(false);
    expect(readConfig(['--trust-proxy', '--public-url', 'https://lab.example.org/riftlab'], {}).publicUrl?.href).toBe(
      'https://lab.example.org/riftlab',
    );
  });

  it('are all in the help', () => {
    for (const { name, help } of options) {
      expect(helpText()).toContain(`--${name}`);
      expect(helpText()).toContain(help);
    }
  });
});
