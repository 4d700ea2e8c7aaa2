/** A reverse proxy on a free port, as a lab would put in front of RiftLab; or nginx, Caddy or Traefik doing the same. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from './runs.ts';

export interface ReverseProxy {
  close(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Adds the client to X-Forwarded-For and names itself in Host, as many do; takes `strip` off the beginning of paths. */
export async function startNodeProxy(port: number, target: () => number, strip = ''): Promise<ReverseProxy> {
  const pathOf = ({ url = '/' }: IncomingMessage) => (url.startsWith(strip) ? url.slice(strip.length) || '/' : url);
  const headersOf = ({ headers, socket }: IncomingMessage) => ({
    ...headers,
    host: `127.0.0.1:${target()}`,
    'x-forwarded-for': [headers['x-forwarded-for'], socket.remoteAddress].filter(Boolean).join(', '),
    'x-forwarded-proto': 'http',
  });
  const server = createServer((incoming, outgoing) => {
    const { method } = incoming;
    const onward = request(
      { host: '127.0.0.1', port: target(), method, path: pathOf(incoming), headers: headersOf(incoming) },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.on('upgrade', (incoming, socket, head) => {
    const onward = connect(target(), '127.0.0.1', () => {
      const lines = Object.entries(headersOf(incoming)).map(([name, value]) => `${name}: ${value}`);
      onward.write(`GET ${pathOf(incoming)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const [one, other] of [[onward, socket] as const, [socket, onward] as const]) one.on('error', () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const isInstalled = (program: string) => spawnSync(program, [program === 'nginx' ? '-v' : 'version']).error === undefined;

/** docs/deploy.md's configuration, over http. */
export function startNginx(port: number, target: number): Promise<ReverseProxy> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`).join(' ');
  const configuration = `daemon off; pid nginx.pid; error_log error.log; events {}
    http { access_log off; ${temporary} server {
      listen 127.0.0.1:${port};
      location /riftlab/ {
        proxy_pass http://127.0.0.1:${target};
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_buffering off;
        client_max_body_size 0;
        proxy_request_buffering off;
      } } }`;
  return startProgram(port, configuration, (folder, file) => spawn('nginx', ['-p', folder, '-c', file], { stdio: 'ignore' }));
}

export function startCaddy(port: number, target: number): Promise<ReverseProxy> {
  const configuration = `{
    admin off
    auto_https off
  }
  http://127.0.0.1:${port} {
    redir /riftlab /riftlab/
    handle /riftlab/* {
      reverse_proxy 127.0.0.1:${target}
    }
  }
  `;
  return startProgram(port, configuration, (folder, file) =>
    spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], { stdio: 'ignore', env: { ...process.env, HOME: folder } }),
  );
}

export async function startTraefik(port: number, target: number): Promise<ReverseProxy> {
  const configuration = `http:
  routers:
    riftlab:
      rule: "Host(\`127.0.0.1\`) && PathPrefix(\`/riftlab\`)"
      service: riftlab
  services:
    riftlab:
      loadBalancer:
        servers: [{ url: "http://127.0.0.1:${target}" }]
  `;
  const options = [`--entryPoints.web.address=127.0.0.1:${port}`, '--global.checkNewVersion=false', '--global.sendAnonymousUsage=false'];
  const proxy = await startProgram(port, configuration, (folder, file) =>
    spawn('traefik', [...options, `--providers.file.filename=${file}`], { stdio: 'ignore', cwd: folder }),
  );
  // It listens before it has read the routes.
  await waitUntil(async () => (await fetch(`http://127.0.0.1:${port}/riftlab/healthz`)).ok);
  return proxy;
}

async function startProgram(
  port: number,
  configuration: string,
  start: (folder: string, file: string) => ChildProcess,
): Promise<ReverseProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'riftlab-test-proxy-'));
  const file = join(folder, 'configuration.yml');
  await writeFile(file, configuration);
  const child = start(folder, file);
  const gone = new Promise((resolve) => child.on('exit', resolve));
  await waitUntil(() => isListening(port));
  return {
    async close() {
      child.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
