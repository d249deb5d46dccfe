import net from 'node:net';
import { constants } from 'node:os';
import { addAbortSignal } from 'node:stream';
import { checkTimeout, withDeadline } from '../common/abort';
import { checkDevice, checkFamily, checkTime, type Family } from '../common/check';
import type { Device } from '../netns/device';
import { dial, dialUnix, type LocalEnd, operationOf } from './inet/dial';
import { checkAddress, checkHost, checkPort, familyOf } from './inet/endpoint';
import { handOver } from './inet/hand-over';
import type { Descriptor } from '../addon/native';
import { checkOptions, isSignal, optionTable, trueOrFalse } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import { checkRuntime } from '../netns/check-runtime';
import type { Netns } from '../netns/netns';
import { during } from '../netns/netns-error';
import { shown } from '../common/shown';
import { isAddress } from '../netns/zone';
import { race } from './inet/race';
import { resolve } from './dns/resolve';
import { socketError } from './inet/socket-error';
import { checkAbstract } from './inet/unix-name';

/** Where to connect to, and from where: a port or a path has to be given. */
export interface ConnectOptions {
  /** 1 to 65535. */
  port?: number;
  /** An address ('10.0.1.1', 'fe80::1%eth0'), or a name that is resolved in the namespace; 'localhost' by default. */
  host?: string;
  /** Instead of a port: a Unix socket with an abstract name, `'\0name'`. */
  path?: string;
  /** Of a name, only its addresses of this family. */
  family?: Family;
  /** The address to connect from. Of a name, only the addresses of its family are tried then. */
  localAddress?: string;
  /** The port to connect from. */
  localPort?: number;
  /** Leave by this device, and no other (SO_BINDTOIFINDEX). */
  device?: Device;
  /** Try all addresses of a name, as RFC 8305 has it; true by default. Otherwise only the first. */
  autoSelectFamily?: boolean;
  /** Milliseconds until the next address is tried beside the one before; 250 by default, at least 10. */
  autoSelectFamilyAttemptTimeout?: number;
  /**
   * Milliseconds, from 1, until the attempt is given up with ETIMEDOUT, name resolution included. By default the kernel's
   * two minutes.
   */
  timeout?: number;
  /** Ends the attempt, or destroys the socket. */
  signal?: AbortSignal;
  /** As with `net.connect`; all false by default. */
  noDelay?: boolean;
  /** Whether the kernel asks an idle connection's other end whether it is there. */
  keepAlive?: boolean;
  /** Whether this end may go on sending when the other has ended. */
  allowHalfOpen?: boolean;
  /** Milliseconds; 0 leaves it as it is. */
  keepAliveInitialDelay?: number;
}

const OPTIONS = optionTable<ConnectOptions>({
  port: true,
  host: true,
  path: true,
  family: checkFamily,
  localAddress: true,
  localPort: true,
  device: checkDevice,
  autoSelectFamily: trueOrFalse,
  autoSelectFamilyAttemptTimeout: true,
  timeout: true,
  signal: isSignal,
  noDelay: trueOrFalse,
  keepAlive: trueOrFalse,
  allowHalfOpen: trueOrFalse,
  keepAliveInitialDelay: (value, path) => checkTime(path, value, 0),
});

const ATTEMPT_DELAY = 250;
const LEAST_DELAY = 10;

/**
 * Connects from inside a namespace, by TCP or to a Unix socket with an abstract name. Names are resolved there, too,
 * see {@link resolve}; of several addresses the first to answer is taken ("Happy Eyeballs"). For TLS, hand the socket
 * to `tls.connect({ socket, servername })`.
 *
 * For a link-local address, 'fe80::2%eth0', node looks for the device in the process's own namespace: `remoteAddress` and
 * the like throw ENXIO, or name another device.
 *
 * The socket keeps the namespace alive, and works until it is closed, even if the namespace's name is deleted and the
 * handle is closed. An attempt that is aborted, or slower than another one, is closed at once.
 *
 * @returns the socket, when it is connected: there is no 'connect' event to come.
 * @throws the error that `net.connect` emits, with `code`, `errno`, `syscall`, `address`, `port`: ECONNREFUSED,
 * EHOSTUNREACH, ENETUNREACH, ETIMEDOUT; where all of several addresses failed, an AggregateError with the `code` of the
 * first and all of them in `errors`; ENOTFOUND and the like of {@link resolve}. {@link NetnsError} ERR_NETNS_CLOSED for
 * a closed handle; the signal's reason.
 * @see connect(2), ip(7), RFC 8305, and `net.connect` of node
 * @example
 * ```ts
 * import { createServer } from 'node:net';
 * await listen(blue, createServer((socket) => socket.end('hello')), { port: 80 });
 * const socket = await connect(red, { host: '10.0.0.2', port: 80 });
 * for await (const text of socket) console.log(String(text)); // hello
 * ```
 */
