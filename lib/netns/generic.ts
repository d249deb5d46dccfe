import { constants } from 'node:os';
import { withCallers } from '../common/stack';
import { Connection } from '../netlink/connection';
import { type Attempt, ignoring, NetlinkError } from '../netlink/error';
import { controller, GENL_ID_CTRL } from '../netlink/genetlink/controller';
import type { GenericRequest } from '../netlink/genetlink/message';
import { setType } from '../netlink/message';
import type { Request } from '../netlink/object';
import { genericSocket } from '../netlink/sockets';
import type { Netns } from './netns';
import { toNetnsError } from './netns-error';

const { EOPNOTSUPP } = constants.errno;

/**
 * @internal Sends a request to a family of generic netlink in this namespace. The question for a family's number goes before each
 * request, because the number changes when the module is loaded again, and the kernel reports that to nobody. The question takes
 * microseconds.
 *
 * @throws {@link NetlinkError} EOPNOTSUPP where the kernel has no such family, or where the family has no such command.
 */
export async function genericRequest<T>(netns: Netns, request: GenericRequest<T>): Promise<T> {
  await findFamily(netns, request);
  return sendToFamily(netns, request);
}

/** @internal The first half of it: gives the request the number of its family. */
export async function findFamily(netns: Netns, request: GenericRequest<unknown>): Promise<void> {
  const { family, command, attempt } = request;
  const { operation, device } = attempt;
  const question = controller.ask('getFamily', { name: family.name }, { operation, device });
  setType(question.bytes, GENL_ID_CTRL);
  const found = await send(netns, question).catch(ignoring('ENOENT'));
  const refuse = (reason: string): never => {
    throw withCallers(new NetlinkError({ ...attempt, errno: EOPNOTSUPP, netns: netns.toString() }, reason));
  };
  if (found?.id === undefined) return refuse(family.missing);
  if (found.operations?.some(({ id }) => id === command) !== true) {
    return refuse(`this kernel's ${family.name} is too old for it`);
  }
  setType(request.bytes, found.id);
}

/** @internal The second half: sends a request that has the number of its family. */
export async function sendToFamily<T>(netns: Netns, request: GenericRequest<T>): Promise<T> {
  return send(netns, request);
}

// An exchange is whole: whatever the kernel answers is taken before the next one begins. So nothing need be kept between two of
// them but the socket.
async function send<T>(netns: Netns, request: Request<T>): Promise<T> {
  const { attempt } = request;
  const connection = new Connection(
    async (bytes) => exchange(netns, attempt, bytes),
    netns.toString(),
    netns.numbers(genericSocket),
  );
  try {
    return await connection.request(request);
  } catch (error) {
    throw withCallers(error);
  }
}

async function exchange(netns: Netns, attempt: Attempt, bytes: Uint8Array) {
  try {
    return await netns.exchange(attempt, genericSocket, bytes);
  } catch (error) {
    throw toNetnsError(error, attempt, netns.toString());
  }
}
