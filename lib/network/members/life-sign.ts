import { SOCK_DGRAM } from '../../addon/socket-constants';
import { randomInt } from 'node:crypto';
import { constants } from 'node:os';
import { ignoringSystem } from '../../common/system-error';
import { unixSocket } from '../../sockets/inet/inet-socket';
import { type Descriptor, native, type SocketSpec } from '../../addon/native';
import type { Netns } from '../../netns/netns';
import { abstractSockaddr } from '../../sockets/inet/sockaddr';

// A sign of life: a Unix socket with an abstract name, which belongs to the network namespace, and goes with its process
// however that ends. So what was begun under its name can be told from what was abandoned.

const { ECONNREFUSED } = constants.errno;

/** Connecting to one only tells whether it is there. */
const datagrams: SocketSpec = { ...unixSocket, type: SOCK_DGRAM };

export interface Sign extends Disposable {
  /** An odd number. */
  readonly id: number;
}

export async function giveSign(netns: Netns): Promise<Sign> {
  for (;;) {
    const id = 2 * randomInt(2 ** 31) + 1;
    const socket = await bindName(netns, id).catch(ignoringSystem('EADDRINUSE'));
    if (socket !== undefined) return { id, [Symbol.dispose]: () => socket.close() };
  }
}

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
