import net from 'node:net';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { openUnlessAborted } from '../../common/abort';
import { printable } from '../../common/printable';
import { dial } from '../inet/dial';
import { answers, framed, messagesIn } from './dns-message';
import { type Endpoint, familyOf, toSockaddr } from '../inet/endpoint';
import { watchSocket } from '../../netns/event-socket';
import { toNetnsError } from '../../netns/netns-error';
import { handOver } from '../inet/hand-over';
import { inetSocket } from '../inet/inet-socket';
import { native, type Received } from '../../addon/native';
import type { Netns } from '../../netns/netns';

export const DNS_PORT = 53;

/**
 * Sends one query to a name server, from a socket of its own, so that its port cannot be guessed. Datagrams that do not
 * answer the query are ignored.
 */
export async function exchange(
  netns: Netns,
  server: string,
  query: Buffer,
  { tcp, signal }: { tcp: boolean; signal: AbortSignal },
): Promise<Buffer> {
  return (tcp ? byTcp : byUdp)(netns, { address: server, port: DNS_PORT }, query, signal);
}

async function byUdp(netns: Netns, to: Endpoint, query: Buffer, signal: AbortSignal): Promise<Buffer> {
  const operation = `ask the name server ${to.address} from namespace`;
  const sockaddr = await toSockaddr(netns, to, operation);
  const opening = netns
    .openSocket(operation, inetSocket(familyOf(to.address), 'datagram', {}))
    .catch((error: unknown) => {
      throw toNetnsError(error, operation, netns.toString());
    });
  const socket = await openUnlessAborted(signal, opening, (late) => late.close());
  let stop: (() => void) | undefined;
  let abort: (() => void) | undefined;
  try {
    signal.throwIfAborted();
    return await new Promise<Buffer>((resolve, reject) => {
      const fail = (errno: number) => reject(refusal(to, errno));
      const take = (received: Received[]) => {
        for (const item of received) {
          if ('errno' in item) fail(item.errno);
          else if (answers(query, item.bytes)) resolve(item.bytes);
        }
      };
      abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      // a connected socket receives from this server only, and fails if ICMP reports that the server is not there
      const refused = native().connectSocket(socket, sockaddr);
      if (refused !== 0) {
        fail(refused);
        return;
      }
      stop = watchSocket(netns, operation, socket, take);
      const { errno } = native().sendDatagram(socket, query, null);
      if (errno !== 0) fail(errno);
    });
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
    stop?.();
    socket.close();
  }
}

async function byTcp(netns: Netns, to: Endpoint, query: Buffer, signal: AbortSignal): Promise<Buffer> {
  const descriptor = await dial(netns, to, {}, signal);
  const socket = handOver(descriptor, (fd) => new net.Socket({ fd, readable: true, writable: true, signal }));
  try {
    socket.write(framed(query));
    for await (const message of messagesIn(socket)) {
      if (!answers(query, message)) break;
      return message;
    }
    throw refusal(to, constants.errno.EPROTO);
  } finally {
    socket.destroy();
  }
}

export function refusal({ address, port }: Endpoint, errno: number): Error {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(printable(`${code}: ${address}:${port}`)), {
    code,
    errno: -errno,
    address,
    port,
  });
}
