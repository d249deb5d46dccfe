import type { Words } from '../../common/error-text';
import type { Family } from '../../common/check';
import { isSystemError } from '../../common/system-error';
import type { Netns } from '../../netns/netns';
import { type HeldPort, holdPort } from '../../sockets/hold-port';
import { NetworkError } from '../network-error';
import { familiesOf, type PublishedPort } from '../table/published-ports';

// No program of the host is to bind a published port, because packets for the port would never reach that program, and
// the program would get no error. So each published port is bound to a socket that receives nothing.

/** The ports of a host that one network object holds. */
export class HeldPorts {
  readonly #held = new Map<string, HeldPort[]>();

  constructor(
    private readonly host: Netns,
    private readonly network: string,
  ) {}

  has(port: PublishedPort): boolean {
    return this.#held.has(keyOf(port));
  }

  /** Holds all of the ports, or none. @returns the ports that were not held before. */
  async hold(ports: readonly PublishedPort[], families: readonly Family[]): Promise<PublishedPort[]> {
    const fresh = ports.filter((port) => !this.has(port));
    const results = await Promise.allSettled(fresh.map(async (port) => this.#holdOne(port, families)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return fresh;
    this.release(fresh.filter((_, i) => results[i]?.status === 'fulfilled'));
    throw failed.reason;
  }

  /** Holds the ports that are free. Another process with an object of this network may hold the others. */
  async holdFree(ports: readonly PublishedPort[], families: readonly Family[]): Promise<void> {
    const attempts = ports.map(async (port) => this.hold([port], families));
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

  async #holdOne(port: PublishedPort, networkFamilies: readonly Family[]): Promise<void> {
    const families = familiesOf(port, networkFamilies);
    // Without an address, one socket holds the port in both families, so that nobody binds it in one of them meanwhile.
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
    const option = code === 'EADDRNOTAVAIL' ? 'hostAddress' : 'hostPort';
    const details = { code, operation: 'publish in', network: this.network, option, reason };
    return new NetworkError({ ...details, address, port: hostPort, protocol }, { cause });
  }
}

const WORDS: Words = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be used by this user',
  EADDRNOTAVAIL: 'cannot be reserved: the host has no such address',
  EMFILE:
    'cannot be reserved: each published port takes a file descriptor, and this process has reached its limit ' +
    "(RLIMIT_NOFILE: raise it by `ulimit -n`, or systemd's LimitNOFILE=)",
  ENFILE:
    'cannot be reserved: each published port takes a file descriptor, and the machine has reached its limit ' +
    '(raise the sysctl fs.file-max)',
};

function keyOf({ protocol, hostAddress = '*', hostPort }: PublishedPort): string {
  return `${protocol} ${hostAddress} ${hostPort}`;
}
