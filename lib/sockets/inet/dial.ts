import { constants } from 'node:os';
import { openUnlessAborted } from '../../common/abort';
import type { Device } from '../../netns/device';
import { type Endpoint, familyOf, toSockaddr } from './endpoint';
import { isSystemError } from '../../common/system-error';
import { deviceSetting, inetSocket, unixSocket } from './inet-socket';
import { type Descriptor, native, type SocketSpec } from '../../addon/native';
import type { Netns } from '../../netns/netns';
import { abstractSockaddr, addressIn, portIn } from './sockaddr';
import { type SocketEnd, socketError } from './socket-error';

const { EINPROGRESS, ECONNREFUSED } = constants.errno;

/** The end in the namespace, where it is not left to the kernel. */
export interface LocalEnd {
  localAddress?: string | undefined;
  localPort?: number | undefined;
  device?: Device | undefined;
}

/** @internal What is asked of the namespace. */
export const operationOf = ({ address }: SocketEnd) => `connect to ${address} in namespace`;

/** One attempt to connect to one address. Aborted, it is rejected, and its socket is closed, at once. */
export async function dial(
  netns: Netns,
  to: Endpoint,
  { localAddress, localPort = 0, device }: LocalEnd,
  signal: AbortSignal,
): Promise<Descriptor> {
  const asked = operationOf(to);
  const family = familyOf(to.address);
  const bound = localAddress !== undefined || localPort !== 0;
  const address = localAddress ?? (family === 4 ? '0.0.0.0' : '::');
  const spec: SocketSpec = {
    ...inetSocket(family, 'stream', {
      ...(bound && { reuseAddr: true, lateLocalPort: localPort === 0 }),
      ...(await deviceSetting(netns, device, asked)),
    }),
    ...(bound && { bind: await toSockaddr(netns, { address, port: localPort }, asked) }),
  };
  const sockaddr = await toSockaddr(netns, to, asked);
  const named = localAddress !== undefined && localPort !== 0 ? { localAddress, localPort } : undefined;
  return attempt(netns, { spec, sockaddr, to, bind: { address, port: localPort }, named }, signal);
}

/** The same to a Unix socket with an abstract name, '\0name'. */
export async function dialUnix(netns: Netns, path: string, signal: AbortSignal): Promise<Descriptor> {
  const sockaddr = abstractSockaddr(path.slice(1));
  return attempt(netns, { spec: unixSocket, sockaddr, to: { address: path } }, signal);
}

interface ConnectAttempt {
  spec: SocketSpec;
  sockaddr: Buffer;
  to: SocketEnd;
  bind?: SocketEnd;
  /** The local end, where the caller has named all of it. */
  named?: { localAddress: string; localPort: number } | undefined;
}

async function attempt(
  netns: Netns,
  { spec, sockaddr, to, bind, named }: ConnectAttempt,
  signal: AbortSignal,
) {
  // the signal's reason, which may be a system error as well, is not refused by the system
  const opening = netns
    .lend(operationOf(to), async ({ entry }) => native().openConnection(entry, spec, sockaddr))
    .catch((error: unknown) => {
      if (!isSystemError(error)) throw error;
      if (error.syscall === 'bind' && bind !== undefined) throw socketError('bind', error.errno, bind);
      throw socketError('connect', error.errno, to);
    });
  const opened = await openUnlessAborted(signal, opening, ({ socket }) => socket.close());
  const { socket, name } = opened;
  const pending = opened.errno === EINPROGRESS;
  const errno = pending ? await concluded(socket, to, signal) : opened.errno;
  if (errno === 0) return socket;
  socket.close();
  // node's error names the local end if the kernel refuses at once, or if both address and port were given
  const onTheSpot = !pending && errno !== ECONNREFUSED && addressIn(name) !== undefined;
  const end = named ?? (onTheSpot ? { localAddress: addressIn(name), localPort: portIn(name) } : undefined);
  const local = end === undefined ? {} : { local: `${end.localAddress}:${end.localPort}` };
  throw Object.assign(socketError('connect', errno, to, local), named);
}

/** The errno of a connection that was under way. Where it is rejected, the socket is closed. */
async function concluded(socket: Descriptor, to: SocketEnd, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const stop = watchConnection(socket, to, (errno) => {
      signal.removeEventListener('abort', abort);
      resolve(errno);
    });
    const abort = (): void => {
      stop();
      socket.close();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's own
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function watchConnection(socket: Descriptor, to: SocketEnd, listener: (errno: number) => void): () => void {
  try {
    return native().watchConnection(socket, listener);
  } catch (error) {
    socket.close();
    throw isSystemError(error) ? socketError('connect', error.errno, to) : error;
  }
}
