import { SOCK_DGRAM } from '../../addon/socket-constants';
import { randomInt } from 'node:crypto';
import { constants } from 'node:os';
import { ignoringSystem } from '../../common/system-error';
import { unixSocket } from '../../sockets/inet/inet-socket';
import { type Descriptor, native, type SocketSpec } from '../../addon/native';
import type { Netns } from '../../netns/netns';
import { abstractSockaddr } from '../../sockets/inet/sockaddr';

// A life sign is a Unix socket with an abstract name. The name belongs to the network namespace, and the kernel frees the
// name when the process ends, however it ends. So a member that a process is attaching can be distinguished from a member
// that a crashed process left half attached.

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
    const socket = await bindName(netns, id).catch(ignoringSystem('EADDRINUSE'));
    if (socket !== undefined) return { id, [Symbol.dispose]: () => socket.close() };
  }
}

/** Whether the process lives that bound the life sign of this number. */
export async function isAlive(netns: Netns, id: number): Promise<boolean> {
  const { socket, errno } = await netns.lend('look for a sign of life in', async ({ entry }) =>
    native().openConnection(entry, datagrams, nameOf(id)),
  );
  socket.close();
  return errno !== ECONNREFUSED;
}

async function bindName(netns: Netns, id: number): Promise<Descriptor> {
  return netns.openSocket('give a sign of life in', { ...datagrams, bind: nameOf(id) });
}

const nameOf = (id: number) => abstractSockaddr(`rtnetns ${id}`);
