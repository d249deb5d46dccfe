import net from 'node:net';
import { framed, messagesIn } from './dns-message';
import { familyOf, toSockaddr } from './endpoint';
import { inetSocket } from './inet-socket';
import { listen } from './listen';
import { native, type Received } from './native';
import type { Netns } from './netns';

/** What is to be answered to a message, if anything. It never rejects. */
export type Answerer = (message: Buffer, by: { tcp: boolean }) => Promise<Buffer | undefined>;

/** Bytes, more than which no query has. */
export const LONGEST_QUERY = 4096;

/** Where it listens: `device` is the bridge, by which only members come. */
export interface DnsPlace {
  address: string;
  port: number;
  device: number;
}

/** Bytes; the kernel's default has room for some 270 queries, and net.core.rmem_max may not have for more. */
const RECEIVE_BUFFER = 1024 * 1024;
/** Datagrams that are not answered yet; what comes then is lost, as it may be, and is asked again. */
const MOST_UNANSWERED = 4096;
const MOST_CONNECTIONS = 128;
/** Milliseconds for a connection to bring its next query. */
const CONNECTION_TIMEOUT = 10_000;

export async function serveUdp(host: Netns, place: DnsPlace, answer: Answerer): Promise<() => void> {
  const { address, device } = place;
  const settings = { device, recvBufferSize: RECEIVE_BUFFER };
  const spec = inetSocket(familyOf(address), 'datagram', settings);
  const bind = await toSockaddr(host, place);
  const socket = await host.openSocket('serve DNS in namespace', { ...spec, bind });
  let open = true;
  let unanswered = 0;
  const reply = async (message: Buffer, from: Buffer): Promise<void> => {
    unanswered++;
    const bytes = await answer(message, { tcp: false });
    unanswered--;
    // where there is no room for it, it is lost
    if (open && bytes !== undefined) native().sendDatagram(socket, bytes, from);
  };
  const stop = native().watchSocket(socket, true, (received: Received[]) => {
    for (const item of received) {
      // what it says of errors is of answers that nobody waits for any more
      if ('errno' in item || unanswered >= MOST_UNANSWERED) continue;
      void reply(item.bytes, item.from);
    }
  });
  return () => {
    open = false;
    stop();
    socket.close();
  };
}

export async function serveTcp(
  host: Netns,
  { address, port, device }: DnsPlace,
  answer: Answerer,
): Promise<() => void> {
  const connections = new Set<net.Socket>();
  // a client may have said all that it has to say, and still wait for the answer
  const server = net.createServer({ allowHalfOpen: true }, (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    if (connections.size > MOST_CONNECTIONS) oldestOf(connections)?.destroy();
    void serveConnection(connection, answer);
  });
  await listen(host, server, { host: address, port, device });
  return () => {
    server.close();
    for (const connection of connections) connection.destroy();
  };
}

function oldestOf<T>(set: ReadonlySet<T>): T | undefined {
  const [first] = set;
  return first;
}

/** One query after another, so that what waits for its answers is the client's to keep. */
async function serveConnection(connection: net.Socket, answer: Answerer): Promise<void> {
  const timer = setTimeout(() => connection.destroy(), CONNECTION_TIMEOUT);
  try {
    for await (const message of messagesIn(connection, LONGEST_QUERY)) {
      const bytes = await answer(message, { tcp: true });
      if (bytes === undefined) break;
      await sent(connection, framed(bytes));
      timer.refresh();
    }
  } catch {
    // the client is gone
  } finally {
    clearTimeout(timer);
    connection.destroy();
  }
}

async function sent(connection: net.Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
