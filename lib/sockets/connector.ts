import { once } from 'node:events';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import tls from 'node:tls';
import { checkTimeout, withDeadline } from '../common/abort';
import { type ConnectOptions, establish } from './connect';
import { checkDevice, checkFamily } from '../common/check';
import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { isAddress } from '../netns/zone';
import { TLS_OPTIONS } from './node-options';
import { socketError } from './inet/socket-error';

/** Where undici wants to be connected to. */
export interface ConnectorTarget {
  hostname: string;
  host?: string | undefined;
  /** 'https:' or 'http:' */
  protocol: string;
  port: string;
  servername?: string | undefined;
  localAddress?: string | null | undefined;
  /** The tunnel of a proxy, to be made secure. */
  httpSocket?: Socket | undefined;
}

/** What undici hands to its connector: it gets the socket, or the error. */
export type ConnectorCallback = (...result: [null, Socket] | [Error, null]) => void;

/** How a connector connects, with the options of `tls.connect` for https. */
export interface ConnectorOptions
  extends
    Omit<tls.ConnectionOptions, 'host' | 'port' | 'path' | 'socket' | 'timeout' | 'lookup'>,
    Pick<ConnectOptions, 'device' | 'localAddress' | 'localPort' | 'family' | 'autoSelectFamily'> {
  /** Milliseconds for connecting, TLS included, from 1; 10 000 by default, as with undici's own. */
  timeout?: number;
  /** Offer HTTP/2 over TLS; undici takes it with its own option `allowH2`, too. */
  allowH2?: boolean;
}

const OPTIONS = optionTable<ConnectorOptions>({
  ...TLS_OPTIONS,
  device: checkDevice,
  localAddress: true,
  localPort: true,
  family: checkFamily,
  autoSelectFamily: trueOrFalse,
  timeout: true,
  allowH2: trueOrFalse,
});

const TIMEOUT = 10_000;
const KEEP_ALIVE_DELAY = 60_000;

/**
 * What undici connects by, through a namespace: `new Agent({ connect: connector(netns) })`, for
 * `fetch(url, { dispatcher })`. Names are resolved there, see {@link connect}. Of a tunnel through a proxy only TLS is
 * made here. The options of `tls.connect` (`ca`, `rejectUnauthorized`, …) are for https.
 *
 * undici is not part of rtnetns. A `dispatcher` has to be of the same major version as the `fetch` that it is given to:
 * `process.versions.undici` is that of node's own.
 *
 * @see `buildConnector` of undici
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { Agent, fetch } from 'undici';
 * await listen(blue, createServer((_, response) => response.end('hello')), { port: 80 });
 * const dispatcher = new Agent({ connect: connector(red) });
 * console.log(await (await fetch('http://10.0.0.2/', { dispatcher })).text()); // hello
 * ```
 */
export function connector(
  netns: Netns,
  options: ConnectorOptions = {},
): (target: ConnectorTarget, callback: ConnectorCallback) => void {
  checkNetns(netns);
  checkOptions(options, OPTIONS, { open: true });
  const { timeout = TIMEOUT } = options;
  checkTimeout(timeout, 'answer');
  return (target, callback) => {
    const { hostname: address, protocol } = target;
    const port = Number(target.port || (protocol === 'https:' ? 443 : 80));
    const expired = () => socketError('connect', constants.errno.ETIMEDOUT, { address, port });
    withDeadline({ timeout }, expired, async (signal) => {
      const socket = target.httpSocket ?? (await plain(netns, { ...target, port }, options, signal));
      return protocol === 'https:' ? secure(socket, target, options, signal) : socket;
    }).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error as Error, null),
    );
  };
}

async function plain(
  netns: Netns,
  { hostname, port, localAddress }: Omit<ConnectorTarget, 'port'> & { port: number },
  options: ConnectorOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const { device, localPort, family, autoSelectFamily } = options;
  const from = localAddress ?? options.localAddress;
  return establish(netns, {
    host: hostname,
    port,
    signal,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY,
    ...(from !== undefined && { localAddress: from }),
    ...(device !== undefined && { device }),
    ...(localPort !== undefined && { localPort }),
    ...(family !== undefined && { family }),
    ...(autoSelectFamily !== undefined && { autoSelectFamily }),
  });
}

async function secure(
  socket: Socket,
  { hostname, servername }: ConnectorTarget,
  { allowH2 = false, ...options }: ConnectorOptions,
  signal: AbortSignal,
): Promise<tls.TLSSocket> {
  const { device, localAddress, localPort, family, autoSelectFamily, timeout, ...tlsOptions } = options;
  const secured = tls.connect({
    ALPNProtocols: allowH2 ? ['http/1.1', 'h2'] : ['http/1.1'],
    ...tlsOptions,
    // an address is no name for SNI, but it is what the certificate is to be for
    servername: servername ?? tlsOptions.servername ?? (isAddress(hostname) ? '' : hostname),
    host: hostname,
    socket,
  });
  try {
    await once(secured, 'secureConnect', { signal });
    return secured;
  } catch (error) {
    secured.destroy();
    socket.destroy();
    throw signal.aborted ? signal.reason : error;
  }
}
