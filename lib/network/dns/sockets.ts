import net from 'node:net';
import { answerDatagrams } from '../../sockets/answer-datagrams';
import { framed, messagesIn } from '../../sockets/dns/dns-message';
import { listen } from '../../sockets/listen';
import type { Netns } from '../../netns/netns';
import type { Answerer } from './answer';
import { LONGEST_QUERY } from './wire';

/** Where the resolver listens. `device` is the index of the bridge, by which only members' packets come in. */
export interface DnsPlace {
  address: string;
  port: number;
  device: number;
}

/** Bytes. The kernel's default has room for some 270 queries; net.core.rmem_max may allow no more. */
const RECEIVE_BUFFER = 1024 * 1024;
/** How many datagrams may wait for their answers. Further ones are dropped, and their clients ask again. */
const MOST_UNANSWERED = 4096;
const MOST_CONNECTIONS = 128;
/** Milliseconds for a connection to bring its next query. */
const CONNECTION_TIMEOUT = 10_000;

export async function serveUdp(host: Netns, place: DnsPlace, answer: Answerer): Promise<() => void> {
  const limits = { recvBufferSize: RECEIVE_BUFFER, most: MOST_UNANSWERED };
  return answerDatagrams(
    host,
    'serve DNS in namespace',
    { ...place, ...limits },
    async (message, from = '') => answer(message, { tcp: false, from }),
  );
}

export async function serveTcp(
  host: Netns,
  { address, port, device }: DnsPlace,
  answer: Answerer,
): Promise<() => void> {
  const connections = new Set<net.Socket>();
  // A client may close its sending side before it has read the answer.
  const server = net.createServer({ allowHalfOpen: true }, (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    if (connections.size > MOST_CONNECTIONS) dropOldest(connections);
    void serveConnection(connection, answer);
  });
  await listen(host, server, { host: address, port, device });
  return () => {
    server.close();
    for (const connection of connections) connection.destroy();
  };
}

function dropOldest(connections: Set<net.Socket>): void {
  const [oldest] = connections;
  if (oldest === undefined) return;
  oldest.destroy();
  connections.delete(oldest);
}

/** Answers one query after another, so that a client that sends many has to keep them itself until they are read. */
async function serveConnection(connection: net.Socket, answer: Answerer): Promise<void> {
  const { remoteAddress: from = '' } = connection;
  const timer = setTimeout(() => connection.destroy(), CONNECTION_TIMEOUT);
  try {
    for await (const message of messagesIn(connection, LONGEST_QUERY)) {
      const bytes = await answer(message, { tcp: true, from });
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
