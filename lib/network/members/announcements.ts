import type { Netns } from '../../netns/netns';
import { announce } from './announce';
import type { NetworkMember } from './attach';
import type { NetworkContext } from './context';

/** The announcements of members' addresses that one network object has under way. */
export class Announcements {
  readonly #stops = new Map<string, () => void>();
  #closed = false;

  async begin(
    { host, plan: { name: bridge } }: NetworkContext,
    netns: Netns,
    { port, ...device }: NetworkMember,
  ): Promise<void> {
    if (this.#closed) return;
    const where = { host, bridge, netns };
    this.#keep(port, await announce(where, device, () => this.#stops.delete(port)));
  }

  #keep(port: string, stop: () => void): void {
    if (this.#closed) stop();
    else this.#stops.set(port, stop);
  }

  stop(port: string): void {
    this.#stops.get(port)?.();
    this.#stops.delete(port);
  }

  close(): void {
    this.#closed = true;
    for (const port of [...this.#stops.keys()]) this.stop(port);
  }
}
