/** HTTPS as pip does it: the proxy of the variables, further certificates, redirects. Only Node's own modules. */
import { existsSync, readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as tls from 'node:tls';
import { SetupError } from './steps.mjs';

const mostRedirects = 5;
const silenceMilliseconds = 60_000;
const advice = 'Set HTTPS_PROXY, PIP_INDEX_URL or PIP_CERT if this network needs them, or bring the files and name them with --from';

const variable = (name) => process.env[name.toLowerCase()] || process.env[name] || undefined;

function proxyFor({ protocol, hostname }) {
  const exempt = (variable('NO_PROXY') ?? '').split(',').map((host) => host.trim().replace(/^\./, ''));
  if (exempt.some((host) => host === '*' || (host !== '' && (hostname === host || hostname.endsWith(`.${host}`))))) return undefined;
  const proxy = process.env.PIP_PROXY || variable(protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || variable('ALL_PROXY');
  return proxy && new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
}

const credentials = ({ username, password }) =>
  username === ''
    ? {}
    : { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` };

/** Certificates that are trusted besides Node's own; NODE_EXTRA_CA_CERTS works by itself. */
function authorities() {
  const file = process.env.PIP_CERT || process.env.REQUESTS_CA_BUNDLE || process.env.SSL_CERT_FILE;
  return file && existsSync(file) ? [...tls.rootCertificates, readFileSync(file, 'utf8')] : undefined;
}

/** A connection to the host through an HTTP proxy. */
function tunnel(proxy, { hostname, port, protocol }) {
  const place = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
  const { authorization } = credentials(proxy);
  const request = http.request({
    host: proxy.hostname,
    port: proxy.port || 80,
    method: 'CONNECT',
    path: place,
    headers: { host: place, ...(authorization && { 'proxy-authorization': authorization }) },
  });
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
  const secure = url.protocol === 'https:';
  const options = { headers: { 'user-agent': 'riftlab-setup', ...credentials(url), ...headers }, ca: authorities() };
  if (proxy) {
    const socket = await tunnel(proxy, url);
    options.agent = false;
    options.createConnection = () => (secure ? tls.connect({ socket, servername: url.hostname, ca: options.ca }) : socket);
  }
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).get(url, options, resolve);
    request.setTimeout(silenceMilliseconds, () => request.destroy(new Error(`no answer for ${silenceMilliseconds / 1000} s`)));
    request.on('error', reject);
  });
}

/**
 * The response to a GET, redirects followed.
 * @param {URL} url
 * @param {Record<string, string>} headers
 * @param {{ accepted?: number[], hint?: string }} options status codes that are no failure, 200 when absent; what to do at others
 * @returns {Promise<import('node:http').IncomingMessage & { address: URL }>} with one of these status codes
 * @throws {SetupError} that names the address without its credentials
 */
export async function get(url, headers = {}, { accepted = [200], hint = advice } = {}) {
  let address = url;
  const shown = `${url.origin}${url.pathname}`;
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const response = await send(address, headers).catch((error) => {
      throw new SetupError(`${shown} cannot be reached: ${error.message || error.code}. ${hint}.`);
    });
    const { statusCode = 0, headers: answered } = response;
    if (accepted.includes(statusCode)) return Object.assign(response, { address });
    response.resume();
    if (statusCode < 300 || statusCode >= 400 || !answered.location) throw new SetupError(`${shown} answered ${statusCode}. ${hint}.`);
    address = new URL(answered.location, address);
  }
  throw new SetupError(`${shown} redirects more than ${mostRedirects} times.`);
}
