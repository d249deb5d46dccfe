import { IPPROTO_TCP, IPPROTO_UDP } from '../addon/socket-constants';
import { AF, type Family } from '../common/check';
import { type LocalEnd, localEnds } from '../netlink/sock-diag';
import type { Netns } from '../netns/netns';
import { diagRequest } from './diag-request';

// netinet/tcp.h: a socket of UDP that is bound, and not connected, is TCP_CLOSE
const [TCP_CLOSE, TCP_LISTEN] = [7, 10];

const LISTENING = {
  tcp: { protocol: IPPROTO_TCP, states: 1 << TCP_LISTEN },
  udp: { protocol: IPPROTO_UDP, states: 1 << TCP_CLOSE },
} as const;

/** Where something listens in a namespace. */
export async function listListeners(
  netns: Netns,
  protocol: keyof typeof LISTENING,
  family: Family,
): Promise<LocalEnd[]> {
  const query = { family: AF[family], ...LISTENING[protocol] };
  return diagRequest(netns, localEnds(query, { operation: 'list listening sockets' }));
}
