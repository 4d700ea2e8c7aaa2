import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../server/config.ts';
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
    [[], { DATABASE_URL: 'mysql://x' }, 'DATABASE_URL must begin with postgresql://'],
  ])('%j with %j is refused with a line that says what to do', (argv, environment, message) => {
    expect(() => readConfig(argv, environment)).toThrow(message);
  });

  it('listen for other machines only with --public', () => {
    expect(readConfig(['--host', '0.0.0.0', '--public'], {}).host).toBe('0.0.0.0');
    for (const host of ['localhost', '127.0.0.1', '::1']) expect(readConfig(['--host', host], {}).host).toBe(host);
  });

  it('are all in the help', () => {
    for (const { name, help } of options) {
      expect(helpText()).toContain(`--${name}`);
      expect(helpText()).toContain(help);
    }
  });
});
