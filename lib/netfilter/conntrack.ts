import { checkOptions } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { conntrack, type ConntrackMessage } from '../netlink/nfnetlink/conntrack';
import { defined } from '../common/objects';
import {
  CONNTRACK_FILTER,
  conntrackMatcher,
  type ConntrackQuestion,
  conntrackQuestions,
} from './conntrack-filter';
import { type ConntrackEntry, type ConntrackFilter, toConntrackEntry } from './conntrack-view';
import { netfilterRequest, netfilterRequests } from './requests';

export type {
  ConntrackEntry,
  ConntrackFilter,
  ConntrackProtocol,
  ConntrackStatus,
  ConntrackTuple,
  ConntrackTupleFilter,
} from './conntrack-view';

const NO_CONNTRACK = 'this kernel has no ctnetlink: CONFIG_NF_CT_NETLINK, module nf_conntrack_netlink';

/**
 * The connections that a namespace tracks. The kernel narrows the list where it can, and each connection is compared with
 * the filter again. The kernel tracks connections only where a rule of NAT or `ct` needs it.
 *
 * @throws {@link NetlinkError} EPERM
 * @see conntrack(8), `conntrack -L`; linux/netfilter/nfnetlink_conntrack.h
 * @example
 * ```ts
 * for (const { source, destinationPort, state } of await listConntrack(host, { protocol: 'tcp' })) {
 *   console.log(source, destinationPort, state);
 * }
 * ```
 */
export async function listConntrack(netns: Netns, filter: ConntrackFilter = {}): Promise<ConntrackEntry[]> {
  checkFilter(netns, filter);
  const found = await find(netns, conntrackQuestions(filter), conntrackMatcher(filter), 'list connections');
  return found.map(({ entry }) => entry);
}

/**
 * Makes the kernel forget connections: their next packet passes the rules as that of a new connection. So their NAT ends,
 * which is what to do after a mapping was removed. Each connection is deleted by its addresses, ports and number.
 *
 * @returns how many there were.
 * @see `conntrack -D`
 * @example
 * ```ts
 * const forgotten = await deleteConntrack(host, { protocol: 'tcp', destinationPort: 8080 });
 * console.log(forgotten); // 0
 * ```
 */
export async function deleteConntrack(netns: Netns, filter: ConntrackFilter = {}): Promise<number> {
  checkFilter(netns, filter);
  return deleteMatchingConntrack(netns, conntrackQuestions(filter), conntrackMatcher(filter));
}

/**
 * @internal Makes the kernel forget all connections of a namespace by one request. It costs little where there are none; a list would
 * go through the table of the connections of all namespaces, which takes milliseconds (6.18).
 */
export async function flushConntrack(netns: Netns): Promise<void> {
  const attempt = { operation: 'delete connections', words: { EINVAL: NO_CONNTRACK } };
  await netfilterRequest(netns, conntrack.remove({ family: 0 }, attempt));
}

/** @internal Deletes the connections that `isMeant` chooses, out of those that the questions ask for. */
export async function deleteMatchingConntrack(
  netns: Netns,
  questions: readonly ConntrackQuestion[],
  isMeant: (entry: ConntrackEntry) => boolean,
): Promise<number> {
  const operation = 'delete connections';
  const found = await find(netns, questions, isMeant, operation);
  const removals = found.flatMap(({ message: { family, original, zone, id } }) =>
    // Without addresses, the request would delete all connections.
    original === undefined
      ? []
      : [conntrack.remove({ family, original, ...defined({ zone, id }) }, { operation })],
  );
  const results = await Promise.allSettled(netfilterRequests(netns, { operation }, removals));
  for (const result of results) {
    // one that has ended by itself since
    if (result.status === 'rejected' && (result.reason as { code?: string }).code !== 'ENOENT') {
      throw result.reason;
    }
  }
  return results.filter(({ status }) => status === 'fulfilled').length;
}

function checkFilter(netns: Netns, filter: ConntrackFilter): void {
  checkNetns(netns);
  checkOptions(filter, CONNTRACK_FILTER, { whole: 'filter' });
}

interface Found {
  message: ConntrackMessage;
  entry: ConntrackEntry;
}

async function find(
  netns: Netns,
  questions: readonly ConntrackQuestion[],
  isMeant: (entry: ConntrackEntry) => boolean,
  operation: string,
): Promise<Found[]> {
  const attempt = { operation, words: { EINVAL: NO_CONNTRACK } };
  const dumps = questions.map((question) => conntrack.dump(question, attempt));
  const messages = (await Promise.all(netfilterRequests(netns, attempt, dumps))).flat();
  return messages
    .map((message) => ({ message, entry: toConntrackEntry(message) }))
    .filter(({ entry }) => isMeant(entry));
}
