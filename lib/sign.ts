import { randomInt } from 'node:crypto';
import { ignoringSystem } from './catching';
import { isSystemError } from './error';
import { unixSocket } from './inet-socket';
import type { Netns } from './netns';
import { abstractSockaddr } from './sockaddr';

// A sign of life: a Unix socket with an abstract name, which belongs to the network namespace, and goes with its process
// however that ends. So what was begun under its name can be told from what was abandoned.

export interface Sign extends Disposable {
  /** Not 0. */
  readonly id: number;
}

export async function giveSign(netns: Netns): Promise<Sign> {
  for (;;) {
    const id = randomInt(1, 2 ** 32);
    const socket = await bindName(netns, id).catch(ignoringSystem('EADDRINUSE'));
    if (socket !== undefined) return { id, [Symbol.dispose]: () => socket.close() };
  }
}

export async function isAlive(netns: Netns, id: number): Promise<boolean> {
  try {
    (await bindName(netns, id)).close();
    return false;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EADDRINUSE') return true;
    throw error;
  }
}

async function bindName(netns: Netns, id: number) {
  return netns.openSocket('give a sign of life in', {
    ...unixSocket,
    bind: abstractSockaddr(`rtnetns ${id}`),
  });
}
