import { IPPROTO_TCP, IPPROTO_UDP } from '../addon/socket-constants';
import { AF, type Family } from '../common/check';
import { type LocalEnd, localEnds } from '../netlink/sock-diag';
import { Connection } from '../netlink/connection';
import type { Netns } from '../netns/netns';
import { refusedAs } from '../netns/netns-error';
import { diagSocket } from '../netlink/sockets';

// linux/tcp_states.h: a socket of UDP that is bound, and not connected, is TCP_CLOSE
const LISTENING = {
  tcp: { protocol: IPPROTO_TCP, states: 1 << 10 },
  udp: { protocol: IPPROTO_UDP, states: 1 << 7 },
} as const;

/** Where something listens in a namespace. */
export async function listListeners(
  netns: Netns,
  protocol: keyof typeof LISTENING,
  family: Family,
): Promise<LocalEnd[]> {
  const operation = 'list listening sockets';
  const connection = new Connection(
    async (bytes) =>
      netns.exchange(operation, diagSocket, bytes).catch(refusedAs(`${operation} in namespace`, netns)),
    netns.toString(),
  );
  return connection.request(localEnds({ family: AF[family], ...LISTENING[protocol] }, { operation }));
}
