import { BPF_RET_K, programBytes } from './inet/bpf';
import type { Family } from '../common/check';
import { isSystemError } from '../common/system-error';
import { toNetnsError } from '../netns/netns-error';
import { inetSocket } from './inet/inet-socket';
import type { SocketSpec } from '../addon/native';
import type { Netns } from '../netns/netns';
import { sockaddr } from './inet/sockaddr';

/** Which one. */
export interface PortToHold {
  protocol: 'tcp' | 'udp' | 'sctp';
  port: number;
  family: Family;
  /** Of the family, and with `both`, of the other one, too; all of them by default. */
  address?: string | undefined;
  both: boolean;
}

/** It is the holder's until this is called. */
export interface HeldPort {
  close(): void;
}

const SOCK_STREAM = 1;
const IPPROTO_SCTP = 132;
const UNKNOWN_PROTOCOL = ['EPROTONOSUPPORT', 'ESOCKTNOSUPPORT'];

const DROP_ALL = programBytes([[BPF_RET_K, 0, 0, 0]], 'filter');

/**
 * Bound is enough, and what comes by no published way is refused, as where there is nobody. Only with `reuse` connections
 * of before, in TIME_WAIT, are not in the way; then it has to listen, since two sockets with SO_REUSEADDR may share a
 * port as long as neither does, and to drop what it is not to accept.
 */
function specOf({ protocol, family, both }: PortToHold, reuse: boolean): SocketSpec {
  const ipv6Only = family === 6 ? !both : undefined;
  if (protocol === 'udp') return { ...inetSocket(family, 'datagram', { ipv6Only }), filter: DROP_ALL };
  const bound = inetSocket(family, 'stream', { ipv6Only, ...(reuse && { reuseAddr: true }) });
  const spec = reuse ? { ...bound, backlog: 1, filter: DROP_ALL } : bound;
  return protocol === 'sctp' ? { ...spec, type: SOCK_STREAM, protocol: IPPROTO_SCTP } : spec;
}

/**
 * Keeps a port from being used by anybody in a namespace, by a socket that nothing comes to. undefined for a protocol that
 * the kernel does not know: there is no port of it to be used.
 *
 * @throws the system's error: EADDRINUSE, EACCES, EADDRNOTAVAIL.
 */
export async function holdPort(netns: Netns, held: PortToHold): Promise<HeldPort | undefined> {
  const { protocol, port, family, address = family === 4 ? '0.0.0.0' : '::' } = held;
  const bind = sockaddr(family, address, 0, port);
  const operation = `hold ${protocol} port ${port} in`;
  const open = async (reuse: boolean) => netns.openSocket(operation, { ...specOf(held, reuse), bind });
  try {
    return await open(false).catch(async (error: unknown) => {
      if (!isSystemError(error) || error.code !== 'EADDRINUSE' || protocol === 'udp') throw error;
      return open(true);
    });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (protocol === 'sctp' && UNKNOWN_PROTOCOL.includes(error.code)) return undefined;
    throw error.syscall === 'setns' ? toNetnsError(error, operation, netns.toString()) : error;
  }
}
