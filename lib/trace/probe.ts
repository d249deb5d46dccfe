import { IPPROTO_ICMP, IPPROTO_ICMPV6, SOCK_RAW } from '../addon/socket-constants';
import { randomInt } from 'node:crypto';
import { constants } from 'node:os';
import { DROP_ALL } from '../sockets/inet/bpf';
import type { Family } from '../common/check';
import type { Words } from '../common/error-text';
import { isSystemError } from '../common/system-error';
import { NO_NET_ADMIN } from '../netlink/error';
import { toNetnsError } from '../netns/netns-error';
import { inetSocket } from '../sockets/inet/inet-socket';
import { type Descriptor, native, type SocketSpec } from '../addon/native';
import type { Netns } from '../netns/netns';
import { echoRequest } from '../packets/ping-echo';
import { sockaddr } from '../sockets/inet/sockaddr';
import { socketError } from '../sockets/inet/socket-error';
import type { TracePlan } from './options';

// The packet that a trace sends. A filter drops all answers before the socket receives them: a TCP connection is never
// established, and the kernel answers the server's next SYN-ACK with RST, because the socket is closed by then.

export interface Probe {
  /** The source port, or the identifier of the echo request. */
  id: number;
  /** Sends the packet. @returns the errno of a refusal, or 0. */
  send(): number;
  close(): void;
}

const { EINPROGRESS } = constants.errno;
const IPPROTO: Readonly<Record<Family, number>> = { 4: IPPROTO_ICMP, 6: IPPROTO_ICMPV6 };
const ANY: Readonly<Record<Family, string>> = { 4: '0.0.0.0', 6: '::' };

/** Linux's default of net.ipv4.ip_local_port_range. */
const FREE_PORTS = [32768, 61000] as const;
const ATTEMPTS = 20;

const OPERATION = 'send a packet to trace from namespace';

/** What a refusal of a system call means. */
const WORDS: Readonly<Record<string, Words>> = {
  socket: {
    EPERM:
      'CAP_NET_RAW is missing, which an echo request is sent with: run as root, give the process the capability, ' +
      'or send TCP or UDP to a port',
  },
  // of a TCP socket (6.18)
  setsockopt: { EPERM: NO_NET_ADMIN },
};

export async function openProbe(sender: Netns, plan: TracePlan): Promise<Probe> {
  const { family, to, port = 0, protocol } = plan;
  const target = sockaddr(family, to, 0, port);
  if (protocol === 'icmp') {
    const id = randomInt(1, 0x10000);
    const socket = await open(sender, { ...rawSocket(family), filter: DROP_ALL });
    const echo = echoRequest(family, { id, sequence: 1, data: Buffer.alloc(0) });
    return { id, send: () => native().sendDatagram(socket, echo, target).errno, close: () => socket.close() };
  }
  const { socket, id } = await openBound(sender, plan);
  return {
    id,
    send: () => {
      if (protocol === 'udp') return native().sendDatagram(socket, Buffer.alloc(0), target).errno;
      const errno = native().connectSocket(socket, target);
      return errno === EINPROGRESS ? 0 : errno;
    },
    close: () => socket.close(),
  };
}

function rawSocket(family: Family): SocketSpec {
  return { ...inetSocket(family, 'datagram', {}), type: SOCK_RAW, protocol: IPPROTO[family] };
}

/** Opens a socket and binds it, so that the source port is known before the packet is sent. */
async function openBound(
  sender: Netns,
  { family, protocol, sourcePort }: TracePlan,
): Promise<{ socket: Descriptor; id: number }> {
  const type = protocol === 'udp' ? 'datagram' : 'stream';
  for (let attempt = 1; ; attempt++) {
    const id = sourcePort ?? randomInt(...FREE_PORTS);
    const bind = sockaddr(family, ANY[family], 0, id);
    try {
      const spec = { ...inetSocket(family, type, {}), filter: DROP_ALL, bind };
      return { socket: await open(sender, spec), id };
    } catch (error) {
      if (!isSystemError(error) || error.syscall !== 'bind') throw error;
      const taken = error.code === 'EADDRINUSE' && sourcePort === undefined;
      if (!taken || attempt === ATTEMPTS) {
        throw socketError('bind', error.errno, { address: ANY[family], port: id });
      }
    }
  }
}

async function open(sender: Netns, spec: SocketSpec): Promise<Descriptor> {
  try {
    return await sender.openSocket(OPERATION, spec);
  } catch (error) {
    if (isSystemError(error) && error.syscall === 'bind') throw error;
    throw toNetnsError(
      error,
      OPERATION,
      sender.toString(),
      isSystemError(error) ? WORDS[error.syscall] : undefined,
    );
  }
}