export async function connect(netns: Netns, options: ConnectOptions): Promise<net.Socket> {
  checkNetns(netns);
  checkOptions(options, OPTIONS);
  const socket = await establish(netns, options);
  if (options.signal !== undefined) addAbortSignal(options.signal, socket);
  return socket;
}

/** @internal The same; but the signal ends only the attempt. */
export async function establish(netns: Netns, options: ConnectOptions): Promise<net.Socket> {
  checkRuntime(netns, 'connect in namespace', { bun: 'Bun makes no socket of a descriptor' });
  const { timeout, signal } = options;
  const attempt = options.path === undefined ? dialHost(netns, options) : dialPath(netns, options.path);
  checkTimeout(timeout, 'answer');
  const { host = 'localhost', path: address = host, port } = options;
  const expired = () => socketError('connect', constants.errno.ETIMEDOUT, { address, ...(port && { port }) });
  const descriptor = await withDeadline({ timeout, signal }, expired, attempt).catch((error: unknown) => {
    throw during(error, operationOf({ address }));
  });
  return toSocket(descriptor, options);
}

type Dial = (signal: AbortSignal) => Promise<Descriptor>;

function dialPath(netns: Netns, path: string): Dial {
  checkAbstract(path);
  return async (signal) => dialUnix(netns, path, signal);
}

/** @internal What connects to a host, once its options are found to be right. */
export function dialHost(netns: Netns, options: ConnectOptions): Dial {
  const { host: given = 'localhost', port, family, localAddress, localPort, device } = options;
  const { autoSelectFamily = true, autoSelectFamilyAttemptTimeout: delay = ATTEMPT_DELAY } = options;
  const host = checkHost(given);
  checkPort(port, 'port', { least: 1 });
  if (localAddress !== undefined) checkLocal(localAddress, host);
  if (localPort !== undefined) checkPort(localPort, 'localPort');
  if (device !== undefined) checkDevice(device);
  if (!(delay >= LEAST_DELAY)) {
    const rule = `expected milliseconds, at least ${LEAST_DELAY}`;
    throw new RangeError(`autoSelectFamilyAttemptTimeout: ${rule}, got ${shown(delay)}`);
  }
  const end: LocalEnd = { localAddress, localPort, device };
  const wanted =
    family ?? (localAddress === undefined || isAddress(host) ? undefined : familyOf(localAddress));
  return async (signal) => {
    const found = await resolve(netns, host, { signal, ...(wanted !== undefined && { family: wanted }) });
    const addresses = found.map(({ address }) => address);
    return race(
      autoSelectFamily ? addresses : addresses.slice(0, 1),
      async (address, attemptSignal) => dial(netns, { address, port }, end, attemptSignal),
      { delay, signal, discard: (late) => late.close() },
    );
  };
}

function checkLocal(localAddress: string, host: string): void {
  checkAddress(localAddress, 'localAddress');
  if (isAddress(host) && familyOf(host) !== familyOf(localAddress)) {
    const rule = `expected one of IPv${familyOf(host)}, as ${shown(host)} is`;
    throw new RangeError(`localAddress: ${rule}, got ${shown(localAddress)}`);
  }
}

/** What node makes of a connected descriptor. */
function toSocket(descriptor: Descriptor, options: ConnectOptions): net.Socket {
  const { allowHalfOpen = false, noDelay, keepAlive, keepAliveInitialDelay } = options;
  const socket = handOver(
    descriptor,
    (fd) => new net.Socket({ fd, readable: true, writable: true, allowHalfOpen }),
  );
  if (noDelay === true) socket.setNoDelay(true);
  if (keepAlive === true) socket.setKeepAlive(true, keepAliveInitialDelay);
  return socket;
}
