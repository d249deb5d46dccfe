import { IPPROTO_SCTP, SOCK_STREAM } from '../addon/socket-constants';
import { DROP_ALL } from './inet/bpf';
import type { Family } from '../common/check';
import { isSystemError } from '../common/system-error';
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

/** A port that is held until `close` is called. */
export interface HeldPort {
  close(): void;
}

const UNKNOWN_PROTOCOL = ['EPROTONOSUPPORT', 'ESOCKTNOSUPPORT'];

/**
 * A bound socket that does not listen suffices to hold a port: the kernel answers connections to it with RST. Earlier
 * connections in TIME_WAIT make the bind fail, unless the socket has SO_REUSEADDR (`reuse`). Then the socket has to listen,
 * because two sockets with SO_REUSEADDR may share a port as long as neither listens, and has to drop all packets.
 */
function specOf({ protocol, family, both }: PortToHold, reuse: boolean): SocketSpec {
  const ipv6Only = family === 6 ? !both : undefined;
  if (protocol === 'udp') return { ...inetSocket(family, 'datagram', { ipv6Only }), filter: DROP_ALL };
  const bound = inetSocket(family, 'stream', { ipv6Only, ...(reuse && { reuseAddr: true }) });
  const spec = reuse ? { ...bound, backlog: 1, filter: DROP_ALL } : bound;
  return protocol === 'sctp' ? { ...spec, type: SOCK_STREAM, protocol: IPPROTO_SCTP } : spec;
}

/**
 * Holds a port of a namespace, so that no other program can bind it. Returns undefined for a protocol that the kernel does
 * not know, which has no ports to hold.
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
    const unknown = isSystemError(error) && UNKNOWN_PROTOCOL.includes(error.code);
    if (protocol === 'sctp' && unknown) return undefined;
    throw error;
  }
}
