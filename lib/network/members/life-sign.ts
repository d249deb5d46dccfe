import { SOCK_DGRAM } from '../../addon/socket-constants';
import { randomInt } from 'node:crypto';
import { constants } from 'node:os';
import { ignoring } from '../../netlink/error';
import { type UnixSocket, unixSockets } from '../../netlink/sock-diag';
import { diagRequest } from '../../sockets/diag-request';
import { unixSocket } from '../../sockets/inet/inet-socket';
import { type Descriptor, native, type SocketSpec } from '../../addon/native';
import type { Netns } from '../../netns/netns';
import { NetnsError, toNetnsError } from '../../netns/netns-error';
import { abstractSockaddr } from '../../sockets/inet/sockaddr';

// A life sign is a Unix socket with an abstract name. The name belongs to the network namespace, and the kernel frees the
// name when the process ends, however it ends. So a member that a process is attaching can be distinguished from a member
// that a crashed process left half attached.

const LOOKING = 'look for a sign of life in';

const { ECONNREFUSED } = constants.errno;

/** Connecting a datagram socket sends nothing: the kernel only looks whether the name is bound. */
const datagrams: SocketSpec = { ...unixSocket, type: SOCK_DGRAM };

export interface LifeSign extends Disposable {
  /** An odd number, which is part of the socket's name. */
  readonly id: number;
}

export async function bindLifeSign(netns: Netns): Promise<LifeSign> {
  for (;;) {
    const id = 2 * randomInt(2 ** 31) + 1;
    const socket = await bindName(netns, id).catch(ignoringTaken);
    if (socket !== undefined) return { id, [Symbol.dispose]: () => socket.close() };
  }
}

/**
 * Whether the process lives that bound the life sign of this number. Any user may bind the name when that process is gone,
 * so only root and the user of this process are believed.
 */
export async function isAlive(netns: Netns, id: number): Promise<boolean> {
  const { socket, errno } = await netns
    .lend(LOOKING, async ({ entry }) =>
      native().openConnection(entry, datagrams, abstractSockaddr(nameOf(id))),
    )
    .catch((error: unknown) => {
      throw toNetnsError(error, LOOKING, netns.toString());
    });
  socket.close();
  if (errno === ECONNREFUSED) return false;
  const owner = await findOwner(netns, id);
  return owner?.uid === undefined || owner.uid === 0 || owner.uid === process.geteuid?.();
}

/** In words, for people: who holds the life sign of this number. */
export async function ownerWords(netns: Netns, id: number): Promise<string> {
  const owner = await findOwner(netns, id);
  const inode = owner === undefined ? '' : `, inode ${owner.inode}, of user ${owner.uid ?? 'unknown'}`;
  return `the process that holds the Unix socket '@${nameOf(id)}'${inode} (\`ss -xap\` lists it)`;
}

/** Undefined where nobody holds it, or the kernel lacks the module unix_diag. */
async function findOwner(netns: Netns, id: number): Promise<UnixSocket | undefined> {
  const request = unixSockets({ operation: LOOKING });
  const sockets = await diagRequest(netns, request).catch(ignoring('ENOENT'));
  return sockets?.find(({ name }) => name === `\0${nameOf(id)}`);
}

function ignoringTaken(error: unknown): undefined {
  if (!(error instanceof NetnsError && error.code === 'EADDRINUSE')) throw error;
}

async function bindName(netns: Netns, id: number): Promise<Descriptor> {
  const operation = 'give a sign of life in';
  return netns
    .openSocket(operation, { ...datagrams, bind: abstractSockaddr(nameOf(id)) })
    .catch((error: unknown) => {
      throw toNetnsError(error, operation, netns.toString());
    });
}

const nameOf = (id: number) => `rtnetns ${id}`;
