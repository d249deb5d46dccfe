import cluster from 'node:cluster';
import { once } from 'node:events';
import { Server } from 'node:net';
import { openUnlessAborted } from '../common/abort';
import { checkDevice } from '../common/check';
import type { Device } from '../netns/device';
import { checkHost, checkPort, familyOf, toSockaddr } from './inet/endpoint';
import { isSystemError } from '../common/system-error';
import { handOver } from './inet/hand-over';
import { deviceSetting, inetSocket, unixSocket } from './inet/inet-socket';
import type { Descriptor, SocketSpec } from '../addon/native';
import { checkOptions, isSignal, optionTable, trueOrFalse } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { during } from '../netns/netns-error';
import { shown } from '../common/shown';
import { resolveFirst } from './dns/resolve';
import { abstractSockaddr } from './inet/sockaddr';
import { checkAbstract } from './inet/unix-name';
import { type SocketEnd, socketError } from './inet/socket-error';

/** Where a server listens. */
export interface ListenOptions {
  /** 0 to 65535; 0 by default, which is a free one. */
  port?: number;
  /**
   * An address ('10.0.1.1', 'fe80::1%eth0'), or a name that is resolved in the namespace. By default all of IPv6 and
   * IPv4, '::', or '0.0.0.0' where there is no IPv6.
   */
  host?: string;
  /** Instead of a port: a Unix socket with an abstract name, `'\0name'`. */
  path?: string;
  /** How many connections may wait to be accepted; 511 by default, and at most net.core.somaxconn of the namespace. */
  backlog?: number;
  /** Leave IPv4 out when listening on '::'; false by default. */
  ipv6Only?: boolean;
  /** Share the port with other sockets that also set this (SO_REUSEPORT); false by default. */
  reusePort?: boolean;
  /** Accept only what comes in by this device (SO_BINDTOIFINDEX). */
  device?: Device;
  /** Closes the server, or ends the attempt to listen. */
  signal?: AbortSignal;
}

const OPTIONS = optionTable<ListenOptions>({
  port: true,
  host: true,
  path: true,
  backlog: true,
  ipv6Only: trueOrFalse,
  reusePort: trueOrFalse,
  device: checkDevice,
  signal: isSignal,
});

const OPERATION = 'listen in namespace';

const BACKLOG = 511; // node's own

/**
 * Lets a server listen in a namespace: any `net.Server`, such as one of `http`, `https`, `http2` and `tls`. The server's
 * events, `address()` and `close()` are node's own. For a Unix socket, `address()` returns null.
 *
 * The server keeps the namespace alive. When the namespace's name is deleted, the server works until it is closed, and
 * only then the kernel frees the namespace. The handle may be closed before.
 *
 * @returns the server, when it listens.
 * @throws the error that node's own `listen` emits, with `code`, `errno`, `syscall`, `address`, `port`: EADDRINUSE,
 * EACCES for a privileged port, EADDRNOTAVAIL for an address that the namespace lacks. If the server has a listener for
 * 'error', the error is also emitted. {@link NetnsError} ERR_NETNS_CLOSED for a closed handle; the signal's reason.
 * @see ip(7), listen(2), and `server.listen` of node
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * const server = await listen(blue, createServer((_, response) => response.end('hello')), { port: 80 });
 * await waitForPort(red, '10.0.0.2', 80);
 * server.close();
 * ```
 */
export async function listen<S extends Server>(
  netns: Netns,
  server: S,
  options: ListenOptions = {},
): Promise<S> {
  checkNetns(netns);
  if (!(server instanceof Server)) throw new TypeError(`server: expected a net.Server, got ${shown(server)}`);
  checkOptions(options, OPTIONS);
  const { port = 0, host, path, backlog = BACKLOG, signal } = options;
  checkPort(port);
  if (!Number.isInteger(backlog) || backlog < 1) {
    throw new RangeError(`backlog: expected a positive integer, got ${shown(backlog)}`);
  }
  if (path !== undefined) checkAbstract(path);
  const name = host === undefined ? undefined : checkHost(host);
  // there, node would have the primary process open the descriptor, which is none of its own
  if (cluster.isWorker) throw new Error('listen: not in a worker process of node:cluster');
  if (server.listening) {
    throw Object.assign(new Error('listen: the server is listening already'), {
      code: 'ERR_SERVER_ALREADY_LISTEN',
    });
  }
  signal?.throwIfAborted();

  const opening =
    path === undefined
      ? openTcp(netns, { ...options, port, host: name, backlog })
      : openAt(netns, unixSocket, { address: path, bind: abstractSockaddr(path.slice(1)), backlog });
  let socket: Descriptor;
  try {
    socket = await openUnlessAborted(signal, opening, (late) => late.close());
  } catch (error) {
    if (isSystemError(error) && error.syscall === 'listen' && server.listenerCount('error') > 0) {
      server.emit('error', error);
    }
    throw during(error, OPERATION);
  }
  handOver(socket, (fd) => server.listen({ fd, ...(signal !== undefined && { signal }) }, backlog));
  await once(server, 'listening');
  return server;
}

interface TcpListenOptions extends Omit<ListenOptions, 'host'> {
  port: number;
  host: string | undefined;
  backlog: number;
}

async function openTcp(netns: Netns, options: TcpListenOptions): Promise<Descriptor> {
  const { port, host, backlog, ipv6Only = false, reusePort, device, signal } = options;
  const attempt = async (address: string): Promise<Descriptor> => {
    const spec = inetSocket(familyOf(address), 'stream', {
      reuseAddr: true,
      ipv6Only: familyOf(address) === 6 ? ipv6Only : undefined,
      ...(reusePort === true && { reusePort }),
      ...(await deviceSetting(netns, device, OPERATION)),
    });
    return openAt(netns, spec, {
      address,
      port,
      backlog,
      bind: await toSockaddr(netns, { address, port }, OPERATION),
    });
  };
  if (host !== undefined) return attempt(await resolveFirst(netns, host, signal));
  try {
    return await attempt('::');
  } catch (error) {
    // as node does it: a port in use is in use, anything else may be due to IPv6
    if (!(isSystemError(error) && error.syscall === 'listen') || error.code === 'EADDRINUSE') throw error;
    return attempt('0.0.0.0');
  }
}

interface ListeningEnd extends SocketEnd {
  bind: Buffer;
  backlog: number;
}

async function openAt(
  netns: Netns,
  spec: SocketSpec,
  { address, port, bind, backlog }: ListeningEnd,
): Promise<Descriptor> {
  try {
    return await netns.openSocket(OPERATION, { ...spec, bind, backlog });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw socketError(
      'listen',
      error.errno,
      { address, ...(port !== undefined && { port }) },
      { sentence: true },
    );
  }
}
