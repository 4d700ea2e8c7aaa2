/** HTTPS as pip does it: the proxy of the variables, further certificates, redirects. Only Node's own modules. */
import { existsSync, readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as tls from 'node:tls';
import { SetupError } from './steps.mjs';

const mostRedirects = 5;
const silenceMilliseconds = 60_000;

const variable = (name) => process.env[name.toLowerCase()] || process.env[name] || undefined;

function proxyFor({ protocol, hostname }) {
  const exempt = (variable('NO_PROXY') ?? '').split(',').map((host) => host.trim().replace(/^\./, ''));
  if (exempt.some((host) => host === '*' || (host !== '' && (hostname === host || hostname.endsWith(`.${host}`))))) return undefined;
  const proxy = process.env.PIP_PROXY || variable(protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || variable('ALL_PROXY');
  return proxy && new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
}

function authorization({ username, password }) {
  if (username === '') return undefined;
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
}

/** Certificates that are trusted besides Node's own; NODE_EXTRA_CA_CERTS works by itself. */
function authorities() {
  const file = process.env.PIP_CERT || process.env.SSL_CERT_FILE;
  return file && existsSync(file) ? [...tls.rootCertificates, readFileSync(file, 'utf8')] : undefined;
}

const withAuthorization = (headers, name, value) => (value === undefined ? headers : { ...headers, [name]: value });

/** A connection to the host through an HTTP proxy. */
function tunnel(proxy, { hostname, port, protocol }) {
  const place = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
  const headers = withAuthorization({ host: place }, 'proxy-authorization', authorization(proxy));
  const request = http.request({ host: proxy.hostname, port: proxy.port || 80, method: 'CONNECT', path: place, headers });
  return new Promise((resolve, reject) => {
    request.on('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) resolve(socket);
      else reject(new Error(`the proxy ${proxy.host} answered ${statusCode}`));
    });
    request.on('error', reject);
    request.end();
  });
}

async function send(url, headers) {
  const proxy = proxyFor(url);
  const isSecure = url.protocol === 'https:';
  const ca = authorities();
  const options = { headers: withAuthorization({ 'user-agent': 'riftlab-setup', ...headers }, 'authorization', authorization(url)), ca };
  if (proxy) {
    const socket = await tunnel(proxy, url);
    options.agent = false;
    options.createConnection = () => (isSecure ? tls.connect({ socket, servername: url.hostname, ca }) : socket);
  }
  return new Promise((resolve, reject) => {
    const request = (isSecure ? https : http).get(url, options, resolve);
    request.setTimeout(silenceMilliseconds, () => request.destroy(new Error(`no answer for ${silenceMilliseconds / 1000} s`)));
    request.on('error', reject);
  });
}

/**
 * The response to a GET, redirects followed.
 * @param {URL} url
 * @param {Record<string, string>} headers
 * @returns {Promise<import('node:http').IncomingMessage & { address: URL }>} with status 200
 * @throws {SetupError} that names the address without its credentials
 */
export async function get(url, headers = {}) {
  let address = url;
  const shown = `${url.origin}${url.pathname}`;
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const response = await send(address, headers).catch((error) => {
      throw new SetupError(
        `${shown} cannot be reached: ${error.message || error.code}. Set HTTPS_PROXY or PIP_INDEX_URL if this network needs them, or bring the wheel with --from.`,
      );
    });
    const { statusCode = 0, headers: answered } = response;
    if (statusCode === 200) return Object.assign(response, { address });
    response.resume();
    if (statusCode < 300 || statusCode >= 400 || !answered.location) throw new SetupError(`${shown} answered ${statusCode}.`);
    address = new URL(answered.location, address);
  }
  throw new SetupError(`${shown} redirects more than ${mostRedirects} times.`);
}
