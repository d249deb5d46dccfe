import { constants } from 'node:os';
import { SOCK_DGRAM } from '../addon/socket-constants';
import { type Descriptor, native, type SocketSpec } from '../addon/native';
import { ignoring } from '../netlink/error';
import { type UnixSocket, unixSockets } from '../netlink/sock-diag';
import type { Netns } from '../netns/netns';
import { NetnsError, toNetnsError } from '../netns/netns-error';
import { diagRequest } from './diag-request';
import { unixSocket } from './inet/inet-socket';
import { abstractSockaddr } from './inet/sockaddr';

// The abstract name of a Unix socket belongs to a network namespace, and the kernel frees the name when the process that has bound it ends,
// however it ends. So by such a name processes know of each other who is still there.

const LOOKING = 'look for a sign of life in';

const { ECONNREFUSED } = constants.errno;

/** Connecting a datagram socket sends nothing: the kernel only looks whether the name is bound. */
const datagrams: SocketSpec = { ...unixSocket, type: SOCK_DGRAM };

/** Holds a name in a namespace until it is closed. Undefined where somebody else holds it. */
export async function holdName(netns: Netns, name: string): Promise<Descriptor | undefined> {
  const operation = 'give a sign of life in';
  return netns
    .openSocket(operation, { ...datagrams, bind: abstractSockaddr(name) })
    .catch((error: unknown) => {
      throw toNetnsError(error, operation, netns.toString());
    })
    .catch(ignoringTaken);
}

function ignoringTaken(error: unknown): undefined {
  if (!(error instanceof NetnsError && error.code === 'EADDRINUSE')) throw error;
}

/** Whether anybody holds the name who is believed: root, or the user of this process. Any user may bind a name that is free. */
export async function isHeld(netns: Netns, name: string): Promise<boolean> {
  const { socket, errno } = await netns
    .lend(LOOKING, async ({ entry }) => native().openConnection(entry, datagrams, abstractSockaddr(name)))
    .catch((error: unknown) => {
      throw toNetnsError(error, LOOKING, netns.toString());
    });
  socket.close();
  if (errno === ECONNREFUSED) return false;
  const holder = await findHolder(netns, name);
  return holder?.uid === undefined || holder.uid === 0 || holder.uid === process.geteuid?.();
}

/** Undefined where nobody holds it, or the kernel lacks the module unix_diag. */
export async function findHolder(netns: Netns, name: string): Promise<UnixSocket | undefined> {
  const sockets = await diagRequest(netns, unixSockets({ operation: LOOKING })).catch(ignoring('ENOENT'));
  return sockets?.find((socket) => socket.name === `\0${name}`);
}
