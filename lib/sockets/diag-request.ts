import { withCallers } from '../common/stack';
import { Connection } from '../netlink/connection';
import type { Request } from '../netlink/object';
import { diagSocket } from '../netlink/sockets';
import type { Netns } from '../netns/netns';
import { toNetnsError } from '../netns/netns-error';

/** @internal A request to the kernel's list of sockets: sock_diag(7). */
export async function diagRequest<T>(netns: Netns, request: Request<T>): Promise<T> {
  const { attempt } = request;
  const exchange = async (bytes: Uint8Array) =>
    netns.exchange(attempt, diagSocket, bytes).catch((error: unknown) => {
      throw toNetnsError(error, attempt, netns.toString());
    });
  try {
    return await new Connection(exchange, netns.toString(), netns.numbers(diagSocket)).request(request);
  } catch (error) {
    throw withCallers(error);
  }
}
