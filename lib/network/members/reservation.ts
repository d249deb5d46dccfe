import type { Words } from '../../common/error-text';
import type { Family } from '../../common/check';
import { isSystemError } from '../../common/system-error';
import type { Netns } from '../../netns/netns';
import { type HeldPort, holdPort } from '../../sockets/hold-port';
import { NetworkError } from '../network-error';
import { familiesOf, type PublishedPort } from '../table/published-ports';

// A published port is not to be taken by a program of the host: the packets would never reach it, and nothing would say
// so. So each is bound, by a socket that nothing ever comes to.

/** The ports of a host that one network of one process holds. */
export class Reservations {
  readonly #held = new Map<string, HeldPort[]>();

  constructor(
    private readonly host: Netns,
    private readonly network: string,
  ) {}

  has(port: PublishedPort): boolean {
    return this.#held.has(keyOf(port));
  }

  /** All of them, or none. @returns those that were not held before. */
  async reserve(ports: readonly PublishedPort[], families: readonly Family[]): Promise<PublishedPort[]> {
    const fresh = ports.filter((port) => !this.has(port));
    const results = await Promise.allSettled(fresh.map(async (port) => this.#reserveOne(port, families)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return fresh;
    this.release(fresh.filter((_, i) => results[i]?.status === 'fulfilled'));
    throw failed.reason;
  }

  /** Those that nobody has: another process that has the network may hold them. */
  async reserveAgain(ports: readonly PublishedPort[], families: readonly Family[]): Promise<void> {
    const attempts = ports.map(async (port) => this.reserve([port], families));
    for (const result of await Promise.allSettled(attempts)) {
      const held =
        result.status === 'fulfilled' || (result.reason as { code?: string }).code === 'EADDRINUSE';
      if (!held) throw result.reason;
    }
  }

  release(ports: readonly PublishedPort[]): void {
    for (const port of ports) {
      const key = keyOf(port);
      for (const socket of this.#held.get(key) ?? []) socket.close();
      this.#held.delete(key);
    }
  }

  close(): void {
    for (const sockets of this.#held.values()) for (const socket of sockets) socket.close();
    this.#held.clear();
  }

  async #reserveOne(port: PublishedPort, has: readonly Family[]): Promise<void> {
    const families = familiesOf(port, has);
    // one socket for both where there is no address, so that nobody is between them
    const both = families.length === 2;
    const sockets = (both ? ([6] as const) : families).map(async (family) => this.#bind(port, family, both));
    const results = await Promise.allSettled(sockets);
    const open = results.flatMap((result) => (result.status === 'fulfilled' ? (result.value ?? []) : []));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined && !this.has(port)) {
      this.#held.set(keyOf(port), open);
      return;
    }
    for (const socket of open) socket.close();
    throw failed === undefined ? this.#inUse(port) : failed.reason;
  }

  async #bind(port: PublishedPort, family: Family, both: boolean): Promise<HeldPort | undefined> {
    const { protocol, hostPort, hostAddress: address } = port;
    try {
      return await holdPort(this.host, { protocol, port: hostPort, address, family, both });
    } catch (error) {
      throw isSystemError(error) ? this.#refused(port, error.code, error) : error;
    }
  }

  #inUse(port: PublishedPort): NetworkError {
    return this.#refused(port, 'EADDRINUSE');
  }

  #refused(
    { hostPort, protocol, hostAddress: address }: PublishedPort,
    code: string,
    cause?: Error,
  ): NetworkError {
    const where = address === undefined ? 'of the host' : `of ${address}`;
    const reason = `${protocol} port ${hostPort} ${where} ${WORDS[code] ?? `cannot be reserved (${code})`}`;
    const details = { code, operation: 'publish in', network: this.network, option: 'hostPort', reason };
    return new NetworkError({ ...details, address, port: hostPort, protocol }, { cause });
  }
}

const WORDS: Words = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be used by this user',
  EADDRNOTAVAIL: 'cannot be reserved: the host has no such address',
};

function keyOf({ protocol, hostAddress = '*', hostPort }: PublishedPort): string {
  return `${protocol} ${hostAddress} ${hostPort}`;
}
