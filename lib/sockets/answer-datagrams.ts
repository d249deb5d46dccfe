import { type Endpoint, familyOf, toSockaddr } from './inet/endpoint';
import { inetSocket } from './inet/inet-socket';
import { native, type Received } from '../addon/native';
import { watchSocket } from '../netns/event-socket';
import type { Netns } from '../netns/netns';
import { addressIn } from './inet/sockaddr';

export interface DatagramService extends Endpoint {
  /** Index of the device by which alone it is to be reached. */
  device: number;
  /** Bytes. */
  recvBufferSize: number;
  /** How many may be without an answer at a time; what comes then is lost. */
  most: number;
}

/**
 * @internal Answers datagrams by UDP, each to where it came from, until the returned function is called. The addon reads
 * them, so that many at once do not overrun the socket's buffer while JavaScript is busy, and link-local senders are
 * answered, whose device `dgram` would look for in the namespace of the process.
 */
export async function answerDatagrams(
  netns: Netns,
  operation: string,
  { device, recvBufferSize, most, ...place }: DatagramService,
  answer: (message: Buffer, from: string | undefined) => Promise<Buffer | undefined>,
): Promise<() => void> {
  const spec = inetSocket(familyOf(place.address), 'datagram', { device, recvBufferSize });
  const socket = await netns.openSocket(operation, {
    ...spec,
    bind: await toSockaddr(netns, place, operation),
  });
  let open = true;
  let unanswered = 0;
  const reply = async (message: Buffer, from: Buffer): Promise<void> => {
    unanswered++;
    const bytes = await answer(message, addressIn(from));
    unanswered--;
    // where there is no room for it, it is lost
    if (open && bytes !== undefined) native().sendDatagram(socket, bytes, from);
  };
  let stop: () => void;
  const end = () => {
    open = false;
    stop();
    socket.close();
  };
  const take = (received: Received[]) => {
    for (const item of received) {
      if ('bytes' in item) {
        if (unanswered < most) void reply(item.bytes, item.from);
      } else if (item.ended === true) {
        // the kernel refuses what comes from now on, and its sender need not wait
        end();
      }
      // another errno is that of an answer that could not be delivered
    }
  };
  try {
    stop = watchSocket(netns, operation, socket, take);
  } catch (error) {
    socket.close();
    throw error;
  }
  return end;
}
