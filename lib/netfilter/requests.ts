import type { Words } from '../common/error-text';
import { withCallers } from '../common/stack';
import { isSystemError } from '../common/system-error';
import type { Netns } from '../netns/netns';
import { toNetnsError } from '../netns/netns-error';
import { type Batch, type BatchResult, sendBatch } from '../netlink/batch';
import { Connection, type Transact } from '../netlink/connection';
import { type Attempt, NetlinkError, NO_NET_ADMIN } from '../netlink/error';
import type { Request } from '../netlink/object';
import { netfilterSocket } from '../netlink/sockets';

export const NO_NFNETLINK =
  'this kernel has no netlink for netfilter: CONFIG_NETFILTER_NETLINK, module nfnetlink';

// What errors of the socket mean: of its kind, of its membership in a group, of a datagram's size.
const WORDS: Words = {
  EPERM: NO_NET_ADMIN,
  EPROTONOSUPPORT: NO_NFNETLINK,
  EMSGSIZE:
    'the transaction is larger than this user may send at once: part it, or raise net.core.wmem_max of the machine',
};

/** A request of nf_tables or conntrack in this namespace. */
export async function netfilterRequest<T>(netns: Netns, request: Request<T>): Promise<T> {
  return requestOver(connectionIn(netns, request.attempt), request);
}

/** Several, which leave packed; each has its own result. */
export function netfilterRequests<T>(
  netns: Netns,
  attempt: Attempt,
  requests: readonly Request<T>[],
): Promise<T>[] {
  const connection = connectionIn(netns, attempt);
  return requests.map(async (request) => requestOver(connection, request));
}

async function requestOver<T>(connection: Connection, request: Request<T>): Promise<T> {
  try {
    return await connection.request(request);
  } catch (error) {
    throw withCallers(error);
  }
}

/** One transaction of nf_tables in this namespace. */
export async function netfilterBatch(netns: Netns, operation: string, batch: Batch): Promise<BatchResult> {
  const attempt = { operation, words: WORDS };
  const numbers = netns.numbers(netfilterSocket);
  return sendBatch(transactIn(netns, { operation }), netns.toString(), attempt, batch, numbers);
}

// An exchange is whole: whatever the kernel answers is taken before the next one begins, if it can be read. So nothing need
// be kept between two of them but the socket.
function connectionIn(netns: Netns, attempt: Attempt): Connection {
  return new Connection(transactIn(netns, attempt), netns.toString(), netns.numbers(netfilterSocket));
}

function transactIn(netns: Netns, attempt: Attempt): Transact {
  return async (bytes) => {
    try {
      return await netns.exchange(attempt, netfilterSocket, bytes);
    } catch (error) {
      throw toNetfilterError(error, attempt, netns);
    }
  };
}

/** The system's refusal of the socket; anything else is handed back as it is. */
export function toNetfilterError(error: unknown, attempt: Attempt, netns: Netns): unknown {
  if (!isSystemError(error) || WORDS[error.code] === undefined)
    return toNetnsError(error, attempt, netns.toString());
  const details = { ...attempt, errno: error.errno, netns: netns.toString(), words: WORDS };
  return new NetlinkError(details, undefined, { cause: error });
}
