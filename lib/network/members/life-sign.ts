import { randomInt } from 'node:crypto';
import { findHolder, holdName, isHeld } from '../../sockets/held-name';
import type { Netns } from '../../netns/netns';

// By a life sign a member that a process is attaching can be distinguished from a member that a crashed process left half attached.

export interface LifeSign extends Disposable {
  /** An odd number, which is part of the name that the process holds. */
  readonly id: number;
}

export async function bindLifeSign(netns: Netns): Promise<LifeSign> {
  for (;;) {
    const id = 2 * randomInt(2 ** 31) + 1;
    const socket = await holdName(netns, nameOf(id));
    if (socket !== undefined) return { id, [Symbol.dispose]: () => socket.close() };
  }
}

/** Whether the process lives that bound the life sign of this number. */
export async function isAlive(netns: Netns, id: number): Promise<boolean> {
  return isHeld(netns, nameOf(id));
}

/** In words, for people: who holds the life sign of this number. */
export async function ownerWords(netns: Netns, id: number): Promise<string> {
  const owner = await findHolder(netns, nameOf(id));
  const inode = owner === undefined ? '' : `, inode ${owner.inode}, of user ${owner.uid ?? 'unknown'}`;
  return `the process that holds the Unix socket '@${nameOf(id)}'${inode} (\`ss -xap\` lists it)`;
}

const nameOf = (id: number) => `rtnetns ${id}`;
